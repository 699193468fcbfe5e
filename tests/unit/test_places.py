"""Where the folders of a home lie and how a password comes in, by file and by environment; it is shown nowhere."""

import json
from pathlib import Path

import pytest
from redis import Redis

from jikimi.broker import connect, with_password
from jikimi.cli import main
from jikimi.cli.context import redis_address
from jikimi.clock import SystemClock
from jikimi.config import load
from jikimi.config.explain import BadFile
from jikimi.config.secret import NoSecret
from jikimi.queue.port import QueueAway
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson
from jikimi.text import Lang

PASSWORD = "h0w-d1d-you/see:this@all?#%"
URL = "redis://supervisor@redis:6379/0"
PLACES = {"state": "JIKIMI_STATE", "keys": "JIKIMI_KEYS", "run": "JIKIMI_RUN"}


@pytest.mark.parametrize(
    ("url", "user", "host", "port", "db"),
    [
        (URL, "supervisor", "redis", 6379, 0),
        ("redis://redis:6380/2", None, "redis", 6380, 2),
        ("redis://supervisor:old@redis:6379/0", "supervisor", "redis", 6379, 0),
        ("rediss://a@[::1]:6379/1", "a", "::1", 6379, 1),
    ],
)
def test_an_address_gets_its_password_and_keeps_all_else(
    url: str, user: str | None, host: str, port: int, db: int
) -> None:
    with Redis.from_url(with_password(url, PASSWORD)) as client:
        found = client.connection_pool.connection_kwargs

    assert found["password"] == PASSWORD
    assert (found.get("username") or None, found["host"], found["port"], found["db"]) == (user, host, port, db)


def test_a_socket_gets_its_password_as_well() -> None:
    with Redis.from_url(with_password("unix://erp-worker@/run/redis.sock?db=3", PASSWORD)) as client:
        found = client.connection_pool.connection_kwargs

    assert (found["username"], found["password"], found["path"], found["db"]) == (
        "erp-worker",
        PASSWORD,
        "/run/redis.sock",
        3,
    )


@pytest.mark.parametrize("url", [URL, "redis://a:b@c:1/0", "unix:///run/redis.sock"])
def test_without_a_password_an_address_stays_as_it_is(url: str) -> None:
    assert with_password(url, "") == url


@pytest.mark.parametrize("folder", PLACES)
def test_a_folder_of_the_home_may_lie_elsewhere(tmp_path: Path, folder: str) -> None:
    home = load(tmp_path / "home", {PLACES[folder]: str(tmp_path / "volume")}).home

    assert home / folder == tmp_path / "volume"
    assert home / f"{folder}/deep/file" == tmp_path / "volume/deep/file"
    others = [name for name in (*PLACES, "inbox", "logs") if name != folder]
    assert [home / f"{name}/file" for name in others] == [tmp_path / "home" / name / "file" for name in others]


def test_a_folder_with_a_longer_name_stays_in_the_home(tmp_path: Path) -> None:
    home = load(tmp_path / "home", {"JIKIMI_STATE": str(tmp_path / "volume")}).home

    assert home / "statements/a" == tmp_path / "home/statements/a"


def test_what_runs_has_its_sockets_and_its_snapshot_where_it_was_told(tmp_path: Path) -> None:
    home = load(tmp_path / "home", {"JIKIMI_RUN": str(tmp_path / "run")}).home

    assert (home.run_dir, home.status_file) == (tmp_path / "run", tmp_path / "run/status.json")


@pytest.mark.parametrize("environ", [{}, {"JIKIMI_STATE": "", "JIKIMI_KEYS": "", "JIKIMI_RUN": ""}])
def test_an_empty_variable_counts_as_none(tmp_path: Path, environ: dict[str, str]) -> None:
    home = load(tmp_path / "home", environ).home

    assert home.elsewhere == {}
    assert home.status_file == tmp_path / "home/state/status.json"
    assert home.run_dir.name.startswith("jikimi-")


def test_the_snapshot_follows_the_state_when_only_that_lies_elsewhere(tmp_path: Path) -> None:
    assert load(tmp_path / "home", {"JIKIMI_STATE": str(tmp_path / "s")}).home.status_file == tmp_path / "s/status.json"


def test_folders_elsewhere_are_made_there_and_no_secret_folder_in_the_home(tmp_path: Path) -> None:
    home = load(tmp_path / "home", {name: str(tmp_path / "v" / folder) for folder, name in PLACES.items()}).home
    (tmp_path / "v").mkdir()

    home.make()

    assert {path.name for path in (tmp_path / "v").iterdir()} >= {"state", "run"}
    assert not {"state", "keys", "redis", "erp"} & {path.name for path in (tmp_path / "home").iterdir()}


def test_a_home_whose_sockets_alone_lie_elsewhere_keeps_its_secrets(tmp_path: Path) -> None:
    home = load(tmp_path / "home", {"JIKIMI_RUN": str(tmp_path / "run")}).home

    home.make()

    assert {"keys", "redis", "erp"} <= {path.name for path in (tmp_path / "home").iterdir()}


def test_every_empty_variable_leaves_the_setting_alone(tmp_path: Path) -> None:
    (tmp_path / "jikimi.toml").write_text('timezone = "UTC"\n[redis]\nurl = "redis://here:1/0"\n')
    names = ("JIKIMI_REDIS_URL", "JIKIMI_TIMEZONE", "JIKIMI_LANG", "JIKIMI_REDIS_PASSWORD", "JIKIMI_ENGINE_URL")

    config = load(tmp_path, dict.fromkeys(names, ""))

    assert (config.settings.redis.url, config.settings.timezone, config.given) == ("redis://here:1/0", "UTC", {})
    assert not [origin for origin in config.origins.values() if origin.startswith("env")]


def test_a_password_beside_its_file_is_refused_and_not_said(tmp_path: Path) -> None:
    environ = {"JIKIMI_REDIS_PASSWORD": PASSWORD, "JIKIMI_REDIS_PASSWORD_FILE": "keys/redis"}

    with pytest.raises(BadFile) as caught:
        load(tmp_path, environ)

    (problem,) = caught.value.problems
    assert "JIKIMI_REDIS_PASSWORD: stands beside JIKIMI_REDIS_PASSWORD_FILE" in str(problem)
    assert PASSWORD not in caught.value.explain(Lang.EN) + caught.value.explain(Lang.KO) + repr(caught.value)


@pytest.mark.parametrize("empty", ["JIKIMI_REDIS_PASSWORD", "JIKIMI_REDIS_PASSWORD_FILE"])
def test_an_empty_one_beside_the_other_is_no_trouble(tmp_path: Path, empty: str) -> None:
    (tmp_path / "file").write_text(PASSWORD + "\n")
    both = {"JIKIMI_REDIS_URL": URL, "JIKIMI_REDIS_PASSWORD": PASSWORD, "JIKIMI_REDIS_PASSWORD_FILE": "file"}

    assert redis_address(load(tmp_path, {**both, empty: ""})) == with_password(URL, PASSWORD)


def test_a_password_that_is_not_there_is_told_by_its_file(tmp_path: Path) -> None:
    config = load(tmp_path, {"JIKIMI_REDIS_URL": URL, "JIKIMI_REDIS_PASSWORD_FILE": "/keys/none"})

    with pytest.raises(NoSecret) as caught:
        redis_address(config)

    assert caught.value.facts["file"] == Path("/keys/none")


def test_an_embedded_server_needs_no_password(tmp_path: Path) -> None:
    assert redis_address(load(tmp_path, {"JIKIMI_REDIS_PASSWORD": PASSWORD})).startswith("unix:///")


def test_nothing_that_is_printed_of_the_settings_has_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIKIMI_REDIS_PASSWORD", PASSWORD)
    monkeypatch.setenv("JIKIMI_REDIS_URL", URL)
    config = load(tmp_path)
    assert config.secret("JIKIMI_REDIS_PASSWORD", "").read() == PASSWORD

    said = [repr(config), str(config), repr(config.secret("JIKIMI_REDIS_PASSWORD", ""))]
    for words in (["config", "show"], ["config", "show", "--json"], ["config", "check"]):
        assert main.run(["--home", str(tmp_path), *words]) == 0
        said += capsys.readouterr()

    assert URL in said[3]
    assert json.loads(said[5])["settings"]["redis.url"] == {"value": URL, "origin": "env JIKIMI_REDIS_URL"}
    assert not [text for text in said if PASSWORD in text or with_password(URL, PASSWORD) in text]


def test_an_error_on_the_way_to_redis_has_no_password(tmp_path: Path) -> None:
    environ = {"JIKIMI_REDIS_URL": f"unix://supervisor@{tmp_path}/none.sock", "JIKIMI_REDIS_PASSWORD": PASSWORD}
    address = redis_address(load(tmp_path, environ))

    with connect(address, retries=0) as redis, pytest.raises(QueueAway) as caught:
        RqQueue(redis, SignedJson([b"k" * 32]), SystemClock()).waiting("erp")

    said = str(caught.value) + repr(caught.value.facts) + repr(redis)
    assert "none.sock" in said
    assert PASSWORD not in said
    assert with_password("redis://a", PASSWORD).split(":")[2] not in said
