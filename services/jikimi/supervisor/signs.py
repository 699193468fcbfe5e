"""What the files of programs that are not ours say: heartbeats, logs and probes, as bytes that may be anything."""

import json
import re
from dataclasses import dataclass
from typing import Any

PROBE_VERSION = 1
# no pattern may look at the same bytes again and again: a file may hold anything
_PID = re.compile(r"""(?<!\w)PID["']?[ \t]{0,5}[:=][ \t]{0,5}["']?([^\s,;"'}]*)""", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,10}")
_TIME = re.compile(r"\s*\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_STATS = re.compile(r"^[ \t]*Stats[ \t]*[:=](.*)$", re.IGNORECASE | re.MULTILINE)
_COUNT = re.compile(r"""["']?(\w{1,60})["']?[ \t]{0,5}[:=][ \t]{0,5}["']?(\d{1,15})(?![\d.])""")
_FAILED = re.compile(r"fail|error", re.IGNORECASE)
_WENT_WELL = re.compile(r"succe|posted|^ok$|^done$", re.IGNORECASE)
_IN_A_ROW = re.compile(r"consecutive|in_a_row", re.IGNORECASE)
_LEVEL = re.compile(r"\b(?:(DEBUG|INFO|NOTICE|WARN(?:ING)?)|(ERROR|CRITICAL|FATAL|SEVERE))\b")
_TRACEBACK = ("Traceback (most recent call last)", "During handling of", "The above exception was")
_MOST_NUMBER = 10**15
_MOST_REST = 4096
_MOST_PHASE = 200


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a heartbeat file says.

    Attributes:
        content: all of it, to be compared. pid: whose it is; None where it does not say.
        shape: which of time, PID and Stats it has: one that has fewer than before is only a part.
        stats: the line of its statistics; it changes when work has moved.
    """

    content: str
    pid: int | None
    shape: tuple[bool, bool, bool]
    stats: str


def parse_heartbeat(data: bytes) -> Heartbeat | None:
    """Return what *data* says; None where it is empty, no text, cut off, or has a PID that is no number."""
    content = _text(data)
    if content is None or not content.strip():
        return None
    pid, found = _PID.search(content), _STATS.search(content)
    stats = found[1].strip() if found else ""
    if (pid and not _NUMBER.fullmatch(pid[1])) or (stats.startswith("{") and not stats.endswith("}")):
        return None
    shape = (_TIME.match(content) is not None, pid is not None, found is not None)
    return Heartbeat(content, int(pid[1]) if pid else None, shape, stats)


def _text(data: bytes) -> str | None:
    """Return *data* as text; programs on Korean Windows write CP949."""
    if b"\0" in data:
        return None
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def pid_in(data: bytes) -> int | None:
    """Return the process that a lock file names: by a line that is only a number, or after "PID"; else None."""
    text = data.replace(b"\0", b"").decode("utf-8", "replace")
    first = text.strip().partition("\n")[0].strip()
    marked = _PID.search(text)
    number = first if _NUMBER.fullmatch(first) else marked[1] if marked else ""
    return int(number) if _NUMBER.fullmatch(number) else None


@dataclass(frozen=True, slots=True)
class Tally:
    """Failures in a row, as far as a program's own counters show them.

    Attributes:
        failed, well: the counters' last values. row: failures since the last thing that went well.
    """

    failed: int = 0
    well: int = 0
    row: int = 0
    is_known: bool = False


def tallied(tally: Tally, stats: str) -> Tally:
    """Return *tally* after the program said *stats*, such as `{'success': 4, 'failure': 2}`.

    A counter named after failures in a row is taken as it is. Else each rise of the failures counts, and any
    rise of the successes ends the row. A counter that fell, or is seen for the first time, counts nothing.
    """
    counts = [(name, int(value)) for name, value in _COUNT.findall(stats)]
    if in_a_row := [count for name, count in counts if _IN_A_ROW.search(name)]:
        return Tally(row=max(in_a_row))
    failed = sum(count for name, count in counts if _FAILED.search(name))
    well = sum(count for name, count in counts if _WENT_WELL.search(name) and not _FAILED.search(name))
    is_broken = not tally.is_known or failed < tally.failed or well != tally.well
    row = 0 if is_broken else tally.row + failed - tally.failed
    return Tally(failed, well, row, is_known=True)


@dataclass(frozen=True, slots=True)
class LogTail:
    """What the lines of a log have said so far.

    Attributes:
        rest: the last line, as long as its end is not written. row: errors since the last other line.
    """

    rest: bytes = b""
    row: int = 0
    in_traceback: bool = False


def read_on(tail: LogTail, data: bytes) -> LogTail:
    """Return *tail* after *data* was appended to the log.

    A line counts as an error if the first level that it names is ERROR, CRITICAL, FATAL or SEVERE; every other
    line ends the row. Empty and indented lines, and those of a traceback, belong to the line before.
    """
    *lines, rest = (tail.rest + data.replace(b"\0", b"")).split(b"\n")  # of UTF-16, ASCII is left
    row, in_traceback = tail.row, tail.in_traceback
    for raw in lines:
        line = raw.decode("utf-8", "replace").rstrip()
        if not line or line[0].isspace():
            continue
        if line.startswith(_TRACEBACK):
            in_traceback = line.startswith(_TRACEBACK[0])
        elif in_traceback:
            in_traceback = False
        else:
            level = _LEVEL.search(line)
            row = row + 1 if level and level[2] else 0
    return LogTail(rest[-_MOST_REST:], row, in_traceback)


def has_content(data: bytes) -> bool:
    """Return whether anything was written: a file that was only made longer holds zeros."""
    return bool(data.strip(b"\0 \t\r\n"))


@dataclass(frozen=True, slots=True)
class ProbeSays:
    """What a program says through `probe.py`.

    Attributes:
        budget_s: how long it may stay at this token; None where it sets none.
    """

    pid: int
    seq: int
    token: int
    is_busy: bool
    budget_s: float | None
    failures: int
    phase: str


def parse_probe(data: bytes) -> ProbeSays | None:
    """Return what *data* says; None where it is no whole document of a version that we know."""
    try:
        says = json.loads(data)
        if not isinstance(says, dict) or says.get("v") != PROBE_VERSION:
            return None
        budget = says.get("budget_s")
        return ProbeSays(
            _whole(says["pid"]),
            _whole(says["seq"]),
            _whole(says["token"]),
            says["mode"] == "busy",
            None if budget is None else float(_whole(int(budget))),
            _whole(says.get("failures", 0)),
            str(says.get("phase", ""))[:_MOST_PHASE],
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def _whole(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value < _MOST_NUMBER:
        raise ValueError(f"no count: {value!r}"[:80])
    return value
