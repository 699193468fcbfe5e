"""What the ERP worker does when a person asks to undo vouchers, or to correct one."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

import structlog
from pydantic import BaseModel

from jikimi.config.model import Ledger
from jikimi.erp.port import Booked, Catalogue, Erp, Voucher
from jikimi.tables.reasons import Reason
from jikimi.text import Lang
from jikimi.vouchers.accounts import account_named
from jikimi.vouchers.bookings import Booking
from jikimi.vouchers.correction import CORRECTED, correct
from jikimi.vouchers.file_answers import FileAnswers
from jikimi.vouchers.journal import Journal
from jikimi.vouchers.lineage import corrected_by, inverses, successor
from jikimi.vouchers.outcome import Outcome, State
from jikimi.vouchers.posting import Desk
from jikimi.vouchers.rulebook import learn_merchant, no_vat_accounts
from jikimi.vouchers.shop import Shop
from jikimi.vouchers.undo import Named, effect, named, undo, undo_plan

log = structlog.get_logger()
_HOLDS = (State.POSTED, State.ALREADY)
Sums = Mapping[str, Decimal]


class ReverseArguments(BaseModel):
    """Which voucher, or all of which file, shall be undone in which ledger, and who says so."""

    wanted: str
    ledger: Ledger
    who: str
    dry_run: bool = False


class CorrectArguments(BaseModel):
    """Which voucher gets which account in which ledger, and whether to learn a rule."""

    wanted: str
    account: str
    ledger: Ledger
    who: str
    learn: bool = False


class ReversalRequests:
    """Undoes and corrects vouchers."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def reverse(self, asked: ReverseArguments) -> dict[str, Any]:
        """Undo one voucher, named by key or number, or all that a file has posted.

        With *dry_run* nothing is written, and each voucher is said to be `planned`.
        """
        journal, desk = self._shop.journal.of(asked.ledger), self._shop.desk_of(asked.ledger)
        found = named(journal, desk.erp, asked.wanted)
        head = {"ambiguous": list(found.candidates), "file": found.file}
        if not found.keys:
            return {"reversals": [], **head, "balances": []}
        catalogue = desk.erp.catalogue()
        plan = undo_plan(desk.erp, found.keys, self._shop.today(), catalogue)
        before = effect(desk.erp, plan)
        if asked.dry_run:
            shown = [_planned(key, made) for key, made in plan.items()]
            after = _after(before, [made for made in plan.values() if isinstance(made, Voucher)])
        else:
            outcomes, standing = self._undo(journal, desk, found, asked)
            shown = [{**_shown(key, outcome), "standing": standing.get(key, "")} for key, outcome in outcomes.items()]
            after = effect(desk.erp, [*plan, *outcomes])
            FileAnswers(self._shop, asked.ledger).write_again(outcomes)
        numbers = {booked.key: booked.number for booked in desk.erp.find([item["key"] for item in shown])}
        reversals = [{**item, "voucher": numbers.get(item["key"], "")} for item in shown]
        return {"reversals": reversals, **head, "balances": _balances(before, after, catalogue)}

    def _undo(
        self, journal: Journal, desk: Desk, found: Named, asked: ReverseArguments
    ) -> tuple[dict[str, Outcome], dict[str, str]]:
        """Return how each inverse ended, and which corrections of what was named still stand."""
        phase, moved = f"reversing {asked.wanted}", self._shop.watcher.moved
        outcomes = _leased(desk, lambda: undo(desk, found.keys, self._shop.today(), lambda done: moved(phase, done)))
        numbers = {key: outcome.number for key, outcome in outcomes.items() if outcome.number}
        standing = _record(journal, desk.erp, numbers, asked.who)
        for key, outcome in outcomes.items():
            if outcome.state is State.POSTED:
                log.info("voucher.reversed", key=key, number=outcome.number, who=asked.who)
        return outcomes, {key: number for key, number in standing.items() if not found.file}

    def correct(self, asked: CorrectArguments) -> dict[str, Any]:
        """Undo a voucher and post it again with another account; learn the rule if asked."""
        journal, desk = self._shop.journal.of(asked.ledger), self._shop.desk_of(asked.ledger)
        found = named(journal, desk.erp, asked.wanted)
        if len(found.keys) != 1:
            return {"corrections": [], "ambiguous": [*found.candidates, *found.keys], "account": "", "name": ""}
        (key,), catalogue = found.keys, desk.erp.catalogue()
        account = account_named(catalogue, asked.account)
        if isinstance(account, Reason):
            outcomes = {key: Outcome(State.REJECTED, account)}
        else:
            today, no_vat = self._shop.today(), self._no_vat(asked.ledger)
            outcomes = _leased(desk, lambda: correct(desk, key, account, today, lambda _: None, no_vat=no_vat))
        original = next((one for one in desk.erp.find([key]) if one.posted), None)
        document: dict[str, Any] = {
            "corrections": [_shown(name, outcome) for name, outcome in outcomes.items()],
            "voucher": original.number if original else "",
            "account": account if isinstance(account, str) else "",
            "name": catalogue.accounts.get(account, "") if isinstance(account, str) else "",
            "ambiguous": [],
        }
        new = outcomes.get(CORRECTED)
        if original is None or new is None or new.state not in _HOLDS or not isinstance(account, str):
            return document
        inverse = inverses(desk.erp, [original])[key]
        _record(journal, desk.erp, {key: inverse.number}, asked.who)
        FileAnswers(self._shop, asked.ledger).write_again([key])
        if new.state is State.POSTED:
            log.info("voucher.corrected", key=key, number=new.number, account=account, who=asked.who)
        learned = self._learn(journal, original, account) if asked.learn else None
        document["inverse"] = inverse.number
        if learned is not None:
            document["learned"] = {**_said(learned), "holds": learned.code in ("learned", "learned_before")}
        return document

    def _no_vat(self, ledger: Ledger) -> Collection[str]:
        config = self._shop.config
        return no_vat_accounts(config.home, config.settings.profiles, ledger)

    def _learn(self, journal: Journal, original: Booked, account: str) -> Reason:
        """Write the rule into the file of the voucher's profile; return what became of it."""
        profiles = self._shop.config.settings.profiles
        name = journal.reversals.profile_of(original.key)
        if name not in profiles:
            return Reason("profile_unknown")
        learned = learn_merchant(self._shop.config.home, (name, profiles[name]), original, account, self._shop.today())
        if learned.code == "learned":
            log.info("rule.learned", profile=name, account=account, name=original.description)
        return learned


def _record(journal: Journal, erp: Erp, numbers: Mapping[str, str], who: str) -> dict[str, str]:
    """Keep which vouchers are undone, by which *numbers*, and which ones replace them.

    Return the numbers of those that stand in the place of one.
    """
    standing: dict[str, str] = {}
    names = erp.catalogue().accounts if numbers else {}
    undone = inverses(erp, [one for one in erp.find(list(numbers)) if one.posted]) if numbers else {}
    for key, number in numbers.items():
        inverse = undone.get(key)
        found = successor(erp, inverse) if inverse is not None and corrected_by(inverse) else None
        if found is None:
            journal.reversals.record(key, number, who)
            continue
        last, undone_by = found
        journal.reversals.record_correction(key, number, (last.key, last.number), _booking(last, names), who)
        if undone_by is None:
            standing[key] = last.number
        else:
            journal.reversals.record(last.key, undone_by.number, who)
    return standing


def _booking(corrected: Booked, names: Mapping[str, str]) -> Booking:
    own, *vat = corrected.entries[:-1]
    return Booking(
        ((own.account, names.get(own.account, "")),), sum((one.debit + one.credit for one in vat), Decimal(0))
    )


def _leased(desk: Desk, work: Callable[[], dict[str, Outcome]]) -> dict[str, Outcome]:
    desk.lease.take()
    try:
        return work()
    finally:
        desk.lease.release()


def _after(before: Sums, vouchers: list[Voucher]) -> Sums:
    sums = dict(before)
    for entry in (entry for voucher in vouchers for entry in voucher.entries):
        sums[entry.account] = sums.get(entry.account, Decimal(0)) + entry.debit - entry.credit
    return sums


def _balances(before: Sums, after: Sums, catalogue: Catalogue) -> list[dict[str, str]]:
    zero = Decimal(0)
    return [
        {
            "account": account,
            "name": catalogue.accounts.get(account, ""),
            "before": str(before.get(account, zero)),
            "after": str(after.get(account, zero)),
        }
        for account in sorted({*before, *after})
    ]


def _planned(key: str, made: Voucher | Reason) -> dict[str, Any]:
    """Return what would become of the voucher *key*, as plain JSON."""
    if isinstance(made, Voucher):
        return {"key": key, "outcome": "planned", "number": "", "reason": {}, "amount": str(made.debit)}
    outcome = State.ALREADY if made.code == "reversed_already" else State.REJECTED
    return {"key": key, "outcome": outcome.value, "number": str(made.facts.get("number", "")), "reason": _said(made)}


def _shown(key: str, outcome: Outcome) -> dict[str, Any]:
    return {
        "key": key,
        "outcome": outcome.state.value,
        "number": outcome.number,
        "reason": _said(outcome.reason) if outcome.reason else {},
    }


def _said(reason: Reason) -> dict[str, str]:
    return {lang.value: reason.say(lang) for lang in Lang}
