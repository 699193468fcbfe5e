"""An ERP in memory that passes the ERP contract, and that can fail the way real ones do."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from enum import Enum, auto
from typing import TypeVar

from jikimi.erp.port import Booked, Catalogue, Period, Refused, Unavailable, Voucher

T = TypeVar("T")


class Fate(Enum):
    """What becomes of one writing request."""

    DONE = auto()  # it takes effect and is answered
    LOST = auto()  # it never arrives; the client sees Unavailable
    UNANSWERED = auto()  # it takes effect, but the client sees Unavailable
    LATE = auto()  # the client sees Unavailable; it takes effect at a later `arrive`


THIS_YEAR = Period(date(2026, 1, 1), date(2026, 12, 31), is_open=True)
ACCOUNTS = {
    "103": "보통예금",
    "135": "부가세대급금",
    "253": "미지급금",
    "401": "상품매출",
    "811": "복리후생비",
    "812": "여비교통비",
    "830": "소모품비",
    "831": "지급수수료",
}


class FakeErp:
    """Books in memory. `fate` is asked once for each writing request, so that a test decides what fails.

    Args:
        posts_several: whether it posts several drafts at once, or refuses that as some servers do.
    """

    def __init__(self, fate: Callable[[], Fate] = lambda: Fate.DONE, *, posts_several: bool = True) -> None:
        self.fate = fate
        self.posts_several = posts_several
        self.accounts = dict(ACCOUNTS)
        self.periods: tuple[Period, ...] = (THIS_YEAR,)
        self.books: dict[int, Booked] = {}
        self.late: deque[Callable[[], object]] = deque()
        self._next = 1
        self._number = 0

    def arrive(self) -> None:
        """Let the oldest late request take effect now."""
        if self.late:
            try:
                self.late.popleft()()
            except Refused:
                return

    def catalogue(self) -> Catalogue:
        """Return what may be posted now."""
        return Catalogue(dict(self.accounts), self.periods, "KRW", 0)

    def find(self, keys: Sequence[str]) -> list[Booked]:
        """Return every draft and posted voucher that bears one of *keys*."""
        return [booked for booked in self.books.values() if booked.key in set(keys)]

    def find_on(self, days: Sequence[date]) -> list[Booked]:
        """Return every draft and posted voucher on one of *days*."""
        return [booked for booked in self.books.values() if booked.on in set(days)]

    def find_by_text(self, texts: Sequence[str]) -> list[Booked]:
        """Return every posted voucher with an entry whose text is one of *texts*."""
        return [
            booked
            for booked in self.books.values()
            if booked.posted and any(entry.text in set(texts) for entry in booked.entries)
        ]

    def find_reversals(self, ids: Sequence[int]) -> list[Booked]:
        """Return every posted voucher whose origin is one of *ids*."""
        return [booked for booked in self.books.values() if booked.posted and booked.origin in set(ids)]

    def drafts(self) -> list[Booked]:
        """Return every draft."""
        return [booked for booked in self.books.values() if not booked.posted]

    def stage(self, vouchers: Sequence[Voucher]) -> list[Booked]:
        """Make drafts of *vouchers*, all or none."""
        return self._request(lambda: self._stage(vouchers))

    def post(self, drafts: Sequence[Booked]) -> list[Booked]:
        """Post *drafts*, all or none."""
        if len(drafts) > 1 and not self.posts_several:
            raise Refused(answer="one at a time")
        return self._request(lambda: self._post([draft.id for draft in drafts]))

    def discard(self, drafts: Sequence[Booked]) -> None:
        """Delete those of *drafts* that are drafts still."""
        self._request(lambda: self._discard([draft.id for draft in drafts]))

    def _request(self, effect: Callable[[], T]) -> T:
        fate = self.fate()
        if fate is Fate.DONE:
            return effect()
        if fate is Fate.UNANSWERED:
            effect()
        elif fate is Fate.LATE:
            self.late.append(effect)
        raise Unavailable(answer=fate.name)

    def _stage(self, vouchers: Sequence[Voucher]) -> list[Booked]:
        for voucher in vouchers:
            unknown = next((entry.account for entry in voucher.entries if entry.account not in self.accounts), None)
            if unknown is not None:
                raise Refused(answer=f"no account {unknown}")
            if not self.catalogue().takes(voucher.on):
                raise Refused(answer=f"no open period for {voucher.on}")
        staged = []
        for voucher in vouchers:
            booked = Booked(
                id=self._next,
                key=voucher.key,
                number="",
                posted=False,
                on=voucher.on,
                entries=voucher.entries,
                balanced=voucher.debit == voucher.credit,
                origin=voucher.origin,
                description=voucher.description,
                witnesses=voucher.witnesses,
            )
            self.books[booked.id] = booked
            self._next += 1
            staged.append(booked)
        return staged

    def _post(self, ids: Sequence[int]) -> list[Booked]:
        drafts = [self._postable(booked_id) for booked_id in ids]
        for draft in drafts:
            self._number += 1
            self.books[draft.id] = replace(draft, posted=True, number=f"2026-{self._number:06d}")
        return [self.books[booked_id] for booked_id in ids]

    def _postable(self, booked_id: int) -> Booked:
        booked = self.books.get(booked_id)
        if booked is None or booked.posted:
            raise Refused(answer="not a draft")
        if not booked.balanced:
            raise Refused(answer="not balanced")
        if not self.catalogue().takes(booked.on):
            raise Refused(answer=f"no open period for {booked.on}")
        return booked

    def _discard(self, ids: Sequence[int]) -> None:
        for booked_id in ids:
            booked = self.books.get(booked_id)
            if booked is not None and not booked.posted:
                del self.books[booked_id]
