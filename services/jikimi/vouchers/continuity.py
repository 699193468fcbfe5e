"""See whether a bank statement goes on where the last one of the same account ended."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import structlog

from jikimi.tables.reasons import Reason
from jikimi.vouchers.balance_proof import Span, spans_of
from jikimi.vouchers.line import Statement, StatementKind
from jikimi.vouchers.span_log import SpanLog

log = structlog.get_logger()


def continuity_notes(spans: SpanLog, profile: str, sha: str, statement: Statement) -> tuple[Reason, ...]:
    """Remember what a file covers and return a note for each statement that is missing beside it.

    A file that waits is looked at in every cycle; the log tells of it in the first one only.
    """
    if statement.kind is not StatementKind.BANK or statement.stated.is_part:
        return ()
    notes: list[Reason] = []
    for span in spans_of(statement):
        found = gaps(spans.others(profile, sha, span.account), span)
        if spans.keep(profile, sha, span):
            for note in found:
                log.warning(
                    "statement.missing", profile=profile, after=note.facts["after"], before=note.facts["before"]
                )
        notes.extend(found)
    return tuple(notes)


def gaps(neighbours: Sequence[Span], span: Span) -> tuple[Reason, ...]:
    """Return where a statement is missing between *span* and the nearest of *neighbours* before and after it.

    Only balances tell: days without a statement may have had no transaction. Statements that overlap leave no gap.
    """
    found = []
    earlier = [one for one in neighbours if one.first < span.first]
    if earlier and (last := max(one.last for one in earlier)) < span.first:
        closings = {one.closing for one in earlier if one.last == last}
        found.append(_gap(last, closings, span.first, {span.opening}))
    later = [one for one in neighbours if one.last > span.last]
    if later and (first := min(one.first for one in later)) > span.last:
        openings = {one.opening for one in later if one.first == first}
        found.append(_gap(span.last, {span.closing}, first, openings))
    return tuple(gap for gap in found if gap is not None)


def _gap(after: date, closings: set[Decimal | None], before: date, openings: set[Decimal | None]) -> Reason | None:
    """Return the gap between two days, None if the balances may be the same."""
    known = [(one, two) for one in closings for two in openings if one is not None and two is not None]
    if len(known) < len(closings) * len(openings) or any(one == two for one, two in known):
        return None
    closing, opening = min(known)
    facts = {"after": after.isoformat(), "before": before.isoformat()}
    return Reason("statement_missing", {**facts, "closing": f"{closing:,}", "opening": f"{opening:,}"})
