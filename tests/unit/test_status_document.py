"""The snapshot has the shape that its readers know, and is red when one check is."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jikimi.status import document, reader
from jikimi.status.document import Check, UnitFact, snapshot

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
BEAT: dict[str, Any] = {
    "mode": "busy",
    "job": "erp-1",
    "phase": "posting",
    "totals": {"posted": 7, "waiting": 2, "odd": 1},
    "last_cycle": {"proof": True, "at": "2026-11-20"},
}
WORKER = UnitFact("erp-worker", "healthy", 5, 3, BEAT)
OTHER = UnitFact("redis", "starting", None, 0, {})


@pytest.mark.parametrize(
    ("states", "verdict"),
    [([], "ok"), (["ok"], "ok"), (["ok", "warn"], "ok"), (["unknown"], "ok"), (["ok", "ng"], "ng"), (["ng"], "ng")],
)
def test_one_red_check_is_enough_and_a_warning_is_not(states: list[str], verdict: str) -> None:
    assert snapshot(NOW, [], [Check("x", state, "") for state in states], [])["verdict"] == verdict


def test_the_vouchers_and_the_last_cycle_are_those_of_the_worker_s_beat() -> None:
    found = snapshot(NOW, [OTHER, WORKER], [], [])

    assert (found["vouchers"]["posted"], found["vouchers"]["waiting"], found["vouchers"]["already"]) == (7, 2, 0)
    assert "odd" not in found["vouchers"]
    assert found["last_cycle"] == BEAT["last_cycle"]


def test_without_the_worker_every_count_is_zero() -> None:
    found = snapshot(NOW, [OTHER, UnitFact("erp-worker-2", "healthy", 1, 0, BEAT)], [], [])

    assert set(found["vouchers"].values()) == {0}
    assert found["last_cycle"] == {}


def test_a_unit_is_told_with_what_its_beat_says() -> None:
    busy, mute = snapshot(NOW, [WORKER, OTHER], [], [])["units"]

    told = {"name": "erp-worker", "state": "healthy", "pid": 5, "restarts": 3}
    assert busy.items() >= {**told, "mode": "busy", "job": "erp-1", "phase": "posting"}.items()
    assert mute.items() >= {"name": "redis", "state": "starting", "pid": None, "mode": None, "restarts": 0}.items()


def test_the_document_bears_its_schema_and_its_instant_and_is_plain_json() -> None:
    found = snapshot(NOW, [WORKER], [Check("a", "warn", "b", "c")], [{"name": "n", "url": "u"}])

    assert (found["schema"], found["schema_version"]) == ("jikimi.status", 1)
    assert found["at"] == "2026-11-20T03:00:00.000+00:00"
    assert found["checks"] == [{"name": "a", "state": "warn", "message": "b", "cure": "c"}]
    assert found["addresses"] == [{"name": "n", "url": "u"}]
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_reader_shows_a_snapshot_in_whole(tmp_path: Path, lang: str) -> None:
    written = snapshot(NOW, [WORKER, OTHER], [Check("a", "warn", "message", "cure"), Check("b", "ok", "fine")], [])
    (tmp_path / "state").mkdir()
    (tmp_path / "state/status.json").write_text(json.dumps(written), encoding="utf-8")

    text = reader.render(reader.read(tmp_path / "state/status.json", NOW.timestamp()), lang)

    assert "! message  cure" in text
    assert "fine" not in text
    assert "erp-worker" in text
    assert "↻ 3" in text
    assert "✓" in text


def test_a_missing_snapshot_is_a_document_of_the_same_schema(tmp_path: Path) -> None:
    found = reader.read(tmp_path / "state/status.json", 0.0)

    assert (found["schema"], found["schema_version"], found["age_s"]) == (
        "jikimi.status",
        document.SCHEMA_VERSION,
        None,
    )


def test_the_age_is_told_to_a_tenth_of_a_second(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state/status.json").write_text(json.dumps(snapshot(NOW, [], [], [])), encoding="utf-8")

    assert reader.read(tmp_path / "state/status.json", NOW.timestamp() + 1.26)["age_s"] == 1.3
