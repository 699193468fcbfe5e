"""What would come of a file: read it, ask the ERP if it answers, write nothing."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from jikimi.cli.context import Context, NotRunning, erp_of
from jikimi.cli.show import Show
from jikimi.clock import today
from jikimi.config import Profile
from jikimi.config.model import Ledger
from jikimi.erp.port import Books, Catalogue, NotAllowed, Unavailable
from jikimi.tables.reasons import FileRefused, Reason
from jikimi.text import Lang, Text
from jikimi.vouchers.bookings import booking_of
from jikimi.vouchers.entry import Entry
from jikimi.vouchers.foretold import EmptyBooks, foretell, unasked_catalogue
from jikimi.vouchers.intake import candidates
from jikimi.vouchers.line import Statement
from jikimi.vouchers.outcome import State
from jikimi.vouchers.readers import ReadOptions, read_statement
from jikimi.vouchers.rulebook import read_rules

_REFUSED = Text("{name}: 파일을 받을 수 없습니다. {reason}", "{name}: the file is refused. {reason}")
_UNASKED = Text(
    "ERP가 꺼져 있어 장부와 회계기간, 통화는 확인하지 못했습니다",
    "the ERP is off: neither the ledger nor its periods and currency were looked at",
)
_SUMS = Text(
    "기표될 줄 {posted}, 이미 있음 {already}, 거절 {rejected}, 대기 {waiting}, 건너뛴 줄 {skipped}",
    "would be posted {posted}, already {already}, rejected {rejected}, waiting {waiting}, skipped {skipped}",
)


def foresee(context: Context, path: Path, profile_name: str | None) -> dict[str, Any]:
    """Return the document `jikimi.preview` of one file."""
    document: dict[str, Any] = {"file": path.name, "profile": profile_name or "", "ledger": "", "refusal": None}
    ledgers = _Ledgers(context)
    try:
        name, profile, statement = _recognise(context, path.read_bytes(), profile_name, ledgers)
    except FileRefused as refusal:
        return {**document, "refusal": _reason(refusal.reason), "in": 0, "rows": []}
    rules = read_rules(context.home, name, profile)
    asked = ledgers.ask(profile.ledger)
    books, catalogue = asked or (EmptyBooks(), unasked_catalogue(rules, statement))
    outcomes, keys = foretell(statement, rules, books, catalogue, asked=asked is not None)
    lines = {line.row: line for line in statement.lines}
    rows = []
    for row in sorted(outcomes):
        line = lines.get(row)
        what = (line.on.isoformat(), line.counterparty, str(line.amount)) if line else ("", "", "")
        booking = booking_of(line, outcomes[row], rules, catalogue) if line else None
        kind = line.kind.value if line else ""
        entry = Entry(row, keys.get(row, ""), *what, outcomes[row], kind, booking)
        rows.append(entry.shown(outcomes[row].number))
    counts = Counter(row["outcome"] for row in rows)
    sums = {state.value: counts[state.value] for state in State}
    head = {"profile": name, "ledger": profile.ledger.value, "erp_asked": asked is not None, "format": statement.format}
    return {**document, **head, "in": len(rows), **sums, "skipped": statement.skipped, "rows": rows}


def print_foreseen(show: Show, document: dict[str, Any]) -> None:
    """Print the document for a person."""
    if document["refusal"]:
        show.say(_REFUSED, name=document["file"], reason=document["refusal"][show.lang.value])
        return
    title = f"{document['file']} → {document['profile']}"
    show.rows(title, document["ledger"], document["rows"], foretold=True)
    show.say(_SUMS, **{name: document[name] for name in ("posted", "already", "rejected", "waiting", "skipped")})
    if not document["erp_asked"]:
        show.say(_UNASKED)


class _Ledgers:
    """The ledgers, each asked at most once for what it takes."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._asked: dict[Ledger, tuple[Books, Catalogue] | None] = {}

    def ask(self, ledger: Ledger) -> tuple[Books, Catalogue] | None:
        """Return the ledger's books and catalogue, None if its ERP does not answer."""
        if ledger not in self._asked:
            self._asked[ledger] = self._ask(ledger)
        return self._asked[ledger]

    def options(self, profile: Profile) -> ReadOptions:
        """Return how the profile's files are read: in the currency of its ledger, as a cycle does."""
        day = today(self._context.clock, self._context.config.settings.zone)
        options = ReadOptions(day, profile.approval_digits)
        asked = self.ask(profile.ledger)
        if asked is None:
            return options
        _, catalogue = asked
        return replace(options, currency=catalogue.currency, digits=catalogue.digits)

    def _ask(self, ledger: Ledger) -> tuple[Books, Catalogue] | None:
        try:
            erp = erp_of(self._context.config, ledger, self._context.clock)
            return erp, erp.catalogue()
        except (NotRunning, Unavailable, NotAllowed):
            return None  # said in the document


def _recognise(
    context: Context, data: bytes, profile_name: str | None, ledgers: _Ledgers
) -> tuple[str, Profile, Statement]:
    """Return the profile and the statement; without a name, of the only profile that can read it."""
    profiles = context.config.settings.profiles
    possible = {profile_name: profiles[profile_name]} if profile_name else candidates(profiles)
    fitting, refusals = [], []
    for name, profile in possible.items():
        try:
            statement = read_statement(data, profile.kind, ledgers.options(profile))
        except FileRefused as refusal:
            refusals.append(refusal)
        else:
            fitting.append((name, profile, statement))
    if len(fitting) > 1:
        raise FileRefused(Reason("fits_many_profiles", {"profiles": ", ".join(name for name, _, _ in fitting)}))
    if fitting:
        return fitting[0]
    same = {refusal.reason.code for refusal in refusals}
    if len(same) == 1:
        raise refusals[0]
    raise FileRefused(Reason("fits_no_profile", {"profiles": ", ".join(possible)}))


def _reason(reason: Reason) -> dict[str, str]:
    return {"code": reason.code, **{lang.value: reason.say(lang) for lang in Lang}}
