"""How long a hang and a crash last, and what watching costs, beside supervisord, circus and monit, in one run.

    uv run --with supervisor --with superlance --with circus python benchmarks/healing.py

Each keeper watches the same twenty programs: small HTTP servers, which also say that they live in the way that this
keeper understands. One of them is stopped (SIGSTOP) or killed; it is well again when another process answers on its
port. The cost is that of the keeper's own processes over a quiet minute. Linux only. `--docker`: `healing_docker.py`.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "services"))

import psutil

from jikimi.clock import SystemClock

UNITS = 20
ROUNDS = int(os.environ.get("ROUNDS", "5"))
QUIET_S = 60.0
GIVEN_UP_S = 90.0
FIRST_PORT = 42100
CLOCK = SystemClock()
SERVICES = str(Path(__file__).resolve().parents[1] / "services")
WORKER = """
import os, socket, sys, threading, time
from http.server import BaseHTTPRequestHandler, HTTPServer
sys.path.insert(0, {services!r})
port, pidfile = int(sys.argv[1]), sys.argv[2]
class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        body = str(os.getpid()).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
class Server(HTTPServer):
    allow_reuse_address = True
open(pidfile, "w").write(str(os.getpid()))
server = Server(("127.0.0.1", port), Answer)
server.timeout = 0.5
from jikimi.probe import Probe
probe = Probe()
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
said = 0.0
while True:
    server.handle_request()
    if time.monotonic() - said >= 1.0:
        said = time.monotonic()
        probe.beat()
        udp.sendto(f"{{os.getpid()}};{{time.time()}}".encode(), ("127.0.0.1", 1664))
"""


@dataclass(frozen=True)
class Place:
    """Where one keeper and its programs live."""

    folder: Path
    worker: Path

    def command(self, number: int) -> list[str]:
        """Return how program *number* is started."""
        return [sys.executable, str(self.worker), str(FIRST_PORT + number), str(self.folder / f"w{number}.pid")]


Keeper = Callable[[Place], contextlib.AbstractContextManager[list[int]]]


@dataclass(frozen=True)
class Figures:
    """Seconds of processor time in a minute of quiet, MB, and the seconds of each blow."""

    cpu_s: float
    pss_mb: float
    crash: list[float]
    hang: list[float]


@contextlib.contextmanager
def jikimi(place: Place) -> Iterator[list[int]]:
    """Ours: units with the probe of three lines, and nothing else."""
    home = place.folder / "home"
    units = "\n".join(
        f'[units.w{number}]\ncommand = {json.dumps(place.command(number))}\nprobe = true\nstale_after = "5s"\n'
        f'starts_within = "60s"\ngrace = "3s"\n'
        for number in range(UNITS)
    )
    home.mkdir()
    (home / "jikimi.toml").write_text(units)
    environment = {**os.environ, "PYTHONPATH": SERVICES}
    command = [sys.executable, "-m", "jikimi", "--home", str(home), "--lang", "en"]
    up = [*command, "up", "--units-only", "--detach"]
    try:
        subprocess.run(up, env=environment, check=True, stdout=subprocess.DEVNULL)
        beat = json.loads((home / "state/beats/supervisor.json").read_text())
        yield [beat["child_pid"]]
    finally:
        subprocess.run([*command, "down"], env=environment, check=False, capture_output=True)


@contextlib.contextmanager
def supervisord(place: Place) -> Iterator[list[int]]:
    """Supervisord with one httpok listener a program, at its shortest tick."""
    programs = "\n".join(
        f"[program:w{number}]\ncommand={' '.join(place.command(number))}\nautorestart=true\n"
        f"[eventlistener:ok{number}]\n"
        f"command={_script('httpok')} -p w{number} -t 10 http://127.0.0.1:{FIRST_PORT + number}/\nevents=TICK_5\n"
        for number in range(UNITS)
    )
    file = place.folder / "supervisord.conf"
    file.write_text(
        f"[supervisord]\nnodaemon=true\nlogfile={place.folder}/s.log\npidfile={place.folder}/s.pid\n"
        f"[unix_http_server]\nfile={place.folder}/s.sock\n"
        "[rpcinterface:supervisor]\n"
        "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
        f"[supervisorctl]\nserverurl=unix://{place.folder}/s.sock\n{programs}"
    )
    with _running([_script("supervisord"), "-c", str(file)]) as pid:
        yield _own(pid, "httpok")


@contextlib.contextmanager
def circus(place: Place) -> Iterator[list[int]]:
    """Circus with its watchdog plugin, tuned from 60 s to 1 s."""
    watchers = "\n".join(
        f"[watcher:w{number}]\ncmd={' '.join(place.command(number))}\ngraceful_timeout=3\n" for number in range(UNITS)
    )
    file = place.folder / "circus.ini"
    file.write_text(
        "[circus]\nendpoint=tcp://127.0.0.1:42055\npubsub_endpoint=tcp://127.0.0.1:42056\ncheck_delay=1\n"
        "[plugin:watchdog]\nuse=circus.plugins.watchdog.WatchDog\nloop_rate=1\nwatchers_regex=^w\\d+$\n"
        f"msg_regex=^(?P<pid>.*);(?P<timestamp>.*)$\nport=1664\nip=127.0.0.1\nmax_count=3\n{watchers}"
    )
    with _running([_script("circusd"), str(file)]) as pid:
        yield _own(pid, "circus.plugin")


@contextlib.contextmanager
def monit(place: Place) -> Iterator[list[int]]:
    """Monit at a cycle of 5 s; Debian ships 120 s."""
    checks = []
    for number in range(UNITS):
        words = " ".join(place.command(number))
        start = place.folder / f"start{number}"
        start.write_text(f"#!/bin/sh\nexec setsid {words} > /dev/null 2>&1 < /dev/null &\n")
        start.chmod(0o755)
        stop = f"/bin/sh -c 'kill -9 $(cat {place.folder}/w{number}.pid)'"
        checks.append(
            f"check process w{number} with pidfile {place.folder}/w{number}.pid\n"
            f'  start program = "{start}"\n  stop program = "{stop}"\n'
            f"  if failed host 127.0.0.1 port {FIRST_PORT + number} protocol http with timeout 2 seconds"
            " for 3 cycles then restart\n"
        )
    file = place.folder / "monitrc"
    file.write_text(
        f"set daemon 5\nset pidfile {place.folder}/m.pid\nset statefile {place.folder}/m.state\n" + "".join(checks)
    )
    file.chmod(0o600)
    with _running([str(shutil.which("monit")), "-I", "-c", str(file)]) as pid:
        yield [pid]
    for number in range(UNITS):
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((place.folder / f"w{number}.pid").read_text()), signal.SIGKILL)


KEEPERS: dict[str, Keeper] = {
    "Jikimi": jikimi,
    "supervisord + superlance (5 s ticks)": supervisord,
    "monit (5 s, 3 cycles)": monit,
    "circus + watchdog (1 s, 3 misses)": circus,
}


def _script(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        raise SystemExit(f"{name} is missing")
    return found


@contextlib.contextmanager
def _running(command: list[str]) -> Iterator[int]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(60)
        process.kill()
        process.wait()


def _own(pid: int, word: str) -> list[int]:
    """Return the keeper and those of its children whose command has *word*: listeners and plugins, not programs."""
    wait_for(all_answer)
    children = psutil.Process(pid).children(recursive=True)
    return [pid, *(child.pid for child in children if word in " ".join(child.cmdline()))]


def answer(number: int) -> int:
    """Return the process that answers for program *number*; 0 if none does."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{FIRST_PORT + number}/", timeout=0.5) as reply:
            return int(reply.read())
    except (OSError, ValueError, urllib.error.URLError):
        return 0


def all_answer() -> bool:
    """Return whether every program answers."""
    return all(answer(number) for number in range(UNITS))


def wait_for(condition: Callable[[], object], seconds: float = 240.0) -> float:
    """Return how long it took until the condition held; infinite if it did not within *seconds*."""
    began = CLOCK.ticks()
    while not condition():
        if CLOCK.ticks() - began > seconds:
            return float("inf")
        CLOCK.wait(0.02)
    return CLOCK.ticks() - began


def blow(number: int, what: signal.Signals) -> float:
    """Stop or kill a program, and return the seconds until another process answers for it."""
    was = answer(number)
    os.kill(was, what)
    seconds = wait_for(lambda: answer(number) not in (0, was), GIVEN_UP_S)
    if seconds == float("inf"):
        os.kill(was, signal.SIGKILL)  # the next one is measured all the same
    return seconds


def cost(pids: list[int]) -> tuple[float, float]:
    """Return processor seconds over a minute of quiet, and the proportional memory in MB."""

    def spent() -> float:
        times = [psutil.Process(pid).cpu_times() for pid in pids]
        return sum(one.user + one.system for one in times)

    before = spent()
    CLOCK.wait(QUIET_S)
    return spent() - before, sum(psutil.Process(pid).memory_full_info().pss for pid in pids) / 1e6


def measure(keeper: Keeper) -> Figures:
    """Return what one keeper costs, and how long each of its crashes and hangs lasted."""
    with tempfile.TemporaryDirectory() as folder:
        worker = Path(folder) / "worker.py"
        worker.write_text(WORKER.format(services=SERVICES))
        with keeper(Place(Path(folder), worker)) as pids:
            wait_for(all_answer)
            CLOCK.wait(10.0)  # past every keeper's first look
            cpu_s, pss_mb = cost(pids)
            crashes, hangs = [], []
            for number in range(ROUNDS):
                crashes.append(blow(number, signal.SIGKILL))
                CLOCK.wait(3.0)
            for number in range(ROUNDS, 2 * ROUNDS):
                hangs.append(blow(number, signal.SIGSTOP))
                CLOCK.wait(3.0)
    return Figures(cpu_s, pss_mb, crashes, hangs)


def shown(seconds: list[float]) -> str:
    """Return the median and the 95th percentile; "inf" is longer than we waited."""
    ordered = sorted(seconds)
    return f"{ordered[len(ordered) // 2]:.2f} / {ordered[-(-19 * len(ordered) // 20) - 1]:.2f}"


def main() -> None:
    """Measure one keeper after the other, and print a table."""
    only = sys.argv[1:]
    if only == ["--docker"]:  # in place of this process, so that Ctrl-C reaches the one that tidies up
        os.execv(sys.executable, [sys.executable, str(Path(__file__).with_name("healing_docker.py"))])  # noqa: S606
    print("| keeper | hang, s (median / p95) | crash, s (median / p95) | CPU-s a minute | PSS, MB |")
    print("|---|---|---|---|---|")
    for name, keeper in KEEPERS.items():
        if only and not any(word in name for word in only):
            continue
        found = measure(keeper)
        times = f"{shown(found.hang)} | {shown(found.crash)}"
        print(f"| {name} | {times} | {found.cpu_s:.2f} | {found.pss_mb:.0f} |", flush=True)


if __name__ == "__main__":
    main()
