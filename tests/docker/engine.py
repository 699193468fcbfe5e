"""The Docker engine of this machine, and a door before it with containers that may and may not be touched."""

import socket
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from uuid import uuid4

import docker
from docker.errors import DockerException, ImageNotFound

from tests.conftest import Until, missing

DOOR_IMAGE, TARGET_IMAGE = "haproxy:3.0", "debian:trixie-slim"
CONFIG = Path(__file__).parents[2] / "services/docker-proxy/haproxy.cfg"
_SOCKET = "/var/run/docker.sock"
_STARTS_WITHIN_S = 20.0


def needs_engine(*images: str) -> Any:
    """Return a client for the engine of this machine; skip where there is none or an image is not there."""
    try:
        engine = docker.APIClient(f"unix://{_SOCKET}", timeout=60)
    except DockerException:
        missing("a Docker engine")
        raise
    for image in images:
        try:
            engine.inspect_image(image)
        except ImageNotFound:
            engine.close()
            missing(f"the image {image}")
    return engine


@dataclass(frozen=True)
class Answer:
    """An answer from the door's side; `from_engine` says who gave it."""

    status: int
    from_engine: bool


class Door:
    """A door as compose runs it, with a worker on its list, another container of the project, and a foreign one."""

    def __init__(self, engine: Any, folder: Path) -> None:
        self.engine = engine
        self.project = f"jikimi-door-{uuid4().hex[:10]}"
        self.worker, self.redis, self.foreign, self.door = (
            f"{self.project}-{name}" for name in ("erp-worker-1", "redis-1", "foreign", "docker-proxy-1")
        )
        self.port = 0
        self.id = ""
        self._folder = folder

    def open(self, until: Until) -> None:
        """Start everything and wait until the door answers."""
        (self._folder / "names").write_text(f"{self.worker}\n{self.project}-rpa-worker-1\n")
        self._folder.chmod(0o755)
        self.engine.create_network(self.project)
        for name, project in ((self.worker, self.project), (self.redis, self.project), (self.foreign, "")):
            self._run(name, project, TARGET_IMAGE, ["sleep", "infinity"])
        self.id = self.engine.inspect_container(self.worker)["Id"]
        self.run_door(self.door, {"PROJECT": self.project})
        self.port = int(self.engine.port(self.door, 2375)[0]["HostPort"])
        until(self._answers, _STARTS_WITHIN_S)

    def run_door(self, name: str, environment: dict[str, str]) -> None:
        """Start a door the way compose does."""
        self._run(
            name,
            self.project,
            DOOR_IMAGE,
            ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"],
            {"user": "0:0", "environment": environment, "ports": [2375]},
            binds=[
                f"{CONFIG}:/usr/local/etc/haproxy/haproxy.cfg:ro",
                f"{self._folder}:/door:ro",
                f"{_SOCKET}:{_SOCKET}:ro",
            ],
            port_bindings={2375: ("127.0.0.1",)},
            cap_drop=["ALL"],
            read_only=True,
            security_opt=["no-new-privileges:true"],
            mem_limit="64m",
            pids_limit=16,
        )

    def _run(
        self, name: str, project: str, image: str, command: list[str], more: dict[str, Any] | None = None, **host: Any
    ) -> None:
        labels = {"com.docker.compose.project": project} if project else {}
        config = self.engine.create_host_config(network_mode=self.project, **host)
        self.engine.create_container(image, command, name=name, labels=labels, host_config=config, **(more or {}))
        self.engine.start(name)

    def _answers(self) -> bool:
        try:
            return self.ask("GET /_ping").status == 200
        except OSError:
            return False

    def close(self) -> None:
        """Remove everything that bears this run's name."""
        for name in self._names():
            self.engine.remove_container(name, force=True)
        self.engine.remove_network(self.project)
        self.engine.close()

    def _names(self) -> list[str]:
        found = self.engine.containers(all=True, filters={"name": self.project})
        return sorted(item["Names"][0].lstrip("/") for item in found)

    def client(self, version: str = "auto") -> Any:
        """Return the client that our own code uses, through the door."""
        return docker.APIClient(f"tcp://127.0.0.1:{self.port}", version=version, timeout=30)

    def ask(self, call: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Answer:
        """Send "METHOD path" as it is, with this run's names filled in."""
        method, path = call.split(" ", 1)
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, self.fill(path), body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers["Api-Version"] is not None)
        finally:
            connection.close()

    def fill(self, text: str) -> str:
        """Replace "{worker}" and the like by the names of this run, and "{none}" by a filter that nothing passes."""
        none = f'{{"label":["{self.project}-none"]}}'
        return text.format(**vars(self), short=self.id[:12], none=none)

    def send(self, request: str) -> str:
        """Send bytes that no client would send, and return the first line of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as line:
            line.sendall(self.fill(request).encode("latin-1"))
            return line.makefile("r", encoding="latin-1").readline().strip()

    def standing(self) -> object:
        """Return all that a call could have changed."""
        names = (self.worker, self.redis, self.foreign, self.door)
        ours = {"name": self.project}
        return (
            [self._container(name) for name in names],
            self._names(),
            self.engine.volumes(filters=ours)["Volumes"],
            [network["Name"] for network in self.engine.networks(filters=ours)],
            self.engine.images(filters={"reference": f"{self.project}*"}),
        )

    def _container(self, name: str) -> object:
        facts = self.engine.inspect_container(name)
        return (facts["Id"], facts["Name"], facts["State"], facts["HostConfig"], facts["ExecIDs"])

    def is_running(self, name: str) -> bool:
        """Whether the engine itself says so."""
        return bool(self.engine.inspect_container(name)["State"]["Running"])
