"""A file of one document a line remembers its newest one, whatever a power cut has left of it."""

from pathlib import Path

import pytest

from jikimi import logs
from jikimi.logs import JsonLines


def test_the_last_document_is_the_newest_that_is_whole(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "lines.jsonl")
    assert lines.last() == {}

    lines.append({"number": 1})
    lines.append({"number": 2})
    with (tmp_path / "lines.jsonl").open("a") as file:
        file.write('{"v":1,"numb')

    assert lines.last()["number"] == 2


def test_the_last_document_is_found_where_the_file_has_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_BYTES", 40)
    lines = JsonLines(tmp_path / "lines.jsonl")
    for number in range(3):
        lines.append({"number": number})
        assert lines.last()["number"] == number

    (tmp_path / "lines.jsonl").write_text("")

    assert lines.last()["number"] == 1
