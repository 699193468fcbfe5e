"""An ERP without an API: a flow enters its vouchers, and what it replies is what stands there.

Drafts lie in `work/outgoing/<flow>/`, a file a key. To post one is to hand it to the flow as a question; what comes
back lies in `outputs/items/<flow>/`. A question may be asked any number of times: its key is entered once. So whatever
is lost here (a draft, a question, a reply) is made again, and nothing is entered twice.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from jikimi.clock import Clock
from jikimi.config import Home
from jikimi.erp.handed_out import Stand, as_it_stands, draft_of, stand, values_of
from jikimi.erp.port import Booked, Catalogue, Period, Refused, Unavailable, Voucher
from jikimi.inbox import (
    OUTGOING,
    Reply,
    drop_item,
    file_name,
    open_questions,
    question_name,
    read_reply,
    replies,
)
from jikimi.whole_file import replace_text

_ALWAYS = Period(date.min, date.max, is_open=True)
_CURRENCY, _DIGITS = "KRW", 0
_GONE = "the draft is gone"


class FlowErp:
    """The ledger that a flow works in.

    Args:
        flow: enters a voucher; its probe finds it by its key.
    """

    def __init__(self, home: Home, flow: str, clock: Clock) -> None:
        self._home, self._flow, self._clock = home, flow, clock
        self._drafts = home / f"work/{OUTGOING}/{flow}"
        self._newest = 0

    def catalogue(self) -> Catalogue:
        """Return that everything may be posted: only the other side knows what it takes, and refuses the rest."""
        return Catalogue(AnyAccount(), (_ALWAYS,), _CURRENCY, _DIGITS)

    def find(self, keys: Sequence[str]) -> list[Booked]:
        """Return what bears one of *keys*, by ascending id."""
        with _files():
            out = open_questions(self._home, self._flow)
            found = [self._stands(key, is_out=question_name(key) in out) for key in dict.fromkeys(keys)]
        return sorted(filter(None, found), key=lambda booked: booked.id)

    def find_on(self, days: Sequence[date]) -> list[Booked]:
        """Return every draft and posted voucher on one of *days*; reads every reply there is."""
        wanted = set(days)
        there = (*self.drafts(), *self._posted(days))
        return [one for one in self.find([one.key for one in there]) if one.on in wanted]

    def find_by_text(self, texts: Sequence[str]) -> list[Booked]:
        """Return every posted voucher with an entry whose text is one of *texts*; reads every reply there is."""
        wanted = set(texts)
        return [one for one in self._posted(texts) if any(entry.text in wanted for entry in one.entries)]

    def find_reversals(self, ids: Sequence[int]) -> list[Booked]:
        """Return every posted voucher whose origin is one of *ids*; reads every reply there is."""
        wanted = set(ids)
        return [one for one in self._posted(ids) if one.origin in wanted]

    def drafts(self) -> list[Booked]:
        """Return every draft, by ascending id."""
        with _files():
            found = [_draft(path) for path in self._drafts.glob("[!.]*.json")]
        return sorted(filter(None, found), key=lambda draft: draft.id)

    def stage(self, vouchers: Sequence[Voucher]) -> list[Booked]:
        """Write drafts down; should that end in the middle, the first of them are found again."""
        now = round(self._clock.now().timestamp() * 1_000_000)
        staged = []
        with _files():
            for voucher in vouchers:
                self._newest = max(now, self._newest + 1)
                data = values_of(voucher, self._newest, self._number_of(voucher.origin))
                body = {"v": 1, "key": voucher.key, "data": data}
                replace_text(self._file(voucher.key), json.dumps(body, ensure_ascii=False))
                staged.append(draft_of(voucher.key, data))
        return list(filter(None, staged))

    def post(self, drafts: Sequence[Booked]) -> list[Booked]:
        """Hand *drafts* to the flow, and return them as they stand: posted only where it has replied already.

        Raises:
            Refused: the flow has refused one, or one is gone; none that was not was handed out.
        """
        with _files():
            out = open_questions(self._home, self._flow)
            replied = {draft.key: read_reply(self._home, self._flow, draft.key) for draft in drafts}
            for draft in drafts:
                self._check(draft, replied[draft.key])
            for draft in drafts:
                name = question_name(draft.key)
                if name not in out and stand(draft.id, replied[draft.key]) is Stand.OPEN:
                    drop_item(self._home, self._flow, name, draft.key, self._values(draft.key))
            booked = [self._stands(draft.key, is_out=True) or draft for draft in drafts]
            for one in booked:
                if one.posted:
                    self._file(one.key).unlink(missing_ok=True)
        return booked

    def discard(self, drafts: Sequence[Booked]) -> None:
        """Delete *drafts*; what the flow has entered stands."""
        with _files():
            for draft in drafts:
                mine = self._draft(draft.key)
                if mine is not None and mine.id == draft.id:
                    self._file(draft.key).unlink(missing_ok=True)

    def _check(self, draft: Booked, reply: Reply | None) -> None:
        mine = self._draft(draft.key)
        if mine is None or mine.id != draft.id:
            raise Refused(answer=_GONE)
        if reply is not None and stand(draft.id, reply) is Stand.REFUSED:
            raise Refused(answer=reply.reason)

    def _stands(self, key: str, *, is_out: bool) -> Booked | None:
        reply = read_reply(self._home, self._flow, key)
        return as_it_stands(self._flow, key, self._draft(key), reply, is_out=is_out)

    def _posted(self, asked: Sequence[object]) -> list[Booked]:
        """Return all that stands posted, by ascending id; nothing if nothing is *asked* for."""
        if not asked:
            return []
        with _files():
            found = [
                as_it_stands(self._flow, reply.key, None, reply, is_out=False)
                for reply in replies(self._home, self._flow)
            ]
        return sorted((one for one in found if one is not None and one.posted), key=lambda booked: booked.id)

    def _number_of(self, origin: int | None) -> str:
        posted = self._posted([origin]) if origin is not None else []
        return next((booked.number for booked in posted if booked.id == origin), "")

    def _draft(self, key: str) -> Booked | None:
        return _draft(self._file(key))

    def _values(self, key: str) -> Mapping[str, Any]:
        values: Mapping[str, Any] = _read(self._file(key))["data"]
        return values

    def _file(self, key: str) -> Path:
        return self._drafts / f"{file_name(key)}.json"


class AnyAccount(Mapping[str, str]):
    """Accounts of which nobody has a list: each is there, by no name."""

    def __getitem__(self, code: str) -> str:
        return ""

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@contextmanager
def _files() -> Iterator[None]:
    """Take a disk that does not do for an ERP that is away."""
    try:
        yield
    except OSError as broken:
        raise Unavailable(answer=str(broken)) from broken


def _draft(path: Path) -> Booked | None:
    """Return the draft in a file; None for what is gone or none, so that it is made anew."""
    try:
        found = _read(path)
        return draft_of(found["key"], found["data"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _read(path: Path) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
