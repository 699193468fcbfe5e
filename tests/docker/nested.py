"""An engine of our own, in a network namespace of its own, that a test may end in any way."""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from tests.conftest import Until, missing

_STARTS_WITHIN_S = 60.0
# A place that outlives the engine, for its containers may as well; /run is its own, so that its socket stands where the
# compose file looks for it.
_PLACE = "mount --make-rprivate / && mount --bind {run} /run && echo made && exec sleep infinity"


class NestedEngine:
    """Starts, ends and starts again; what it ran is there again after that, as after a boot."""

    def __init__(self, folder: Path, until: Until) -> None:
        if os.geteuid() != 0 or not shutil.which("dockerd") or not shutil.which("ip"):
            missing("root, dockerd and ip, for an engine that may be ended")
        self.name = f"jk{uuid4().hex[:6]}"
        self._folder, self._until = folder, until
        self._dockerd: subprocess.Popen[bytes] | None = None
        self._place: subprocess.Popen[bytes] | None = None
        self.host = f"unix://{folder}/run/docker.sock"
        for name in ("run", "data"):
            (folder / name).mkdir()
        _run("ip", "netns", "add", self.name)
        _run("ip", "-n", self.name, "link", "set", "lo", "up")

    def start(self, *more: str) -> None:
        """Start it and wait until it answers."""
        self._place = self._place or self._make_place()
        (self._folder / "run/docker.pid").unlink(missing_ok=True)
        command = ["nsenter", "--target", str(self._place.pid), "--mount", "--net", "dockerd"]
        command += ["--host", "unix:///run/docker.sock", "--data-root", str(self._folder / "data")]
        command += ["--exec-root", f"/run/{self.name}", "--pidfile", "/run/docker.pid"]
        command += ["--storage-driver", "overlay2", "--cgroup-parent", self.name, *more]
        with (self._folder / "dockerd.log").open("ab") as log:
            self._dockerd = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self._until(lambda: self.docker("version").returncode == 0, _STARTS_WITHIN_S)

    def _make_place(self) -> "subprocess.Popen[bytes]":
        script = _PLACE.format(run=self._folder / "run")
        command = ["nsenter", f"--net=/run/netns/{self.name}", "unshare", "--mount", "sh", "-c", script]
        place = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
        assert place.stdout is not None
        assert place.stdout.readline() == b"made\n"
        return place

    def _leave_place(self) -> None:
        if self._place is not None:
            self._place.kill()
            self._place.communicate()
            self._place = None

    def docker(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a docker command against it."""
        command = ["docker", "--host", self.host, *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    def load(self, *images: str) -> None:
        """Give it images of this machine's engine."""
        with subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE) as save:
            environment = {**os.environ, "DOCKER_HOST": self.host}  # noqa: TID251 - a command of the user's shell
            subprocess.run(
                ["docker", "load", "-q"], stdin=save.stdout, env=environment, check=True, capture_output=True
            )

    def end(self, number: signal.Signals) -> None:
        """Send the engine a signal and wait until it is gone; its containers may go on."""
        assert self._dockerd is not None
        self._dockerd.send_signal(number)
        self._dockerd.wait(120)

    def cut_power(self) -> None:
        """End everything at once: engine, shims and every process of every container."""
        self.end(signal.SIGKILL)
        self._end_rest()
        self._leave_place()
        shutil.rmtree(self._folder / "run", ignore_errors=True)  # as a boot finds it
        (self._folder / "run").mkdir(exist_ok=True)

    def close(self) -> None:
        """End it and take everything away."""
        self.end(signal.SIGTERM)
        self._end_rest()
        self._leave_place()
        _run("ip", "netns", "del", self.name)

    def _end_rest(self) -> None:
        """Kill what lives in its folder or its control group."""
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (path / "cmdline").read_bytes().decode(errors="replace")
                group = (path / "cgroup").read_text()
                if f"/run/{self.name}/" in command or f"/{self.name}/" in group:
                    os.kill(int(path.name), signal.SIGKILL)


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
