#!/usr/bin/env python3
"""Set up and start Jikimi on a machine that has Python and pip and nothing else.

    python3 start.py            set up, start, and on a new home run the examples in the practice ledger
    python3 start.py test       install the development lock and run exactly what `just check` runs
    python3 start.py COMMAND    any command of jikimi, such as: status, demo, preview FILE, down

Standard library only, and readable by Python 3.8, so that an old Python gets an answer and not a
traceback. It writes only into this folder (.venv, .venv-erp, .cache) and into the home (./home).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent
OLDEST = (3, 11)
WINDOWS = os.name == "nt"
BEGAN = time.time()
Installer = Any  # a Popen of bytes, which Python 3.8 cannot name
KOREAN = any(os.environ.get(name, "").lower().startswith("ko") for name in ("JIKIMI_LANG", "LC_ALL", "LANG"))


def say(korean: str, english: str) -> None:
    """Print one line, at once."""
    print(korean if KOREAN else english, flush=True)  # noqa: T201 - the only way to speak before anything is installed


def too_old() -> int:
    """Name the ways on when this Python is too old."""
    have = ".".join(map(str, sys.version_info[:3]))
    say(
        "Python 3.11 이상이 필요합니다 (지금: {0}).".format(have),
        "Jikimi needs Python 3.11 or newer (this is {0}).".format(have),
    )
    say("  uv로:     uv run --python 3.13 start.py", "  with uv:      uv run --python 3.13 start.py")
    say("  Docker로: docker compose up -d --wait", "  with Docker:  docker compose up -d --wait")
    return 64


def python_of(venv: Path) -> Path:
    """Return the Python of *venv*."""
    return venv / ("Scripts/python.exe" if WINDOWS else "bin/python")


def stamp_of(lock: Path) -> str:
    """Return what names the contents of *lock* for this Python."""
    return hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()


def is_made(venv: Path, lock: Path) -> bool:
    """Return whether *venv* was filled from *lock* by this Python, to its end."""
    stamp = venv / "jikimi-lock"
    return stamp.exists() and stamp.read_text() == stamp_of(lock)


def fill(venv: Path, lock: Path, log: IO[bytes]) -> Installer:
    """Start filling *venv* from *lock*, and return the running process.

    It is made without pip and filled by the outer one: that works where ensurepip is missing and where
    pip is forbidden to touch the system.
    """
    shutil.rmtree(str(venv), ignore_errors=True)
    subprocess.check_call([sys.executable, "-m", "venv", "--without-pip", str(venv)])
    command = [sys.executable, "-m", "pip", "--python", str(python_of(venv)), "install", "--require-hashes"]
    command += ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "-r", str(lock)]
    return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)


def wait_for(jobs: list[tuple[Installer, Path]]) -> list[Path]:
    """Wait for the installers; on a terminal the seconds count up, so that nobody wonders."""
    began = time.monotonic()
    while any(job.poll() is None for job, _ in jobs):
        time.sleep(0.2)
        if sys.stdout.isatty():
            sys.stdout.write("\r  {0:.0f} s ".format(time.monotonic() - began))
            sys.stdout.flush()
    if sys.stdout.isatty():
        sys.stdout.write("\r")
    return [path for job, path in jobs if job.returncode]


def install(wanted: list[tuple[Path, Path]]) -> int:
    """Fill those of *wanted* (venv, lock) that are missing or stale, at the same time. Returns an exit code."""
    missing = [(venv, lock) for venv, lock in wanted if not is_made(venv, lock)]
    if not missing:
        return 0
    names = ", ".join(venv.name for venv, _ in missing)
    say(
        "프로그램을 설치합니다 (이 폴더 안에만): {0}".format(names),
        "installing the programs, inside this folder only: {0}".format(names),
    )
    logs = ROOT / ".cache"
    logs.mkdir(exist_ok=True)
    jobs = []
    for venv, lock in missing:
        path = logs / "install{0}.log".format(venv.name)
        with path.open("wb") as log:
            jobs.append((fill(venv, lock, log), path))
    failed = wait_for(jobs)
    for path in failed:
        tail = path.read_text(errors="replace")[-1500:]
        say(
            "설치하지 못했습니다. 기록: {0}\n{1}".format(path, tail),
            "could not install; the log: {0}\n{1}".format(path, tail),
        )
    if failed:
        say("인터넷 연결을 확인하고 다시 실행하세요.", "check the connection to the internet and run this again.")
        return 2
    for venv, lock in missing:
        site = next(iter(venv.glob("[Ll]ib*/**/site-packages")))
        (site / "jikimi.pth").write_text(str(ROOT / "services") + "\n", encoding="utf-8")
        (venv / "jikimi-lock").write_text(stamp_of(lock))
    return 0


def has_pip() -> bool:
    """Return whether this Python has a pip that can fill another venv (22.3 or newer)."""
    command = [sys.executable, "-m", "pip", "--python", sys.executable, "--version"]
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def hand_over(command: list[str], environment: dict[str, str]) -> int:
    """Run *command* to its end and return its exit code; Ctrl-C is for the command, which stops things in order."""
    child = subprocess.Popen(command, env=environment)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue


def test(venv: Path, arguments: list[str]) -> int:
    """Run `just check` with the development programs first on PATH. Returns its exit code."""
    programs = python_of(venv).parent
    environment = dict(os.environ, PATH=str(programs) + os.pathsep + os.environ.get("PATH", ""))
    os.chdir(str(ROOT))
    return hand_over([str(programs / "just"), "check", *arguments], environment)


def run(venv: Path, arguments: list[str]) -> int:
    """Run a command of jikimi; its home is the one in this folder unless another is named. Returns its exit code."""
    environment = dict(os.environ)
    environment.setdefault("JIKIMI_HOME", str(ROOT / "home"))
    began = ["--began", str(BEGAN)] if arguments[:1] in ([], ["demo"]) else []
    called = ["--called", Path(sys.executable).name + " start.py"]
    command = [str(python_of(venv)), "-m", "jikimi", *called, *began, *(arguments or ["up", "--welcome"])]
    return hand_over(command, environment)


def main() -> int:
    """Set up what is missing, then hand over. Returns the exit code."""
    if sys.version_info < OLDEST:
        return too_old()
    if WINDOWS:
        say(
            "Windows에서는 preview, config, status만 됩니다. 전체는 Docker Desktop에서: docker compose up -d --wait",
            "on Windows only preview, config and status run this way; all of it runs in Docker Desktop: "
            "docker compose up -d --wait",
        )
    if not has_pip():
        say(
            "pip 22.3 이상이 없습니다. 설치: sudo apt install python3-pip",
            "there is no pip 22.3 or newer; to install it: sudo apt install python3-pip",
        )
        return 2
    testing = sys.argv[1:2] == ["test"]
    venv, lock = (".venv-dev", "requirements-dev.txt") if testing else (".venv", "requirements.txt")
    wanted = [(ROOT / venv, ROOT / lock)]
    if not WINDOWS:
        wanted.append((ROOT / ".venv-erp", ROOT / "services" / "tryton" / "requirements.txt"))
    code = install(wanted)
    if code:
        return code
    return test(ROOT / venv, sys.argv[2:]) if testing else run(ROOT / venv, sys.argv[1:])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
