"""A voucher as a flow gets it, and how it stands by what the flow has replied. Pure, so that every reply is tried."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from jikimi.erp import reasons  # noqa: F401 - what follows says them
from jikimi.erp.port import Booked, Entry, Voucher
from jikimi.inbox import Reply
from jikimi.tables.reasons import Reason

_ZERO = Decimal(0)
_TWO_LINES = 2
_AMOUNT = re.compile(r"-?\d+(\.\d+)?")
_AROUND_AMOUNTS = re.compile(r"[,\s원₩]")
_NUMBERS = ("no", "number")


class Stand(StrEnum):
    """How a draft stands with its flow."""

    OPEN = "open"  # the flow has said nothing of this draft
    ENTERED = "entered"
    REFUSED = "refused"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"


def values_of(voucher: Voucher, draft: int, reverses: str) -> dict[str, Any]:
    """Return the values that a flow gets: text throughout, so that they can be typed in.

    Args:
        draft: the id of the draft; a draft that is made anew is other values, and so is tried anew.
        reverses: the number of the voucher that this one reverses, else "".
    """
    entries = voucher.entries
    is_plain = len(entries) == _TWO_LINES and sum(entry.debit > 0 for entry in entries) == 1
    return {
        "date": voucher.on.isoformat(),
        "amount": _text(voucher.debit),
        "text": next((entry.text for entry in entries if entry.text), ""),
        "debit": next((entry.account for entry in entries if entry.debit > 0), "") if is_plain else "",
        "credit": next((entry.account for entry in entries if entry.credit > 0), "") if is_plain else "",
        "entries": [
            {
                "account": entry.account,
                "debit": _text(entry.debit),
                "credit": _text(entry.credit),
                "text": entry.text,
            }
            for entry in entries
        ],
        "reverses": reverses,
        "origin": "" if voucher.origin is None else str(voucher.origin),
        "draft": str(draft),
        "description": voucher.description,
        "witnesses": voucher.witnesses,
    }


def draft_of(key: str, data: Mapping[str, Any]) -> Booked | None:
    """Return the draft that these values were made of; None if they are no voucher's."""
    try:
        entries = tuple(
            Entry(one["account"], Decimal(one["debit"]), Decimal(one["credit"]), one["text"]) for one in data["entries"]
        )
        on, origin = date.fromisoformat(data["date"]), int(data["origin"]) if data["origin"] else None
        draft = Booked(int(data["draft"]), key, "", posted=False, on=on, entries=entries, origin=origin)
        # Drafts and replies of the first release have neither.
        description, witnesses = str(data.get("description", "")), str(data.get("witnesses", ""))
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None
    return replace(draft, balanced=draft.debit == draft.credit, description=description, witnesses=witnesses)


def stand(draft: int | None, reply: Reply | None) -> Stand:
    """Return how the draft of that id stands.

    What was entered is entered, and what is in doubt stays so, whatever the draft was then. A refusal or a failure is
    that of its own draft only: of one that is made anew the flow has said nothing.
    """
    if reply is None:
        return Stand.OPEN
    if reply.state == "done":
        return Stand.ENTERED
    if reply.state == "in_doubt":
        return Stand.IN_DOUBT
    if draft is None or reply.data.get("draft") != str(draft):
        return Stand.OPEN
    return {"business": Stand.REFUSED, "failed": Stand.FAILED}.get(reply.state, Stand.OPEN)


def as_it_stands(flow: str, key: str, draft: Booked | None, reply: Reply | None, *, is_out: bool) -> Booked | None:
    """Return the voucher of *key* as the other side has it, by all that is known here; None if there is none.

    Args:
        is_out: its question lies with the flow now.
    """
    how = stand(draft.id if draft else None, reply)
    why = {"flow": flow, "key": key, "why": reply.reason if reply else ""}
    if reply is not None and how is Stand.ENTERED:
        entered = draft_of(key, reply.data) or draft
        return _read_back(entered, reply.result) if entered else None
    if draft is None:
        return None
    if how in (Stand.FAILED, Stand.IN_DOUBT):
        return replace(draft, waits=Reason(f"handed_out_{how}", why))
    if is_out or how is Stand.REFUSED:
        return replace(draft, waits=Reason("handed_out", {"flow": flow}))
    return draft


def _read_back(entered: Booked, result: Mapping[str, Any]) -> Booked:
    """Return *entered* with its number, and with the amount that the flow has read on the other side, if it did."""
    number = next((str(result[name]) for name in _NUMBERS if result.get(name)), entered.key)
    posted = replace(entered, number=number, posted=True)
    if result.get("amount") in (None, ""):
        return posted
    text = _AROUND_AMOUNTS.sub("", str(result["amount"]))
    amount = Decimal(text) if _AMOUNT.fullmatch(text) else _ZERO  # what is no amount is another one than ours
    return posted if amount == posted.debit else replace(posted, entries=_moving(amount, posted.entries))


def _moving(amount: Decimal, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return a voucher of *amount*: how the other side has shared it between its accounts was not read."""
    debit = next(entry for entry in entries if entry.debit > 0)
    credit = next(entry for entry in entries if entry.credit > 0)
    return (replace(debit, debit=amount, credit=_ZERO), replace(credit, debit=_ZERO, credit=amount))


def _text(amount: Decimal) -> str:
    return f"{amount:f}"
