"""What one scrape shows: plain values, put together by whoever watches the units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# Every word that a label may have is listed, so that each series is there from the first scrape on, at 0. A word
# that is missing here is shown all the same; only its first increase goes unseen.
STATES = (
    "starting",
    "healthy",
    "suspect",
    "stale",
    "recovering",
    "draining",
    "held",
    "paused",
    "quarantined",
    "stopped",
    "unknown",
)
REASONS = ("exited", "out of memory", "missing", "slow to start", "silent", "stalled", "starved", "failing", "blind")
CHECK_STATES = ("ok", "warn", "ng", "unknown")
HOLDS = ("maintenance", "gap", "settling", "engine", "disk", "another keeper", "redis takes no writes")
ENDED, OPEN = ("posted", "already", "rejected"), ("waiting", "unknown")
CANCELLATIONS, DUPLICATES = "cancellations", "duplicates"


@dataclass(frozen=True, slots=True)
class UnitReading:
    """How one unit stands; ages and spans are seconds, and None is what nobody knows.

    Attributes:
        state: one of `STATES`.
        beat_age_s: since its last sign of life; beat_limit_s: how old that may get before something is done.
        progress_age_s: since real work last moved; progress_budget_s: how long it may stay so, 0 when idle.
        restarts_fruitless: how many count now, in the window in which they lead to quarantine.
        rss_bytes: what it and all below it hold in memory.
        cpu_s: what this life of it has used; it begins again at 0 with the next one.
    """

    name: str
    state: str
    beat_age_s: float | None = None
    beat_limit_s: float | None = None
    progress_age_s: float | None = None
    progress_budget_s: float = 0.0
    is_busy: bool = False
    restarts_fruitless: int = 0
    rss_bytes: float | None = None
    cpu_s: float | None = None


@dataclass(frozen=True, slots=True)
class QueueReading:
    """How many jobs wait on one queue, and for how many seconds the oldest has; 0 when none does."""

    name: str
    depth: int
    oldest_job_age_s: float = 0.0


@dataclass(frozen=True, slots=True)
class TickReading:
    """The supervisor's own sign of life.

    Attributes:
        at: when the last look was completed, in seconds since 1970; before the first one, when it started.
        duration_s: how long the last look took. count, total_s: how many there were since the start, and their time.
    """

    at: float
    duration_s: float = 0.0
    count: int = 0
    total_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What one scrape shows.

    Attributes:
        vouchers: lines by outcome (`ENDED` since ever, `OPEN` now), `CANCELLATIONS` and `DUPLICATES` since ever. Leave
            it empty while the counts are not known: a counter that falls to 0 and comes back counts all of them again.
        restarts: by unit and reason, since ever; what is missing is 0.
        checks: one of `CHECK_STATES` by the check's name.
        hold: why nothing is done now, in one word; "" if nothing forbids it.
    """

    tick: TickReading
    units: Sequence[UnitReading] = ()
    vouchers: Mapping[str, int] = field(default_factory=dict)
    queues: Sequence[QueueReading] = ()
    restarts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    checks: Mapping[str, str] = field(default_factory=dict)
    hold: str = ""
