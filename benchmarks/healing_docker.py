"""How long a hung container lasts, and what watching costs: Jikimi's stack beside docker-autoheal's way, on one engine.

    docker compose build
    .venv-dev/bin/python benchmarks/healing.py --docker

Both keep the same twenty small containers, which the engine itself starts again when they end. Jikimi does it from its
compose stack, through its door, each entered with `http` and `stale_after = "5s"`; its own worker is frozen as well.
Autoheal's way is written anew from what its makers say of it: a health check by the engine each 5 s with 3 retries, and
a loop that asks each 5 s who is unhealthy and restarts one after the other, 10 s after TERM. The check is bash alone,
the loop one small process: less than the original. A stopped process still takes connections, since the system does
that for it, so both sides wait for an answer. A container is well when another life of it answers.

The cost is that of dockerd, containerd and the shims with all they start (runc, checks), of the keeper's processes and
of the programs' answers, over a minute of quiet, less the same minute of the same containers that nobody watches: each
the least of a few minutes, since what else the engine does comes on top. The checks of the other services of the stack
are in ours. Linux only; needs root, to deal blows from outside.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

HERE, ROOT = Path(__file__).resolve(), Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT / "services")  # `queue.py` beside this file would hide another
sys.path.append(str(HERE.parent))

import docker
import psutil
from healing import CLOCK, GIVEN_UP_S, QUIET_S, ROUNDS, shown, wait_for

UNITS = 20
WINDOWS = min(ROUNDS, 3)
SOCKET, DAEMON = "/var/run/docker.sock", Path("/var/run/docker.pid")
IMAGE = "python:3.13-slim-trixie"
RUN = f"jikimi-bench-{secrets.token_hex(4)}"  # everything that is made here has a name that begins so
Blows = tuple[list[float], list[float]]
PROGRAM = r"""
import secrets, socket
life = secrets.token_hex(4).encode()
server = socket.create_server(("", 8000))
while True:
    line, _ = server.accept()
    line.settimeout(2)
    try: line.recv(1000); line.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 8\r\n\r\n" + life)
    except OSError: pass
    line.close()
"""
ASKS = r'exec 3<>/dev/tcp/127.0.0.1/8000; printf "GET / HTTP/1.0\r\n\r\n" >&3; read -r said <&3; [[ $said == *200* ]]'
CHECK = {"test": ["CMD", "bash", "-c", ASKS], "interval": 5 * 10**9, "timeout": 2 * 10**9, "retries": 3}
UNIT = '[units.p{number}]\ncontainer = "{name}"\nhttp = "http://{name}:8000/"\nstale_after = "5s"\n'
NETWORK = """
services: {{ supervisor: {{ networks: [programs] }} }}
networks: {{ programs: {{ external: true, name: {name} }} }}
"""
CARD = "승인일자,카드번호,승인번호,가맹점명,승인금액,취소여부\n"
ROW = "2026-11-04,9999-12**-****-3456,{number:08d},스타벅스 강남점,4500,\n"


class Programs:
    """Twenty equal containers on a network of their own."""

    def __init__(self, engine: Any, name: str, check: Mapping[str, object] | None = None) -> None:
        self.engine, self.name, self._check = engine, f"{RUN}-{name}", check
        self.names = [f"{self.name}-p{number}" for number in range(UNITS)]

    def start(self) -> None:
        """Make and start them, and wait until each answers."""
        self.engine.create_network(self.name)
        host = self.engine.create_host_config(network_mode=self.name, restart_policy={"Name": "always"})
        labels = {"autoheal": "true", "of": self.name} if self._check else {}
        for name in self.names:
            more = {"labels": labels, "healthcheck": self._check, "host_config": host}
            self.engine.create_container(IMAGE, ["python", "-c", PROGRAM], name=name, **more)
            self.engine.start(name)
        wait_for(lambda: all(self.answer(name) for name in self.names))

    def answer(self, name: str) -> str:
        """Return the life that answers; empty if none does."""
        found = self.engine.inspect_container(name)["NetworkSettings"]["Networks"][self.name]
        with suppress(OSError), socket.create_connection((found["IPAddress"], 8000), 0.5) as line:
            line.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return line.makefile("rb").read()[-8:].decode()
        return ""

    def blow(self, number: int, what: signal.Signals) -> float:
        """Stop or kill one from outside, and return the seconds until another life of it answers."""
        name = self.names[number]
        was = self.answer(name)
        deal(self.engine, name, what)
        return wait_for(lambda: self.answer(name) not in ("", was), GIVEN_UP_S)


class Stack:
    """Jikimi's compose stack, with ports and a home of its own, and the programs entered as its units."""

    def __init__(self, folder: Path, programs: Programs) -> None:
        self.engine, self.project, self.home = programs.engine, f"{RUN}-stack", folder / "home"
        self._turn = 0
        units = (UNIT.format(number=number, name=name) for number, name in enumerate(programs.names))
        network = folder / "programs.yml"
        network.write_text(NETWORK.format(name=programs.name))
        self.home.mkdir()
        (self.home / "jikimi.toml").write_text("\n".join(units))
        self._environment = os.environ | {
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_FILE": f"docker-compose.yml:monitoring/without-grafana.yml:{network}",
            "JIKIMI_HOME": str(self.home),
            **dict.fromkeys(("JIKIMI_ERP_PORT", "JIKIMI_PROMETHEUS_PORT"), "0"),  # any that is free
        }

    def compose(self, *words: str) -> str:
        """Run `docker compose` and return what it said."""
        command = ["docker", "compose", "--progress", "quiet", *words]
        said = subprocess.run(command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, check=True)
        return said.stdout.decode()

    def start(self) -> None:
        """Bring it up, and wait until all of its units are well."""
        self.compose("up", "-d", "--wait")
        wait_for(lambda: json.loads(self.compose("exec", "-T", "supervisor", "status", "--json"))["verdict"] == "ok")

    def pids(self) -> list[int]:
        """Return the first processes of those that watch."""
        return [state(self.engine, f"{self.project}-{name}-1")["Pid"] for name in ("supervisor", "docker-proxy")]

    def blow(self, what: signal.Signals) -> float:
        """Stop or kill the idle worker, and return the seconds until another life of it says that it is idle."""
        name = f"{self.project}-erp-worker-1"
        life, boot = state(self.engine, name)["StartedAt"], self._beat()["boot_id"]
        deal(self.engine, name, what)

        def is_well() -> bool:
            beat = self._beat()
            is_new = beat.get("boot_id") not in (None, boot) and beat.get("mode") == "idle"
            return is_new and state(self.engine, name)["StartedAt"] > life

        return wait_for(is_well, GIVEN_UP_S)

    def work(self) -> None:
        """Let the worker post a statement: a life that did nothing would make the keeper wait before the next."""
        self._turn += 1
        rows = (ROW.format(number=number) for number in range(50 * self._turn, 50 * self._turn + 50))
        partial, name = self.home / "inbox/card/.work.part", f"work-{self._turn}.csv"
        partial.write_text(CARD + "".join(rows))
        partial.rename(partial.with_name(name))
        wait_for(lambda: any((self.home / "done").rglob(name)) and self._beat().get("mode") == "idle")

    def _beat(self) -> Mapping[str, Any]:
        mount = Path(self.engine.inspect_volume(f"{self.project}_data")["Mountpoint"])
        with suppress(OSError, ValueError):
            return dict(json.loads((mount / "state/beats/erp-worker.json").read_text()))
        return {}


def state(engine: Any, name: str) -> Mapping[str, Any]:
    """Return the engine's word on how a container is: its first process, when its life began."""
    return dict(engine.inspect_container(name)["State"])


def deal(engine: Any, name: str, what: signal.Signals) -> None:
    """Send a signal from outside, past the engine: to all of a container to stop it, to its first process to kill."""
    all_of_it = [int(row[0]) for row in engine.top(name, ps_args="-o pid")["Processes"]]
    for pid in [state(engine, name)["Pid"]] if what == signal.SIGKILL else all_of_it:
        with suppress(ProcessLookupError):
            os.kill(pid, what)


def spent(process: psutil.Process) -> float:
    """Return the processor seconds of a process and of those that it has waited for."""
    return float(sum(process.cpu_times()[:4]))


def engine_processes(engine: Any) -> list[psutil.Process]:
    """Return dockerd, its containerd, and the shims of this run's containers."""
    daemon = psutil.Process(int(DAEMON.read_text()))
    running = list(psutil.process_iter(["name", "cmdline", "ppid"]))
    below = [one for one in running if one.info["name"] == "containerd"]
    below = [one for one in below if one.info["ppid"] == daemon.pid] or below  # its own one, else the machine's
    ids = {item["Id"] for item in engine.containers(filters={"name": RUN})}
    shims = [one for one in running if one.info["name"].startswith("containerd-shim")]
    return [daemon, *below, *(one for one in shims if ids.intersection(one.info["cmdline"] or ()))]


def window(engine: Any, what: str, programs: Programs, keepers: Callable[[], Sequence[int]] = tuple) -> float:
    """Return the processor seconds of the engine, the keeper and the programs over a minute of quiet."""
    CLOCK.wait(15.0)  # past everybody's first look
    trees = [one for pid in keepers() for one in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True))]
    groups = [engine_processes(engine), trees, [psutil.Process(state(engine, name)["Pid"]) for name in programs.names]]
    found = []
    for _ in range(WINDOWS):
        before = [sum(map(spent, group)) for group in groups]
        CLOCK.wait(QUIET_S)
        found.append([sum(map(spent, group)) - was for group, was in zip(groups, before, strict=True)])
        around = os.getloadavg()[0], sum(RUN not in item["Names"][0] for item in engine.containers())
        parts = "engine {:.2f}, keeper {:.2f}, programs {:.2f} CPU-s; load {:.1f}, {} other containers"
        print(f"{what}:", parts.format(*found[-1], *around), file=sys.stderr)
    return min(map(sum, found))


def heal_for_ever(label: str) -> None:
    """Do as autoheal does, to those of its containers that have *label* as well."""
    engine, parent = docker.APIClient(f"unix://{SOCKET}", timeout=60), os.getppid()
    while os.getppid() == parent:
        for container in engine.containers(filters={"health": ["unhealthy"], "label": ["autoheal=true", label]}):
            with suppress(docker.errors.APIError):
                engine.restart(container["Id"], timeout=10)
        CLOCK.wait(5.0)


def blows(deals: Callable[[int, signal.Signals], float], between: Callable[[], None]) -> Blows:
    """Deal hangs and then crashes, each to another unit where there are several; return the seconds of each."""
    seconds = []
    for number in range(2 * ROUNDS):
        between()
        seconds.append(deals(number, signal.SIGSTOP if number < ROUNDS else signal.SIGKILL))
    return seconds[:ROUNDS], seconds[ROUNDS:]


def ours(engine: Any, folder: Path) -> tuple[list[Blows], float, float]:
    """Return what Jikimi's keeper does to its own worker and to the programs, and what it and nobody cost."""
    programs = Programs(engine, "bare")
    programs.start()
    nobody = window(engine, "nobody watches", programs)
    stack = Stack(folder, programs)
    stack.start()
    keeper = window(engine, "Jikimi", programs, stack.pids)
    found = [blows(lambda _, what: stack.blow(what), stack.work), blows(programs.blow, lambda: CLOCK.wait(3.0))]
    stack.compose("stop", "supervisor", "docker-proxy")
    window(engine, "the stack without its keeper", programs)
    return found, keeper - nobody, nobody


def autoheal(engine: Any, nobody: float) -> tuple[Blows, float]:
    """Return what autoheal's way does to the programs, and what it costs."""
    programs = Programs(engine, "checked", CHECK)
    programs.start()
    loop = subprocess.Popen([sys.executable, str(HERE), "loop", f"of={programs.name}"], start_new_session=True)
    try:
        keeper = window(engine, "autoheal's way", programs, lambda: [loop.pid])
        return blows(programs.blow, lambda: CLOCK.wait(3.0)), keeper - nobody
    finally:
        loop.kill()
        loop.wait()


def remove_all(engine: Any) -> None:
    """Remove every container, network and volume whose name begins with this run's."""
    mine = {"name": RUN}
    for container in engine.containers(all=True, filters=mine):
        engine.remove_container(container["Id"], force=True, v=True)
    for network in engine.networks(filters=mine):
        engine.remove_network(network["Id"])
    for volume in engine.volumes(filters=mine)["Volumes"] or []:
        engine.remove_volume(volume["Name"], force=True)


def measure(engine: Any) -> None:
    """Measure one keeper after the other, and print a table and what was aimed at."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            (worker, program), our_cost, nobody = ours(engine, Path(folder))
            remove_all(engine)
            theirs, their_cost = autoheal(engine, nobody)
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            remove_all(engine)
    print("| keeper | hang, s (median / p95) | crash, s (median / p95) | CPU-s a minute | times |")
    print("|---|---|---|---|---|")
    for name, (hangs, crashes), cost in (
        ("Jikimi, its own worker", worker, our_cost),
        (f"Jikimi, {UNITS} containers", program, our_cost),
        (f"autoheal's way, {UNITS} containers", theirs, their_cost),
    ):
        times = f"{median(hangs) / median(program[0]):.1f} as long, {cost / our_cost:.1f} as dear"
        print(f"| {name} | {shown(hangs)} | {shown(crashes)} | {cost:.2f} | {times} |")
        print(name, *(f"{one:.2f}" for one in [*hangs, *crashes]), file=sys.stderr)
    print("Aimed at: a hang within 10 s at the 95th percentile; the other one 4 times as long and 10 times as dear.")


def main() -> None:
    """Measure, or be the loop."""
    if sys.argv[1:2] == ["loop"]:
        heal_for_ever(sys.argv[2])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    measure(docker.APIClient(f"unix://{SOCKET}", timeout=60))


if __name__ == "__main__":
    main()
