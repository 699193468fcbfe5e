"""Every metric of ours: its name, type, labels and meaning, in one list; `docs/metrics.md` is made of it."""

from dataclasses import dataclass
from enum import StrEnum

from jikimi.metrics.reading import CHECK_STATES, ENDED, HOLDS, OPEN, REASONS, STATES
from jikimi.text import Text

PREFIX = "jikimi_"
STATE_CODES = {state: code for code, state in enumerate(STATES, start=1)}


class Kind(StrEnum):
    """What a metric is to Prometheus."""

    COUNTER = "counter"
    GAUGE = "gauge"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True)
class Name:
    """One metric.

    Attributes:
        name: as a query has it; that of a summary without `_sum` and `_count`.
        help: what it says, in one sentence.
    """

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: Text


def _gauge(name: str, labels: tuple[str, ...], says: Text) -> Name:
    return Name(PREFIX + name, Kind.GAUGE, labels, says)


def _counter(name: str, labels: tuple[str, ...], says: Text) -> Name:
    return Name(f"{PREFIX}{name}_total", Kind.COUNTER, labels, says)


_UNIT = ("unit",)
UNIT_STATE = _gauge(
    "unit_state",
    ("unit", "state"),
    Text("유닛의 지금 상태는 1, 나머지 상태는 0", "1 for the state that the unit is in, 0 for every other state"),
)
UNIT_STATE_CODE = _gauge(
    "unit_state_code",
    ("state",),
    Text(
        "상태마다 정해진 번호. 그림 한 줄에 상태를 그릴 때 씁니다",
        "the number of each state, always the same; it lets a timeline draw a unit's state as one row",
    ),
)
UNIT_BEAT_AGE = _gauge(
    "unit_beat_age_seconds", _UNIT, Text("마지막 생존 신호 뒤로 지난 시간", "time since the unit's last sign of life")
)
UNIT_BEAT_LIMIT = _gauge(
    "unit_beat_limit_seconds",
    _UNIT,
    Text(
        "생존 신호가 없어도 되는 시간. 넘으면 다시 시작합니다",
        "how long the unit may give no sign of life before it is restarted",
    ),
)
UNIT_PROGRESS_AGE = _gauge(
    "unit_progress_age_seconds",
    _UNIT,
    Text("일이 마지막으로 나아간 뒤로 지난 시간", "time since the unit's work last moved"),
)
UNIT_PROGRESS_BUDGET = _gauge(
    "unit_progress_budget_seconds",
    _UNIT,
    Text(
        "지금 단계에서 진척이 없어도 되는 시간. 일이 없으면 0",
        "how long the unit's work may stand still in its phase; 0 when it is idle",
    ),
)
UNIT_BUSY = _gauge("unit_busy", _UNIT, Text("일하는 중이면 1", "1 while the unit works on a job"))
UNIT_RESTARTS = _counter(
    "unit_restarts", ("unit", "reason"), Text("고치려고 다시 시작한 횟수", "restarts of the unit to mend it, by reason")
)
UNIT_FRUITLESS = _gauge(
    "unit_fruitless_restarts",
    _UNIT,
    Text(
        "격리를 정하는 시간 안에서, 다시 시작해도 소용없던 횟수",
        "restarts without fruit that count now; too many lead to quarantine",
    ),
)
UNIT_MEMORY = _gauge(
    "unit_resident_memory_bytes",
    _UNIT,
    Text("유닛과 그 아래 모든 프로세스의 메모리", "resident memory of the unit and all below it"),
)
UNIT_CPU = _counter(
    "unit_cpu_seconds",
    _UNIT,
    Text(
        "유닛과 그 아래 모든 프로세스가 쓴 CPU 시간. 다시 시작하면 0부터",
        "processor time used by the unit and all below it; it begins again at 0 with each life",
    ),
)
LINES = _counter(
    "lines",
    ("outcome",),
    Text(
        "끝난 줄. 모든 원장과 모든 시간을 더한 수",
        "statement lines that have come to an end, by outcome, of all ledgers and all time",
    ),
)
LINES_OPEN = _gauge(
    "lines_open", ("outcome",), Text("아직 끝나지 않은 줄", "statement lines that have not come to an end, by outcome")
)
REVERSALS = _counter("cancellations", (), Text("취소로 기표한 역분개 전표", "reversals posted for cancellations"))
DUPLICATE_FILES = _counter(
    "duplicate_files", (), Text("이미 처리한 것과 같은 파일", "files that had been dropped before")
)
QUEUE_JOBS = _gauge("queue_jobs", ("queue",), Text("대기열에서 기다리는 작업", "jobs that wait on the queue"))
QUEUE_AGE = _gauge(
    "queue_oldest_job_age_seconds",
    ("queue",),
    Text(
        "가장 오래 기다린 작업의 대기 시간. 없으면 0",
        "how long the oldest job on the queue has waited; 0 when none does",
    ),
)
CHECK_STATE = _gauge(
    "check_state",
    ("check", "state"),
    Text("점검의 지금 상태는 1, 나머지 상태는 0", "1 for the state that the check is in, 0 for every other state"),
)
HOLD = _gauge(
    "hold", ("cause",), Text("이 까닭으로 아무것도 하지 않는 동안 1", "1 while nothing is done, for this cause")
)
TICK_AT = _gauge(
    "supervisor_tick_timestamp_seconds",
    (),
    Text(
        "마지막 둘러보기가 끝난 때. 멈춘 감독자는 이 시각이 낡아서 드러납니다",
        "when the supervisor last completed a look; a supervisor that hangs shows by its age alone",
    ),
)
TICK_LAST = _gauge(
    "supervisor_last_tick_duration_seconds",
    (),
    Text("마지막 둘러보기에 걸린 시간", "how long the supervisor's last look took"),
)
TICKS = Name(
    PREFIX + "supervisor_tick_duration_seconds",
    Kind.SUMMARY,
    (),
    Text("둘러보기에 걸린 시간의 합과 횟수", "time that the supervisor's looks have taken, and their number"),
)
FAILED_READINGS = _counter(
    "reading_failures",
    (),
    Text(
        "유닛의 값을 읽지 못한 조회. 그때는 유닛의 값 없이 나갑니다",
        "scrapes that could not be told how all stands, and show none of it",
    ),
)

NAMES: tuple[Name, ...] = (
    UNIT_STATE,
    UNIT_STATE_CODE,
    UNIT_BEAT_AGE,
    UNIT_BEAT_LIMIT,
    UNIT_PROGRESS_AGE,
    UNIT_PROGRESS_BUDGET,
    UNIT_BUSY,
    UNIT_RESTARTS,
    UNIT_FRUITLESS,
    UNIT_MEMORY,
    UNIT_CPU,
    LINES,
    LINES_OPEN,
    REVERSALS,
    DUPLICATE_FILES,
    QUEUE_JOBS,
    QUEUE_AGE,
    CHECK_STATE,
    HOLD,
    TICK_AT,
    TICK_LAST,
    TICKS,
    FAILED_READINGS,
)
_WORDS = {
    (UNIT_STATE.name, "state"): STATES,
    (UNIT_RESTARTS.name, "reason"): REASONS,
    (LINES.name, "outcome"): ENDED,
    (LINES_OPEN.name, "outcome"): OPEN,
    (CHECK_STATE.name, "state"): CHECK_STATES,
    (HOLD.name, "cause"): HOLDS,
}


def page() -> str:
    """Return the page of every metric, `docs/metrics.md`."""
    lines = [
        "# 지표 · Metrics",
        "<!-- made by `python -m tests.docs.pages`; change the code, not this page -->",
        "",
        "감독자가 `/metrics`에서 보여 줍니다. 이것이 없어도 고치는 일은 그대로입니다. 시간은 초, 크기는 바이트입니다.",
        "감독자 프로세스 자신의 `process_*`와 `python_info`도 함께 나갑니다.",
        "",
        "The supervisor shows them at `/metrics`; healing does not need them. Spans are seconds, sizes are bytes.",
        "Its own process adds `process_*` and `python_info`.",
        "",
        "| name | type | labels | 뜻 | meaning |",
        "|---|---|---|---|---|",
        *(_row(name) for name in NAMES),
        "",
        "## 표시의 값 · Words of the labels",
        "",
        "| label | values |",
        "|---|---|",
        *(f"| `{name}{{{label}}}` | {_list(words)} |" for (name, label), words in _WORDS.items()),
        "",
        "상태의 번호 · The numbers of the states: " + ", ".join(f"{code} {name}" for name, code in STATE_CODES.items()),
        "",
        "## 읽을 때 · How to read them",
        "",
        "- 감독자가 멈추면 다른 값은 마지막 그대로 남습니다. 값을 믿기 전에",
        "  `time() - jikimi_supervisor_tick_timestamp_seconds`를 보세요.",
        "- `increase()`는 어림값입니다. 정확한 수는 `status`와 결과 페이지에 있습니다.",
        f"- 유닛 하나는 시계열 {_series_of_a_unit()}개입니다. 수천 개라면 5초가 아니라 30초마다 조회하세요.",
        '- 가동률 · Availability: `avg_over_time(jikimi_unit_state{state="healthy"}[1d])`',
        "- When the supervisor hangs, all else stays as it last was. Look at",
        "  `time() - jikimi_supervisor_tick_timestamp_seconds` before you believe a value.",
        "- `increase()` estimates. The exact counts are in `status` and on the pages of results.",
        f"- A unit costs {_series_of_a_unit()} series. For some thousands of units, scrape every 30 s, not every 5 s.",
    ]
    return "\n".join(lines) + "\n"


def _row(name: Name) -> str:
    shown = f"`{name.name}`" + (" (`_sum`, `_count`)" if name.kind is Kind.SUMMARY else "")
    return f"| {shown} | {name.kind} | {_list(name.labels)} | {name.help.ko} | {name.help.en} |"


def _list(words: tuple[str, ...]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _series_of_a_unit() -> int:
    own = [name for name in NAMES if "unit" in name.labels]
    return sum(len(STATES) if name is UNIT_STATE else len(REASONS) if name is UNIT_RESTARTS else 1 for name in own)
