"""What is known of containers, from an engine that is slow, restarts, refuses, or says what nobody understands."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from jikimi.clock import SystemClock
from jikimi.runtime import containers
from jikimi.runtime.docker import DockerRuntime, EngineRefused
from jikimi.runtime.port import Circumstances, NotStarted, Running, UnitSpec
from jikimi.supervisor.events import Act, Do, Done
from jikimi.supervisor.hands import Hands
from tests.conftest import Until
from tests.unit.runtime.fake_engine import FakeEngine

NAMES = {"redis": "shop-redis-1", "erp": "shop-erp-1"}
REDIS, ERP = NAMES.values()
STRANGER = "another-1"
WITHIN_S = 20.0
LOOKS_AT_START = 2  # at once, and when the stream of events is open
NO_EXIT = (500, "did not receive an exit event")
SPEC = UnitSpec("redis", (), Path("unused"))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    monkeypatch.setattr(containers, "_LOOKS_EACH_S", 1000.0)  # so that nothing is seen just because it was time to look
    engine = FakeEngine(REDIS, ERP, STRANGER)
    yield engine
    engine.close()


class Room:
    """A runtime, and the engine that it looks at."""

    def __init__(self, engine: FakeEngine, until: Until) -> None:
        self.engine, self._until = engine, until
        self.runtime = DockerRuntime(NAMES, engine.url, SystemClock())

    def close(self) -> None:
        """Close it while it surely listens: it would be ended only after a while otherwise."""
        self.engine.refuses.clear()
        self.until(lambda: self.engine.listeners == 1)
        self.tell("redis", "health_status")
        self.runtime.close()

    def until(self, condition: Callable[[], object]) -> None:
        self._until(condition, WITHIN_S)

    def running(self, unit: str = "redis") -> Running:
        return self.runtime.find([unit])[unit]

    def tell(self, unit: str, *actions: str) -> None:
        """Let events come, and wait until each has been looked into."""
        seen = self.engine.looks[NAMES[unit]]
        self.engine.tell(NAMES[unit], *actions)
        self.until(lambda: self.engine.looks[NAMES[unit]] >= seen + len(actions))

    def is_aside(self, unit: str = "redis") -> bool:
        return self.runtime.circumstances(unit).is_set_aside


@pytest.fixture
def room(engine: FakeEngine, until: Until) -> Iterator[Room]:
    with closing(Room(engine, until)) as room:
        room.until(lambda: engine.listeners == 1)
        room.until(lambda: room.runtime.containers.looks == LOOKS_AT_START)
        yield room


def test_at_its_start_it_has_looked_at_every_unit_and_nothing_else(room: Room) -> None:
    assert set(room.runtime.appeared()) == {"redis", "erp"}
    assert dict(room.engine.looks) == dict.fromkeys((REDIS, ERP), LOOKS_AT_START)
    assert not room.runtime.is_away


def test_a_death_is_seen_by_its_event(room: Room) -> None:
    running = room.running()
    room.engine.boxes[REDIS].is_running, room.engine.boxes[REDIS].code = False, 137

    room.engine.tell(REDIS, "die")

    room.until(lambda: room.runtime.has_ended(running))
    assert (room.runtime.exit_code(running), room.runtime.find(["redis"])) == (-9, {})


MALFORMED: list[object] = [
    *({}, [], "text", 5, None, {"Action": "die"}, {"Actor": None, "Action": "die"}, {"Actor": {}, "Action": "die"}),
    *({"Actor": {"Attributes": None}}, {"Actor": {"Attributes": "name"}}, {"Actor": {"Attributes": {"name": REDIS}}}),
    *({"Actor": {"Attributes": {"name": [REDIS]}}, "Action": "die"}, [{"Action": "die"}], {"id": 5, "Action": [1]}),
]


def test_an_event_that_nobody_understands_changes_nothing_and_ends_nothing(room: Room) -> None:
    before = room.running()
    for event in MALFORMED:
        room.engine.feed(event)
    room.engine.tell(STRANGER, "die", "stop", "destroy")
    room.engine.feed({"Action": "die", "Actor": {"Attributes": {"name": REDIS}}})  # all that is needed
    room.until(lambda: room.engine.looks[REDIS] > LOOKS_AT_START)

    looks = {REDIS: LOOKS_AT_START + 1, ERP: LOOKS_AT_START}
    assert dict(room.engine.looks) == looks, "only the last one was looked into"
    assert (room.running(), room.engine.opened, room.is_aside()) == (before, 1, False)


@pytest.mark.parametrize("ends", [FakeEngine.end_streams, FakeEngine.break_streams])
def test_a_stream_that_ends_is_opened_again_and_all_is_looked_at(
    room: Room, ends: Callable[[FakeEngine], None]
) -> None:
    looks = dict(room.engine.looks)
    room.engine.boxes[ERP].is_running = False

    ends(room.engine)

    room.until(lambda: room.engine.opened == 2)
    room.until(lambda: all(room.engine.looks[name] > looks[name] for name in looks))
    room.until(lambda: "erp" not in room.runtime.appeared())
    assert not room.runtime.is_away


def test_an_engine_that_is_gone_is_away_until_it_is_back(room: Room) -> None:
    before = room.runtime.appeared()

    with capture_logs() as logs:
        room.engine.close()
        room.until(lambda: room.runtime.is_away)
        assert room.runtime.appeared() == before, "what is not known to be gone is not taken for gone"
        with pytest.raises(EngineRefused):
            room.runtime.start(SPEC)
        room.runtime.containers.look()
        room.engine.boxes[ERP].life += 1
        room.engine.open()
        room.until(lambda: not room.runtime.is_away)

    assert room.runtime.appeared()["erp"] != before["erp"]
    assert [line["event"] for line in logs if line["event"].startswith("engine")] == ["engine.away", "engine.back"]


def test_a_door_that_refuses_everything_is_away_until_it_opens(room: Room) -> None:
    room.engine.refuses["all"] = (403, "refused by the Docker door")
    room.engine.end_streams()
    room.until(lambda: room.runtime.is_away)
    assert room.runtime.circumstances("redis") == Circumstances()

    room.engine.refuses.clear()

    room.until(lambda: not room.runtime.is_away)


def test_a_name_that_the_door_does_not_know_is_missing_and_the_others_are_watched_on(room: Room) -> None:
    room.engine.refuses[ERP] = (403, "refused by the Docker door")

    with capture_logs() as logs:
        room.runtime.containers.look()
        room.runtime.containers.look()

    assert (room.runtime.is_away, set(room.runtime.appeared())) == (False, {"redis"})
    assert room.runtime.circumstances("erp").is_missing
    assert [(line["event"], line.get("unit")) for line in logs] == [("container.refused", "erp")]


def test_what_happened_just_before_the_next_stream_was_open_is_seen_all_the_same(room: Room) -> None:
    room.engine.just_before_a_stream = lambda: setattr(room.engine.boxes[ERP], "is_running", False)

    room.engine.end_streams()

    room.until(lambda: "erp" not in room.runtime.appeared())


@pytest.mark.parametrize("verb", ["restart", "stop"])
def test_a_call_that_the_engine_refused_makes_nobody_else_s_stop_ours(room: Room, verb: str) -> None:
    room.engine.refuses[verb] = NO_EXIT
    if verb == "restart":
        with pytest.raises(EngineRefused):
            room.runtime.restart(room.running(), SPEC, 3.0, lambda: None)
    else:
        room.engine.is_telling = False
        room.runtime.stop(room.running(), 3.0)  # it becomes a kill, which no "stop" follows

    room.tell("redis", "stop")

    room.until(room.is_aside)


def test_one_of_whom_no_events_come_is_looked_at_every_few_seconds(
    engine: FakeEngine, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "_POLLS_EACH_S", 0.05)
    runtime = DockerRuntime(NAMES, engine.url, SystemClock(), unheard=["erp"])
    until(lambda: engine.listeners == 1, WITHIN_S)
    until(lambda: runtime.containers.looks > LOOKS_AT_START, WITHIN_S)
    looks = engine.looks[REDIS]

    engine.boxes[ERP].is_running = False

    until(lambda: "erp" not in runtime.appeared(), WITHIN_S)
    assert engine.looks[REDIS] == looks
    engine.tell(REDIS, "health_status")
    runtime.close()


def test_no_proxy_of_the_company_stands_between_us_and_the_door(
    engine: FakeEngine, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    with closing(Room(engine, until)) as room:
        assert set(room.runtime.appeared()) == {"redis", "erp"}


def test_the_engine_s_words_are_told_and_not_the_library_s_long_address(room: Room) -> None:
    room.engine.refuses["restart"] = (500, "cannot restart: the disk is full")

    with pytest.raises(EngineRefused) as caught:
        room.runtime.restart(room.running(), SPEC, 3.0, lambda: None)

    assert caught.value.facts["why"] == "cannot restart: the disk is full"


def test_an_engine_that_was_never_there_is_away_and_found_when_it_comes(engine: FakeEngine, until: Until) -> None:
    engine.close()
    with closing(Room(engine, until)) as room:
        assert (room.runtime.is_away, room.runtime.appeared()) == (True, {})
        assert room.runtime.circumstances("redis") == Circumstances()
        engine.open()
        room.until(lambda: set(room.runtime.appeared()) == {"redis", "erp"})


LIFE = '{"Id": "a", "State": {"Running": true, "Paused": false, "ExitCode": %s, "StartedAt": "%s"}}'
ODD = [
    *("", "{", "null", "[]", '"text"', "5", "{}", '{"Id": "a"}', '{"Id": "a", "State": null}', '{"State": {}}'),
    *(LIFE % ("0", "yesterday"), LIFE % ("null", "2026-11-20T03:00:00Z"), LIFE % ('"x"', "2026-11-20T03:00:00Z")),
]


@pytest.mark.parametrize("text", ODD)
def test_an_inspection_of_another_shape_means_away_and_is_no_crash(room: Room, text: str) -> None:
    before = room.runtime.appeared()
    room.engine.says[REDIS] = text

    room.runtime.containers.look()
    assert (room.runtime.is_away, room.runtime.appeared()) == (True, before)

    del room.engine.says[REDIS]
    room.runtime.containers.look()
    assert not room.runtime.is_away


def test_a_slow_engine_is_not_away(room: Room) -> None:
    room.engine.slow_s, looks = 1.0, room.runtime.containers.looks

    room.tell("redis", "die")

    room.until(lambda: room.runtime.containers.looks > looks)
    assert not room.runtime.is_away
    room.engine.slow.set()


def test_an_engine_that_does_not_answer_at_all_is_away(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "CALL_WITHIN_S", 0.2)
    room.engine.slow_s = WITHIN_S

    room.runtime.containers.look()

    assert room.runtime.is_away
    room.engine.slow.set()


@pytest.mark.parametrize("action", ["stop", "pause", "destroy"])
def test_what_somebody_else_has_stopped_is_set_aside_until_it_is_started_again(room: Room, action: str) -> None:
    room.tell("redis", "kill", "die", action)
    room.until(room.is_aside)

    room.tell("redis", "die")
    assert (room.is_aside("redis"), room.is_aside("erp")) == (True, False)

    room.engine.tell(REDIS, "unpause" if action == "pause" else "start")
    room.until(lambda: not room.is_aside())


@pytest.mark.parametrize("actions", [("die",), ("kill", "die"), ("oom", "die"), ("die", "start"), ("restart",)])
def test_what_dies_or_is_restarted_is_not_set_aside(room: Room, actions: tuple[str, ...]) -> None:
    room.tell("redis", *actions)
    assert not room.is_aside()


def test_what_we_stop_ourselves_is_not_set_aside_however_late_the_engine_tells_of_it(room: Room) -> None:
    room.engine.is_telling = False
    room.runtime.stop(room.running(), 3.0)

    room.tell("redis", "kill", "die", "stop", "health_status")

    assert (room.is_aside(), room.engine.calls) == (False, [f"stop {REDIS} t=3"])
    room.tell("redis", "stop")  # nobody of us has asked for another one
    room.until(room.is_aside)


def test_what_we_restart_is_made_ready_first_and_has_another_life(room: Room) -> None:
    first = room.running()

    second = room.runtime.restart(first, SPEC, 2.6, lambda: room.engine.calls.append("ready"))

    assert first != second == room.running()
    assert room.engine.calls == ["ready", f"restart {REDIS} t=3"]


def test_what_we_start_is_no_longer_set_aside(room: Room) -> None:
    room.engine.boxes[REDIS].is_running = room.engine.is_telling = False
    room.tell("redis", "stop")
    room.until(room.is_aside)

    room.runtime.start(SPEC)

    assert not room.is_aside()


def test_what_was_removed_is_missing_and_names_its_cure(room: Room) -> None:
    del room.engine.boxes[REDIS]
    room.tell("redis", "destroy")

    room.until(lambda: room.runtime.circumstances("redis") == Circumstances(is_set_aside=True, is_missing=True))
    with pytest.raises(NotStarted, match="docker compose up -d"):
        room.runtime.start(SPEC)


def test_a_restart_that_the_engine_could_not_finish_is_told_in_its_words(room: Room) -> None:
    room.engine.refuses["restart"] = NO_EXIT

    with pytest.raises(EngineRefused) as caught:
        room.runtime.restart(room.running(), SPEC, 3.0, lambda: None)

    assert caught.value.facts.items() >= {"unit": "redis", "call": "restart"}.items()
    assert "did not receive an exit event" in str(caught.value)
    assert not room.runtime.is_away


def test_a_stop_that_the_engine_could_not_finish_becomes_a_kill(room: Room) -> None:
    room.engine.refuses["stop"] = NO_EXIT

    room.runtime.stop(room.running(), 3.0)

    assert room.engine.calls == [f"stop {REDIS} t=3", f"kill {REDIS}"]
    assert "redis" not in room.runtime.appeared()


def test_a_start_that_the_engine_refuses_is_told_in_its_words(room: Room) -> None:
    room.engine.boxes[REDIS].is_running = False
    room.engine.refuses["start"] = (500, "driver failed")

    with pytest.raises(NotStarted, match="driver failed"):
        room.runtime.start(SPEC)


@pytest.mark.parametrize("also", [(), ("stop",)])
def test_a_restart_that_failed_is_done_the_harder_way_at_the_next_try(
    room: Room, tmp_path: Path, also: tuple[str, ...]
) -> None:
    hands = Hands(room.runtime, [SPEC], tmp_path / "units.json")
    first = hands.adopt()["redis"]
    room.engine.refuses = dict.fromkeys(("restart", *also), NO_EXIT)

    hands.do(Act("redis", 1, Do.RESTART, 3.0))
    failed = hands.done.get(timeout=WITHIN_S)
    hands.do(Act("redis", 2, Do.RESTART, 3.0, force=True))
    assert (failed.number, failed.ok, "exit event" in failed.why) == (1, False, True)
    assert hands.done.get(timeout=WITHIN_S) == Done("redis", 2)
    harder = [*(f"kill {REDIS}" for _ in also), f"start {REDIS}"]
    assert room.engine.calls == [f"restart {REDIS} t=3", f"stop {REDIS} t=0", *harder]
    assert hands.running["redis"] == room.running() != first
