#!/usr/bin/env python3
"""Set up and start Jikimi on a machine that has Python and pip and nothing else.

    python3 start.py            set up, start, and on a new home run the examples in the practice ledger
    python3 start.py test       install the development lock and run exactly what `just check` runs
    python3 start.py COMMAND    any command of jikimi, such as: status, demo, preview FILE, down

Standard library only, and readable by Python 3.8, so that an old Python gets an answer and not a
traceback. It writes only into this folder (.venv, .venv-erp, .cache) and into the home (./home).
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
OLDEST = (3, 11)
WINDOWS = os.name == "nt"
KOREAN = any(os.environ.get(name, "").lower().startswith("ko") for name in ("JIKIMI_LANG", "LC_ALL", "LANG"))


def say(korean, english):
    """Print one line, at once."""
    print(korean if KOREAN else english, flush=True)  # noqa: T201 - the only way to speak before anything is installed


def too_old():
    """Name the ways on when this Python is too old."""
    have = ".".join(map(str, sys.version_info[:3]))
    say(
        "Python 3.11 이상이 필요합니다 (지금: {0}).".format(have),
        "Jikimi needs Python 3.11 or newer (this is {0}).".format(have),
    )
    say("  방법 1: uv를 설치한 뒤  uv run --python 3.13 start.py", "  way 1: install uv, then  uv run --python 3.13 start.py")
    say("  방법 2: Docker가 있으면  docker compose up -d --wait", "  way 2: with Docker  docker compose up -d --wait")
    return 64


def python_of(venv):
    """Return the Python of *venv*."""
    return venv / ("Scripts/python.exe" if WINDOWS else "bin/python")


def stamp_of(lock):
    """Return what names the contents of *lock* for this Python."""
    return hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()


def is_made(venv, lock):
    """Return whether *venv* was filled from *lock* by this Python, to its end."""
    stamp = venv / "jikimi-lock"
    return stamp.exists() and stamp.read_text() == stamp_of(lock)


def fill(venv, lock, log):
    """Make *venv* without pip and let the outer pip fill it: that works without ensurepip and where Debian
    forbids pip to touch the system. Returns the running process."""
    shutil.rmtree(str(venv), ignore_errors=True)
    subprocess.check_call([sys.executable, "-m", "venv", "--without-pip", str(venv)])
    command = [sys.executable, "-m", "pip", "--python", str(python_of(venv)), "install", "--require-hashes"]
    command += ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "-r", str(lock)]
    return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)


def wait_for(jobs):
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


def install(wanted):
    """Fill those of *wanted* (venv, lock) that are missing or stale, at the same time. Returns an exit code."""
    missing = [(venv, lock) for venv, lock in wanted if not is_made(venv, lock)]
    if not missing:
        return 0
    names = ", ".join(venv.name for venv, _ in missing)
    say("프로그램을 설치합니다: {0} (이 폴더 안에만)".format(names), "installing the programs: {0} (inside this folder only)".format(names))
    cache = ROOT / ".cache"
    cache.mkdir(exist_ok=True)
    jobs = []
    for venv, lock in missing:
        path = cache / "install{0}.log".format(venv.name)
        with path.open("wb") as log:
            jobs.append((fill(venv, lock, log), path))
    failed = wait_for(jobs)
    for path in failed:
        say("설치하지 못했습니다. 기록: {0}".format(path), "could not install; the log: {0}".format(path))
        say(path.read_text(errors="replace")[-1500:], path.read_text(errors="replace")[-1500:])
    if failed:
        say("인터넷 연결을 확인하고 다시 실행하세요.", "check the connection to the internet and run this again.")
        return 2
    for venv, lock in missing:
        site = next(iter(venv.glob("[Ll]ib*/**/site-packages")))
        (site / "jikimi.pth").write_text(str(ROOT / "services") + "\n", encoding="utf-8")
        (venv / "jikimi-lock").write_text(stamp_of(lock))
    return 0


def has_pip():
    """Return whether this Python has a pip that can fill another venv (22.3 or newer)."""
    command = [sys.executable, "-m", "pip", "--python", sys.executable, "--version"]
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def main():
    """Set up what is missing, then hand over. Returns the exit code."""
    if sys.version_info < OLDEST:
        return too_old()
    if WINDOWS:
        say(
            "Windows에서는 화면·규칙·미리보기 명령만 됩니다. 전체 스택은 Docker Desktop으로: docker compose up -d --wait",
            "on Windows only preview, config and status run this way; for the whole stack use Docker Desktop: "
            "docker compose up -d --wait",
        )
    if not has_pip():
        say("pip가 없습니다. 설치: sudo apt install python3-pip", "there is no pip; install it: sudo apt install python3-pip")
        return 2
    testing = sys.argv[1:2] == ["test"]
    main_lock = ROOT / ("requirements-dev.txt" if testing else "requirements.txt")
    venv = ROOT / (".venv-dev" if testing else ".venv")
    wanted = [(venv, main_lock)]
    if not WINDOWS:
        wanted.append((ROOT / ".venv-erp", ROOT / "services" / "tryton" / "requirements.txt"))
    code = install(wanted)
    if code:
        return code
    if testing:
        environment = dict(os.environ, PATH=str(python_of(venv).parent) + os.pathsep + os.environ.get("PATH", ""))
        return subprocess.call([str(python_of(venv).parent / "just"), "check"] + sys.argv[2:], cwd=str(ROOT), env=environment)
    return subprocess.call([str(python_of(venv)), "-m", "jikimi"] + (sys.argv[1:] or ["up", "--welcome"]))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
