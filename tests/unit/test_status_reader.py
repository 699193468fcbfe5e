"""The reader says green only of a whole and fresh snapshot."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jikimi.status import reader
from jikimi.status.document import Check, UnitFact, snapshot

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)


def written(home: Path, text: str) -> Path:
    (home / "state").mkdir()
    file = home / "state/status.json"
    file.write_text(text, encoding="utf-8")
    return file


def document(state: str = "ok") -> str:
    return json.dumps(snapshot(NOW, [], [Check("units", state, "")], []))


@pytest.mark.parametrize(("state", "age_s", "code"), [("ok", 0, 0), ("ok", 10, 0), ("ng", 0, 2), ("warn", 0, 0)])
def test_a_fresh_snapshot_says_how_all_stands(tmp_path: Path, state: str, age_s: float, code: int) -> None:
    assert reader.read(written(tmp_path, document(state)), NOW.timestamp() + age_s)["exit_code"] == code


@pytest.mark.parametrize("age_s", [10.5, 3600, -3600])
def test_a_snapshot_of_another_time_is_never_green(tmp_path: Path, age_s: float) -> None:
    found = reader.read(written(tmp_path, document()), NOW.timestamp() + age_s)

    assert (found["verdict"], found["exit_code"]) == ("unknown", 3)
    assert "UNKNOWN" in reader.render(found, "en")
    assert "알 수 없음" in reader.render(found, "ko")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"at": 5}', f'{{"at": "{NOW.isoformat()}"}}'])
def test_a_broken_snapshot_is_never_green(tmp_path: Path, text: str) -> None:
    found = reader.read(written(tmp_path, text), NOW.timestamp())

    assert found["exit_code"] == 3
    assert reader.render(found, "en")


def test_a_missing_snapshot_is_never_green(tmp_path: Path) -> None:
    assert reader.read(tmp_path / "state/status.json", NOW.timestamp())["exit_code"] == 3


@pytest.mark.parametrize(("mode", "says"), [("idle", "nothing to do"), ("busy", "at work"), (None, "nothing to do")])
def test_while_one_is_busy_nobody_says_that_there_is_nothing_to_do(tmp_path: Path, mode: str | None, says: str) -> None:
    found = json.loads(document())
    found["units"] = [{"name": "erp-worker", "state": "healthy", "mode": mode, "phase": "", "restarts": 0}]

    shown = reader.render(reader.read(written(tmp_path, json.dumps(found)), NOW.timestamp()), "en")

    assert [line.strip() for line in shown.splitlines() if line.strip() in ("nothing to do", "at work")] == [says]


def test_a_job_that_knows_how_far_it_is_says_so(tmp_path: Path) -> None:
    beat = {"mode": "busy", "phase": "store", "percent": 42, "left_s": 17.4}
    units = [UnitFact("backup", "healthy", 1, 0, beat), UnitFact("erp-worker", "healthy", 1, 0, {"phase": "posting"})]
    found = reader.read(written(tmp_path, json.dumps(snapshot(NOW, units, [], []))), NOW.timestamp())

    assert (found["units"][0]["percent"], found["units"][0]["left_s"]) == (42, 17.4)
    assert "store 42 %, about 17 s left" in reader.render(found, "en")
    assert "store 42 %, 약 17초 남음" in reader.render(found, "ko")
    assert reader.render(found, "en").count("%") == 1
