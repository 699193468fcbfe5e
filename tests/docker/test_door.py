"""The Docker door lets through what healing needs, by name, and nothing else."""

import json
from collections.abc import Iterator
from contextlib import closing
from threading import Thread
from typing import Any

import pytest
from docker.errors import APIError

from jikimi.clock import SystemClock
from tests.conftest import Until
from tests.docker.engine import DOOR_IMAGE, TARGET_IMAGE, Door, needs_engine

# A line: what it is about, the method, and the paths. Should a door let one in, it finds nothing to harm.
FORBIDDEN_LINES = """
create  POST /containers/create?name={project}-evil /v1.45/containers/create?name={project}-evil
exec    POST /containers/{worker}/exec /exec/{id}/start /containers/{worker}/attach?stream=1&stdin=1&stdout=1
attach  GET /containers/{worker}/attach/ws?stream=1&stdin=1 /exec/{id}/json
archive PUT /containers/{worker}/archive?path=/
change  POST /containers/{worker}/update /containers/{worker}/rename?name={project}-evil
change  POST /containers/{worker}/pause /containers/{worker}/unpause /containers/{worker}/resize?h=1&w=1
change  POST /containers/{worker}/wait /containers/prune?filters={none} /commit?container={worker}&repo={project}-evil
remove  DELETE /containers/{worker} /containers/{worker}?force=1&v=1
read    GET /containers/{worker}/top /containers/{worker}/stats?stream=0 /containers/{worker}/changes
read    GET /containers/{worker}/logs?stdout=1 /containers/{worker}/export /containers/{worker}/archive?path=/
image   GET /images/json /images/haproxy:3.0/json /images/haproxy:3.0/get /distribution/haproxy:3.0/json
image   POST /images/create?fromImage={project}-evil&tag=1 /images/{project}-none/tag?repo={project}-evil
image   POST /images/{project}-evil/push /images/load /images/prune?filters={none} /build/prune?filters={none}
image   POST /build?remote=https://invalid.invalid/x&t={project}-evil
image   DELETE /images/{project}-none
volume  GET /volumes /networks
volume  POST /volumes/create /volumes/prune?filters={none}
network POST /networks/create /networks/prune?filters={none} /networks/{project}/connect /networks/{project}/disconnect
network DELETE /networks/{project}
swarm   GET /secrets /configs /swarm /services /nodes /tasks
swarm   POST /secrets/create /swarm/init /swarm/update /services/create
engine  GET /plugins /info /system/df / /metrics /healthz
engine  POST /auth /session /grpc /plugins/pull?remote=evil
method  PUT /containers/{worker}/restart
method  PATCH /containers/{worker}/restart
method  DELETE /containers/{worker}/restart
method  POST /containers/json /events /_ping /containers/{worker}/json
method  HEAD /containers/json /containers/{worker}/archive?path=/etc/hostname
method  OPTIONS /containers/json
method  TRACE /containers/json
query   GET /_ping?x=1 /version?x=1 /containers/{worker}/json?size=1 /containers/{worker}/json?size=0&size=1
signal  POST /containers/{worker}/kill?signal=SIGHUP /containers/{worker}/kill?signal=1
signal  POST /containers/{worker}/kill?signal=99 /containers/{worker}/kill?signal=sigkill
signal  POST /containers/{worker}/kill?signal=KILL&signal=HUP /containers/{worker}/kill?signal=HUP%26signal=KILL
query   POST /containers/{worker}/kill?t=1 /containers/{worker}/restart?t=1&x=1 /containers/{worker}/restart?
query   POST /containers/{worker}/restart?t=1&signal=SIGHUP /containers/{worker}/restart?signal=SIGKILL
query   POST /containers/{worker}/restart?t=601 /containers/{worker}/restart?t=1000 /containers/{worker}/restart?t=-1
query   POST /containers/{worker}/restart?t= /containers/{worker}/stop?t=9999 /containers/{worker}/stop?x=1
query   POST /containers/{worker}/start?t=1 /containers/{worker}/start?detachKeys=a
id      GET /containers/{id}/json /containers/{short}/json /containers/{worker}/restart
id      POST /containers/{id}/kill /containers/{short}/kill /Containers/{worker}/kill /v1.45/containers/{id}/restart?t=0
other   GET /containers/{foreign}/json /containers/{redis}/json
other   POST /containers/{foreign}/kill /containers/{foreign}/restart?t=0 /containers/{redis}/kill
other   POST /containers/{door}/kill /containers/{door}/restart?t=0 /containers/{worker},{foreign}/kill
anchor  POST /containers/{worker}x/kill /containers/x{worker}/kill /containers//kill /containers/{worker}/kill/
anchor  POST /containers/{worker}/killx /containers/{worker}/kill/x /x/containers/{worker}/kill
path    GET /containers/json/../../info /_ping/../info /containers/{worker}/jsonx /containers/v1.45/json
path    POST /containers/{worker}/../{foreign}/kill /containers/../containers/{worker}/kill
path    POST /containers/%2e%2e/containers/{worker}/kill /containers/{foreign}%2f..%2f{worker}/kill
path    POST /containers/{worker}%2fkill /containers/{worker}%00/kill /containers/{worker}/kill;x=1
path    POST //containers/{worker}/kill /containers//{worker}/kill /containers/{worker};x=1/kill
version POST /v1.45/v1.45/containers/{worker}/kill /v1.23/containers/{worker}/kill /v1.12/containers/{worker}/start
version POST /v1.999/containers/{worker}/kill /v2.45/containers/{worker}/kill /v1.4x/containers/{worker}/kill
version POST /v1/containers/{worker}/kill /1.45/containers/{worker}/kill http://x/containers/{worker}/kill
target  GET http://x/containers/json http://x/info
"""
FORBIDDEN = [
    f"{method} {path}"
    for _, method, *paths in (line.split() for line in FORBIDDEN_LINES.strip().splitlines())
    for path in paths
]
SIGNALS = ["9", "15", "18", "19", *(f"{sig}{name}" for sig in ("", "SIG") for name in ("KILL", "TERM", "STOP", "CONT"))]
UPGRADE = {"Connection": "Upgrade", "Upgrade": "tcp"}
PRIVILEGED = json.dumps({"Image": TARGET_IMAGE, "HostConfig": {"Privileged": True, "Binds": ["/:/host"]}}).encode()
JSON = {"Content-Type": "application/json"}
FORBIDDEN_WITH_MORE = [
    pytest.param("GET /containers/json", UPGRADE, None, id="an upgrade of a list"),
    pytest.param("POST /containers/{worker}/kill", UPGRADE, None, id="an upgrade of an action"),
    pytest.param("GET /_ping", {"Connection": "keep-alive, UPGRADE"}, None, id="a connection that says upgrade"),
    pytest.param("GET /_ping", {"Upgrade": "websocket"}, None, id="a websocket"),
    pytest.param("POST /containers/create?name={project}-evil", JSON, PRIVILEGED, id="a container with all rights"),
    pytest.param("POST /v1.23/containers/{worker}/start", JSON, PRIVILEGED, id="the privileges of an old start"),
    pytest.param("POST /containers/{worker}/start", JSON, PRIVILEGED, id="a start with a body"),
    pytest.param("POST /containers/{worker}/restart?t=0", JSON, b" " * 5000, id="a large body"),
    pytest.param("GET /containers/json", JSON, b"{}", id="a list with a body"),
    pytest.param(
        "POST /containers/{worker}/kill", {"Transfer-Encoding": "chunked"}, b"2\r\n{}\r\n0\r\n\r\n", id="a chunked body"
    ),
    pytest.param("POST /containers/{worker}/exec", JSON, b'{"Cmd":["id"]}', id="a command"),
]
# HAProxy's own parser ends these; no rule sees them.
MALFORMED = [
    "GET /containers/json#/info HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /containers/json /info HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /containers/\x01/json HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT /containers/json HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET containers/json HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /containers/json\r\n\r\n",
    "POST /containers/{worker}/kill HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\nhello",
    "POST /containers/{worker}/kill HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, until: Until) -> Iterator[Door]:
    door = Door(needs_engine(DOOR_IMAGE, TARGET_IMAGE), tmp_path_factory.mktemp("door"))
    try:
        door.open(until)
        yield door
    finally:
        door.close()


@pytest.fixture
def worker(door: Door) -> str:
    """The container on the list, running."""
    door.engine.start(door.worker)
    return door.worker


@pytest.fixture
def api(door: Door) -> Iterator[Any]:
    with closing(door.client()) as api:
        yield api


@pytest.fixture
def heard(api: Any) -> Iterator[list[tuple[str, str]]]:
    """All that a stream of events has brought so far: who, and what."""
    heard: list[tuple[str, str]] = []
    news = api.events(decode=True, filters={"type": "image"})

    def listen() -> None:
        for event in news:
            heard.append((event["Actor"]["Attributes"]["name"], event["Action"]))  # noqa: PERF401 - as each comes

    listener = Thread(target=listen, daemon=True)
    listener.start()
    yield heard
    news.close()
    listener.join(10)
    assert not listener.is_alive()


@pytest.mark.parametrize("call", FORBIDDEN)
def test_what_healing_does_not_need_is_refused_and_changes_nothing(door: Door, worker: str, call: str) -> None:
    before = door.standing()

    answer = door.ask(call)

    assert (answer.status, answer.from_engine) == (403, False)
    assert door.standing() == before


@pytest.mark.parametrize(("call", "headers", "body"), FORBIDDEN_WITH_MORE)
def test_headers_and_bodies_carry_nothing_in(
    door: Door, worker: str, call: str, headers: dict[str, str], body: bytes | None
) -> None:
    before = door.standing()

    answer = door.ask(call, headers, body)

    assert (answer.status, answer.from_engine) == (403, False)
    assert door.standing() == before


@pytest.mark.parametrize("request_", MALFORMED)
def test_what_is_no_request_is_refused_by_the_parser(door: Door, worker: str, request_: str) -> None:
    before = door.standing()

    assert door.send(request_).startswith("HTTP/1.1 400 ")
    assert door.standing() == before


def test_versions_and_pings_pass(door: Door, api: Any) -> None:
    assert api.ping() is True
    assert api.version()["ApiVersion"] == api.api_version
    assert door.ask("HEAD /_ping").status == 200
    with closing(door.client("1.44")) as pinned:
        assert pinned.inspect_container(door.worker)["Name"] == f"/{door.worker}"


@pytest.mark.parametrize(
    "asked", [{}, {"all": True, "filters": {"label": "other"}}, {"filters": {"name": "x"}, "limit": 1, "size": True}]
)
def test_a_list_shows_the_whole_project_and_nothing_else(door: Door, worker: str, api: Any, asked: Any) -> None:
    door.engine.kill(worker)

    names = {item["Names"][0].lstrip("/") for item in api.containers(**asked)}

    assert names == {door.worker, door.redis, door.door}


def test_a_container_on_the_list_is_inspected_restarted_stopped_started_and_killed(
    door: Door, worker: str, api: Any, until: Until
) -> None:
    def started() -> str:
        return str(api.inspect_container(worker)["State"]["StartedAt"])

    first = started()
    api.restart(worker, timeout=1)
    assert started() > first
    api.stop(worker, timeout=0)
    assert not door.is_running(worker)
    api.start(worker)
    assert door.is_running(worker)
    api.kill(worker, signal="SIGKILL")
    until(lambda: not door.is_running(worker), 10)
    assert door.ask("GET /v1.45/containers/{worker}/json?size=0").status == 200


def test_a_call_by_id_is_refused_with_a_reason_that_the_caller_reads(door: Door, worker: str, api: Any) -> None:
    with pytest.raises(APIError, match="refused by the Docker door") as refused:
        api.restart(door.id, timeout=0)

    assert refused.value.status_code == 403


@pytest.mark.parametrize("seconds", [0, 9, 10, 99, 100, 599, 600])
def test_a_stop_may_take_up_to_ten_minutes(door: Door, worker: str, seconds: int) -> None:
    door.engine.stop(worker, timeout=0)

    assert door.ask(f"POST /containers/{{worker}}/stop?t={seconds}") == door.ask("POST /containers/{worker}/stop")
    assert door.ask("POST /containers/{worker}/stop").status == 304


@pytest.mark.parametrize("signal", SIGNALS)
def test_each_signal_of_healing_passes(door: Door, signal: str) -> None:
    door.engine.stop(door.worker, timeout=0)

    answer = door.ask(f"POST /containers/{{worker}}/kill?signal={signal}")

    assert (answer.status, answer.from_engine) == (409, True)  # the engine says that it does not run


def test_events_tell_of_the_project_alone_and_not_of_health_checks(
    door: Door, worker: str, heard: list[tuple[str, str]], until: Until
) -> None:
    door.engine.kill(door.foreign)
    door.engine.start(door.foreign)
    door.engine.exec_start(door.engine.exec_create(worker, ["true"]))
    door.engine.kill(worker)
    until(lambda: (worker, "die") in heard, 10)

    assert set(heard) == {(worker, "kill"), (worker, "die")}


def test_a_long_stop_and_a_quiet_stream_outlast_the_timeout_of_a_client(
    worker: str, api: Any, heard: list[tuple[str, str]], until: Until
) -> None:
    began = SystemClock().ticks()

    api.restart(worker, timeout=6)
    took = SystemClock().ticks() - began

    assert took > 5.9
    until(lambda: (worker, "restart") in heard, 10)
    assert {(worker, "kill"), (worker, "die"), (worker, "restart")} <= set(heard)


def test_a_caller_that_comes_and_goes_leaves_no_place_taken_and_never_waits(door: Door, api: Any) -> None:
    waited = []
    for _ in range(70):  # there are 64 places
        began = SystemClock().ticks()
        news = api.events()
        waited.append(SystemClock().ticks() - began)
        news.close()
        assert door.ask("GET /_ping").status == 200

    assert min(waited) < 0.15  # what the system holds back comes 0.2 s late, each time


def test_the_log_names_refusals_and_actions_only(door: Door, worker: str, until: Until) -> None:
    for call in ("GET /_ping", "GET /containers/{worker}/json", "GET /info?q=canary"):
        door.ask(call, {"X-Registry-Auth": "canary"})
    door.ask("POST /containers/{worker}/kill?signal=CONT")

    def lines() -> list[str]:
        return str(door.engine.logs(door.door), "utf-8").splitlines()

    until(lambda: door.fill("POST /containers/{worker}/kill 204") in lines(), 10)
    assert "GET /info 403" in lines()
    assert not {"GET /_ping 200", door.fill("GET /containers/{worker}/json 200")} & set(lines())
    assert "canary" not in "".join(lines())


def test_without_a_project_the_door_stays_shut(door: Door) -> None:
    name = f"{door.project}-shut"
    door.run_door(name, {"PROJECT": ""})

    assert door.engine.wait(name, timeout=20)["StatusCode"] != 0
    door.engine.remove_container(name)
