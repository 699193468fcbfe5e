"""A Redis that knows each service's own user, as a stack of containers has it."""

from pathlib import Path

from redis import Redis

from jikimi.broker import answers, connect, with_password
from jikimi.compose.secrets import give_all, secrets_of
from jikimi.embedded.part import Part
from jikimi.embedded.redis_server import redis_server_binary
from jikimi.runtime.port import UnitSpec
from jikimi.supervisor.reception import ALLOWED
from tests.conftest import Until, start


class Users:
    """A server that knows the users of the list, and a client for each of them."""

    def __init__(self, folder: Path, until: Until) -> None:
        give_all(folder / "keys", secrets_of(list(ALLOWED)))
        self._folder, self._clients = folder, list[Redis]()
        command = (
            str(redis_server_binary()),
            "--port",
            "0",
            "--unixsocket",
            str(folder / "redis.sock"),
            "--dir",
            str(folder),
        )
        users = ("--aclfile", str(folder / "keys/redis/users.acl"), "--appendonly", "yes", "--save", "")
        spec = UnitSpec("redis", (*command, *users), folder / "redis.log")
        self._stop = start(Part(spec, lambda _pid: answers(self.address("health", "none"))), until)

    def address(self, user: str, password: str) -> str:
        return with_password(f"unix://{user}@{self._folder / 'redis.sock'}", password)

    def client(self, user: str, password: str = "") -> Redis:
        password = password or (self._folder / "keys" / user / "redis").read_text()
        self._clients.append(connect(self.address(user, password), retries=0))
        return self._clients[-1]

    def close(self) -> None:
        for client in self._clients:
            client.close()
        self._stop()
