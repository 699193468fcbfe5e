"""Bring vouchers into the ERP, each exactly once, whatever dies in between.

Two transactions make it safe: a draft first, posting second. Post is only ever sent for drafts that
an answer of the ERP has shown, and only when a search under the lease has shown no other voucher with
their keys. A request that is still under way when its client dies can then leave drafts, which a later
search finds; or post drafts that a later search chooses as well, which the ERP refuses the second time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from jikimi.erp.port import Booked, Erp, NotAllowed, Refused, Unavailable, Voucher
from jikimi.queue.port import Lease, LeaseLost, QueueAway
from jikimi.tables.reasons import Reason
from jikimi.vouchers.facts import Likeness, compare, read
from jikimi.vouchers.line import Kind
from jikimi.vouchers.lineage import corrects
from jikimi.vouchers.outcome import Outcome, State

Progress = Callable[[int], None]


class Intents(Protocol):
    """What is remembered across a crash, so that our own voucher is told from one that stood there before."""

    def intend(self, ids: Mapping[str, int]) -> None:
        """Remember, durably, that these keys are about to be posted as these ids of the ERP."""
        ...

    def intended(self, keys: Sequence[str]) -> set[str]:
        """Return those of *keys* that we were about to post."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """One ledger and what it takes to post there.

    Attributes:
        batch: vouchers per request, 1 to 100.
        posts: whether drafts are posted; otherwise they wait for a person.
    """

    erp: Erp
    lease: Lease
    intents: Intents
    batch: int
    posts: bool = True


def settle(desk: Desk, vouchers: Sequence[Voucher], progress: Progress) -> dict[str, Outcome]:
    """Return the outcome of each voucher's key; those that could not be asked about are waiting.

    *progress* is called with the number of vouchers settled so far.
    """
    outcomes: dict[str, Outcome] = {}
    for start in range(0, len(vouchers), desk.batch):
        batch = _Batch(desk, vouchers[start : start + desk.batch])
        try:
            batch.settle()
        except (Unavailable, NotAllowed, LeaseLost, QueueAway) as stop:
            reason = Reason("stopped", {"why": str(stop)})
            rest = {voucher.key: Outcome(State.WAITING, reason) for voucher in vouchers[start:]}
            return rest | outcomes | batch.outcomes
        outcomes |= batch.outcomes
        progress(len(outcomes))
    return outcomes


def sweep(desk: Desk) -> int:
    """Delete drafts whose key stands posted already: what requests of the dead left behind. Return how many."""
    desk.lease.check()
    drafts = desk.erp.drafts()
    posted = {booked.key for booked in desk.erp.find([draft.key for draft in drafts]) if booked.posted}
    orphans = [draft for draft in drafts if draft.key in posted]
    if orphans:
        desk.lease.check()
        desk.erp.discard(orphans)
    return len(orphans)


def judge(voucher: Voucher, booked: Sequence[Booked], *, ours: bool) -> Outcome:
    """Judge a voucher that stands posted; *booked* is all with its key, the posted ones first."""
    first = booked[0]
    if _contradict(voucher.witnesses, first.witnesses):
        return Outcome(State.WAITING, Reason("draft_gone"))  # its key was taken meanwhile; the next cycle sees it
    if len([item for item in booked if item.posted]) > 1:
        numbers = ", ".join(item.number for item in booked if item.posted)
        return Outcome(State.ALREADY, Reason("doubled", {"numbers": numbers}), first.number, first.debit, first.credit)
    if first.debit != voucher.debit:
        facts = {"number": first.number, "amount": first.debit, "asked": voucher.debit}
        return Outcome(State.REJECTED, Reason("conflict", facts))
    if ours:
        return Outcome(State.POSTED, None, first.number, first.debit, first.credit)
    reason = Reason("stands_already", {"number": first.number})
    return Outcome(State.ALREADY, reason, first.number, first.debit, first.credit)


class _Batch:
    """One round of search, stage, post."""

    def __init__(self, desk: Desk, vouchers: Sequence[Voucher]) -> None:
        self._vouchers = {voucher.key: voucher for voucher in vouchers}
        self._erp = desk.erp
        self._lease = desk.lease
        self._intents = desk.intents
        self._posts = desk.posts
        self.outcomes: dict[str, Outcome] = {}

    def settle(self) -> None:
        self._lease.check()
        ours = self._intents.intended(list(self._vouchers))
        drafts = self._known(ours)
        missing = [voucher for key, voucher in self._vouchers.items() if key not in drafts | self.outcomes]
        drafts |= {booked.key: booked for booked in self._stage(missing)}
        sound = [draft for draft in drafts.values() if self._balances(draft)]
        if not self._posts:
            waits = Outcome(State.WAITING, Reason("needs_approval"))
            self.outcomes |= {draft.key: waits for draft in sound}
            return
        asked = {draft.key for draft in sound if draft.waits is not None} & ours
        self._intents.intend({draft.key: draft.id for draft in sound if draft.key not in asked})
        self._post(sound)

    def _known(self, ours: set[str]) -> dict[str, Booked]:
        """Judge what the ERP has already; return the one draft of each key that has only drafts.

        A surplus draft may be posted by a dead client's request while we delete it, so the ERP is
        asked again until no key has two.
        """
        while True:
            found = by_key(self._erp.find(list(self._vouchers)))
            surplus = [draft for key, booked in found.items() for draft in _surplus(self._vouchers[key], booked)]
            if not surplus:
                break
            self._lease.check()
            self._erp.discard(surplus)
        for key, booked in found.items():
            if booked[0].posted:
                self.outcomes[key] = judge(self._vouchers[key], booked, ours=key in ours)
        return {key: booked[0] for key, booked in found.items() if not booked[0].posted}

    def _stage(self, vouchers: Sequence[Voucher]) -> list[Booked]:
        """Make drafts; a refused batch is halved until the one that is refused stands alone."""
        if not vouchers:
            return []
        self._lease.check()
        try:
            staged = self._erp.stage(vouchers)
        except Refused as refusal:
            if len(vouchers) == 1:
                self._reject(vouchers[0].key, Reason("refused", {"answer": refusal.facts["answer"]}))
                return []
            middle = len(vouchers) // 2
            return self._stage(vouchers[:middle]) + self._stage(vouchers[middle:])
        return staged

    def _balances(self, draft: Booked) -> bool:
        """Discard and reject a draft that does not balance: not every ERP refuses to post it."""
        if draft.balanced and draft.debit == draft.credit:
            return True
        self._lease.check()
        self._erp.discard([draft])
        self._reject(draft.key, Reason("unbalanced", {"rule": "", "debit": draft.debit, "credit": draft.credit}))
        return False

    def _post(self, drafts: Sequence[Booked]) -> None:
        """Post drafts at once; a refused batch is halved until the one that is refused stands alone."""
        if not drafts:
            return
        self._lease.check()
        try:
            posted = self._erp.post(drafts)
        except Refused as refusal:
            if len(drafts) == 1:
                self._refused(drafts[0], str(refusal.facts["answer"]))
                return
            middle = len(drafts) // 2
            self._post(drafts[:middle])
            self._post(drafts[middle:])
        else:
            self.outcomes |= {booked.key: self._asked(booked) for booked in posted}

    def _asked(self, booked: Booked) -> Outcome:
        """Judge a voucher whose posting was asked for: it stands now, or the ERP takes its time."""
        if booked.posted:
            return judge(self._vouchers[booked.key], [booked], ours=True)
        return Outcome(State.WAITING, booked.waits)

    def _refused(self, draft: Booked, answer: str) -> None:
        """Ask why: posted by a request that we had given up, gone because a sibling took it, or really refused."""
        found = by_key(self._erp.find([draft.key])).get(draft.key, [])
        if found and found[0].posted:
            self.outcomes[draft.key] = judge(self._vouchers[draft.key], found, ours=True)
        elif draft.id in {booked.id for booked in found}:
            self._erp.discard([draft])
            self._reject(draft.key, Reason("refused", {"answer": answer}))
        else:
            self.outcomes[draft.key] = Outcome(State.WAITING, Reason("draft_gone"))

    def _reject(self, key: str, reason: Reason) -> None:
        self.outcomes[key] = Outcome(State.REJECTED, reason)


def by_key(booked: Iterable[Booked]) -> dict[str, list[Booked]]:
    """Group by key: posted before drafts, older before newer."""
    grouped: defaultdict[str, list[Booked]] = defaultdict(list)
    for item in sorted(booked, key=lambda item: (not item.posted, item.id)):
        grouped[item.key].append(item)
    return grouped


def _surplus(voucher: Voucher, booked: Sequence[Booked]) -> list[Booked]:
    """Return the drafts of one key that must go: all but the first entry, and those of another transaction."""
    others = [item for item in booked if _contradict(voucher.witnesses, item.witnesses)]
    others += [item for item in booked if not item.posted and corrects(item.witnesses) != corrects(voucher.witnesses)]
    kept = [item for item in booked if item not in others]
    return [item for item in (*others, *kept[1:]) if not item.posted]


def _contradict(mine: str, other: str) -> bool:
    """Tell whether two vouchers of one key speak of different transactions; both must have witnesses."""
    one, two = read(mine), read(other)
    if one is None or two is None or Kind.JOURNAL in (one.kind, two.kind):
        return False
    return compare(one, two) in (Likeness.UNLIKE, Likeness.OTHER)
