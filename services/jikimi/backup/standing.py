"""How the safe's keys stand: the machine alone is no place for the only key to its own backups."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from jikimi.text import Text

CONFIRM_WITHIN = timedelta(days=14)
_WARNING = Text(
    "복구 안내문을 아직 확인하지 않았습니다 ({days}일 남음): jikimi backup recovery-sheet",
    "the recovery sheet is not confirmed yet ({days} days left): jikimi backup recovery-sheet",
)
_NG = Text(
    "복구 안내문이 확인되지 않았습니다. 이 컴퓨터를 잃으면 백업을 열 수 없습니다: jikimi backup recovery-sheet",
    "the recovery sheet was never confirmed; without this machine nobody can open the backups:"
    " jikimi backup recovery-sheet",
)


class Standing(StrEnum):
    """As a check says it."""

    OK = "ok"
    WARN = "warn"
    NG = "ng"


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """How the keys stand, with what a person is told; *days_left* until it is NG."""

    state: Standing
    message: Text | None = None
    days_left: int = 0


def key_standing(made: datetime | None, confirmed: datetime | None, now: datetime) -> KeyStanding:
    """Return how the keys stand.

    Args:
        made: when they were made, None if there are none. confirmed: when a person said that the sheet is kept.
    """
    if confirmed is not None:
        return KeyStanding(Standing.OK)
    age = now - made if made is not None else timedelta(0)
    if age > CONFIRM_WITHIN:
        return KeyStanding(Standing.NG, _NG)
    # a clock that jumped back gives no more days than there ever were
    left = min(CONFIRM_WITHIN - age, CONFIRM_WITHIN)
    return KeyStanding(Standing.WARN, _WARNING, -(-left // timedelta(days=1)))


_NOT_MADE = Text(
    "다른 곳의 저장소를 아직 만들지 않았습니다: jikimi backup offsite init",
    "the repository off-site was never made: jikimi backup offsite init",
)
_NOT_COPIED = Text("다른 곳에 아직 사본이 없습니다{why}", "there is no copy off-site yet{why}")
_COPY_OLD = Text(
    "다른 곳의 마지막 사본이 {hours}시간 전 것입니다{why}", "the newest copy off-site is {hours} hours old{why}"
)
_COPY_TROUBLE = Text("다른 곳의 사본에 문제가 있습니다{why}", "there is trouble with the copies off-site{why}")
LATE, TOO_LATE = timedelta(hours=26), timedelta(hours=50)
_NONE = Text("아직 좋은 백업이 없습니다", "there is no good backup yet")
_OLD = Text("마지막 좋은 백업이 {hours}시간 전입니다", "the last good backup is {hours} hours old")


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the newest good backup is, with what a person is told."""

    state: Standing
    message: Text | None = None
    hours: int = 0


def freshness(last_good: datetime | None, since: datetime | None, now: datetime) -> Freshness:
    """Return how fresh the backups are.

    Args:
        last_good: when the newest good one began. since: when the safe was made, None if there is none.
    """
    known = last_good or since
    age = now - known if known else timedelta(0)
    message = _OLD if last_good else _NONE
    hours = age // timedelta(hours=1)
    if age > TOO_LATE:
        return Freshness(Standing.NG, message, hours)
    if age > LATE or last_good is None:
        return Freshness(Standing.WARN, message, hours)
    return Freshness(Standing.OK)


def offsite_freshness(
    newest: datetime | None, now: datetime, late: timedelta, *, is_made: bool, is_damaged: bool = False
) -> Freshness:
    """Return how fresh the copies off-site are; nothing about them is ever worse than a warning.

    Args:
        newest: when the newest one that is known to be there was made. late: how old it may be.
    """
    if not is_made:
        return Freshness(Standing.WARN, _NOT_MADE)
    if newest is None:
        return Freshness(Standing.WARN, _NOT_COPIED)
    if now - newest > late:
        return Freshness(Standing.WARN, _COPY_OLD, (now - newest) // timedelta(hours=1))
    return Freshness(Standing.WARN, _COPY_TROUBLE) if is_damaged else Freshness(Standing.OK)
