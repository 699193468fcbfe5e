"""A voucher as it is typed in, and what may be wrong with it."""

import re
from dataclasses import dataclass
from datetime import date

ACCOUNTS = ("여비교통비", "복리후생비", "소모품비", "접대비")
FIRST_OPEN_DAY = date(2026, 1, 1)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AMOUNT = re.compile(r"[0-9]{1,12}|[0-9]{1,3}(,[0-9]{3}){1,3}")


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of the form, as text."""

    day: str = ""
    account: str = ""
    party: str = ""
    amount: str = ""
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Voucher:
    """A stored voucher; *amount* is in won."""

    number: int
    day: str
    account: str
    party: str
    amount: int
    memo: str


def problem(draft: Draft) -> str:
    """Return what is wrong first with *draft*, from its first field to its last, else ""."""
    day = _day(draft.day)
    checks = (
        (day is None, "오류: 일자가 올바르지 않습니다"),
        (day is not None and day < FIRST_OPEN_DAY, "오류: 마감된 월입니다"),
        (draft.account not in ACCOUNTS, "오류: 계정을 선택하세요"),
        (not draft.party, "오류: 거래처를 입력하세요"),
        (won(draft.amount) == 0, "오류: 금액이 올바르지 않습니다"),
    )
    return next((message for wrong, message in checks if wrong), "")


def won(text: str) -> int:
    """Return a whole amount, with or without thousands; 0 for anything else."""
    return int(text.replace(",", "")) if _AMOUNT.fullmatch(text) else 0


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:  # such as the 31st of a short month
        return None
