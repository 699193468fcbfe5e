"""What the files of other programs say is taken for what it is, and no bytes whatsoever do any harm."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jikimi.supervisor.signs import (
    LogTail,
    Tally,
    has_content,
    parse_heartbeat,
    parse_probe,
    pid_in,
    read_on,
    tallied,
)

USUAL = "2026-11-24T05:55:00\nPID: 417\nStats: {'total': 3, 'success': 2, 'failure': 1}\n"
TRACEBACK = "Traceback (most recent call last):\n"
AWKWARD = [b"", b"\0", b"PID:", b"Stats:", b'{"v": 1, ', b" \t\n", b"\xff\xfe", "오류".encode("cp949"), b"[" * 9000]
anything = st.one_of(st.binary(), st.lists(st.sampled_from([*AWKWARD, USUAL.encode(), b"9" * 5000])).map(b"".join))


@given(anything)
@example(b"[" * 60_000)
@example(b" " * 60_000)
@example(b"\n" * 60_000)
@example(b"a" * 60_000)
@example(b"PID:" * 15_000)
@example(b'{"v":1,"pid":1,"seq":1,"token":1,"mode":"busy","budget_s":1e999}')
def test_no_bytes_whatsoever_crash_a_parser(data: bytes) -> None:
    found = parse_heartbeat(data)
    tallied(tallied(Tally(), found.stats if found else ""), data.decode("latin-1"))
    read_on(LogTail(), data)
    has_content(data)
    parse_probe(data)
    pid_in(data)


@given(anything, anything)
def test_a_log_says_the_same_in_one_piece_or_in_two(first: bytes, second: bytes) -> None:
    assert read_on(read_on(LogTail(), first), second) == read_on(LogTail(), first + second)


def test_the_usual_three_lines_are_understood() -> None:
    found = parse_heartbeat(USUAL.encode())

    assert found is not None
    assert (found.pid, found.shape) == (417, (True, True, True))
    assert found.stats == "{'total': 3, 'success': 2, 'failure': 1}"


@pytest.mark.parametrize(
    ("text", "pid"),
    [("PID: 7", 7), ("pid=7", 7), ('{"pid": 7}', 7), ("{'pid': '7', 'a': 1}", 7), ("PPID: 7", None), ("alive 3", None)],
)
def test_the_process_that_writes_is_known_where_it_says_so(text: str, pid: int | None) -> None:
    found = parse_heartbeat(text.encode())

    assert found is not None
    assert found.pid == pid


@pytest.mark.parametrize(
    "data",
    [b"", b" \r\n", b"\0\0\0", b"PID: \n", b"PID: none", b"2026-11-24\nStats: {'total': 3, 'suc", b"\xff\xfe\xff"],
)
def test_what_is_empty_or_binary_or_cut_off_is_no_heartbeat(data: bytes) -> None:
    assert parse_heartbeat(data) is None


def test_a_heartbeat_in_the_encoding_of_korean_windows_is_one() -> None:
    found = parse_heartbeat("상태: 정상".encode("cp949"))

    assert found is not None
    assert found.content == "상태: 정상"


def after(*stats: str) -> int:
    tally = Tally()
    for each in stats:
        tally = tallied(tally, each)
    return tally.row


@pytest.mark.parametrize(
    ("stats", "row"),
    [
        (["{'success': 9, 'failure': 7}"], 0),
        (["failure: 7", "failure: 8", "failure: 10"], 3),
        (["{'success': 1, 'failed': 1}", "{'success': 1, 'failed': 3}"], 2),
        (["success=1, errors=1", "success=1, errors=3", "success=2, errors=4", "success=2, errors=5"], 1),
        (["errors=5", "errors=9", "errors=0"], 0),
        (["{'consecutive_failures': 4, 'failure': 100}"], 4),
        (["{'total': 1, 'failure': 1}", "{'total': 2, 'failure': 2}"], 1),
        (["failure: 1", "failure: 2", "failure: 2, cycles: 9", "failure: 3"], 2),
        (["cycles 5", "cycles 6"], 0),
        (["{'errors': 1.5}", "{'errors': 9.5}"], 0),
    ],
)
def test_failures_in_a_row_are_what_the_program_counts(stats: list[str], row: int) -> None:
    assert after(*stats) == row


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("ERROR a\nERROR b\n", 2),
        ("ERROR a\nINFO well\n", 0),
        ("ERROR a\nposted 3\nFATAL b\n", 1),
        ("INFO no ERROR found\n", 0),
        ("ERROR after INFO\n", 1),
        ("ERROR a\n\n  at line 3\n", 1),
        ("ERROR a\nTraceback (most recent call last):\n  File\nValueError: b\nCRITICAL c\n", 2),
        (
            f"ERROR a\n{TRACEBACK}  x\nA\n\nDuring handling of it, …:\n\n{TRACEBACK}  y\nA\nERROR b\n",
            2,
        ),
        ("ERROR a\nERROR not yet the en", 1),
        ("TERROR in the office\n", 0),
    ],
)
def test_errors_in_a_row_are_lines_that_name_them_first(text: str, row: int) -> None:
    assert read_on(LogTail(), text.encode()).row == row


def test_the_levels_of_a_log_in_utf16_are_read() -> None:
    assert read_on(LogTail(), "ERROR a\nERROR b\n".encode("utf-16")).row == 1 + 1


@pytest.mark.parametrize(("data", "has"), [(b"", False), (b"\0\0\n \r\n", False), (b"\0a", True), (b"work", True)])
def test_a_file_that_was_only_made_longer_has_no_content(data: bytes, has: bool) -> None:  # noqa: FBT001
    assert has_content(data) is has


@pytest.mark.parametrize(
    ("text", "pid"),
    [
        ("417", 417),
        ("417\n", 417),
        ("417\nhost", 417),
        ("PID: 417", 417),
        ('{"host": "a", "pid": 417}', 417),
        ("2026-11-24 05:55 pid=417", 417),
        ("2026-11-24 05:55", None),
        ("locked by 417", None),
        ("", None),
        ("-417", None),
    ],
)
def test_a_lock_names_a_process_only_where_it_is_meant(text: str, pid: int | None) -> None:
    assert pid_in(text.encode()) == pid


def test_a_probe_s_document_is_understood() -> None:
    says = {"v": 1, "pid": 4, "seq": 5, "token": 6, "mode": "busy", "budget_s": 7.5, "failures": 2, "phase": "x" * 999}

    found = parse_probe(json.dumps(says).encode())

    assert found is not None
    assert (found.pid, found.seq, found.token, found.is_busy, found.budget_s, found.failures) == (4, 5, 6, True, 7, 2)
    assert found.phase == "x" * 200


@pytest.mark.parametrize(
    "change", [{"v": 2}, {"pid": -1}, {"pid": "4"}, {"seq": None}, {"token": 10**400}, {"budget_s": [1]}, {"mode": ...}]
)
def test_a_document_of_another_make_says_nothing(change: dict[str, object]) -> None:
    whole = {"v": 1, "pid": 4, "seq": 5, "token": 6, "mode": "busy", "budget_s": None, **change}
    document = {name: value for name, value in whole.items() if value is not ...}

    assert parse_probe(json.dumps(document).encode()) is None
