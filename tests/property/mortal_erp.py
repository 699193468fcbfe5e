"""Books whose client may die at any request."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from jikimi.erp.port import Booked, Catalogue, Voucher
from jikimi.testing.erp import FakeErp
from tests.unit.vouchers.office import EXTRA_ACCOUNTS

T = TypeVar("T")


class Killed(Exception):
    """The process died at this request."""


@dataclass
class Fuse:
    """Kills the worker at its request *left*: before it, after it, or while it is on its way."""

    left: int = 0
    how: str = "before"

    def burn(self) -> str:
        """Return how the worker dies at this request, "" if it lives."""
        self.left -= 1
        return self.how if self.left == 0 else ""


class MortalErp(FakeErp):
    """Books whose client may die at any request."""

    def __init__(self, fuse: Fuse, *, posts_several: bool) -> None:
        super().__init__(posts_several=posts_several)
        self.accounts |= {**EXTRA_ACCOUNTS, "901": "이자수익"}
        self._fuse = fuse

    def catalogue(self) -> Catalogue:
        return self._ask(super().catalogue)

    def find(self, keys: Sequence[str]) -> list[Booked]:
        return self._ask(lambda: super(MortalErp, self).find(keys))

    def find_on(self, days: Sequence[date]) -> list[Booked]:
        return self._ask(lambda: super(MortalErp, self).find_on(days))

    def find_by_text(self, texts: Sequence[str]) -> list[Booked]:
        return self._ask(lambda: super(MortalErp, self).find_by_text(texts))

    def find_reversals(self, ids: Sequence[int]) -> list[Booked]:
        return self._ask(lambda: super(MortalErp, self).find_reversals(ids))

    def drafts(self) -> list[Booked]:
        return self._ask(super().drafts)

    def stage(self, vouchers: Sequence[Voucher]) -> list[Booked]:
        return self._ask(lambda: super(MortalErp, self).stage(vouchers), writes=True)

    def post(self, drafts: Sequence[Booked]) -> list[Booked]:
        return self._ask(lambda: super(MortalErp, self).post(drafts), writes=True)

    def discard(self, drafts: Sequence[Booked]) -> None:
        self._ask(lambda: super(MortalErp, self).discard(drafts), writes=True)

    def _ask(self, effect: Callable[[], T], *, writes: bool = False) -> T:
        how = self._fuse.burn()
        if how == "late" and writes:
            self.late.append(effect)
        elif how != "before":
            answer = effect()
            if not how:
                return answer
        if how:
            raise Killed
        raise AssertionError(how)
