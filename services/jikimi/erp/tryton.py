"""Tryton 8 by its REST interface with an application key: the key opens nothing but REST, and no password is kept.

Our own server (`services/tryton/`) has one route beside REST, which posts several drafts at once, and a module with
fields for the key and the witnesses; a company's own Tryton has neither, posts one at a time, and keeps both in the
description.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from http import HTTPStatus
from typing import Any

import urllib3

from jikimi.erp.port import Booked, Catalogue, Entry, Period, Refused, Unavailable, Voucher
from jikimi.erp.tryton_answer import understand
from jikimi.erp.tryton_fields import KEY, WITNESSES, InDescription, InFields, Keeping
from jikimi.erp.tryton_ids import Ids
from jikimi.erp.tryton_values import as_date, as_decimal, write_date, write_decimal

_MOVE = "account.move"
_MOVE_FIELDS = (
    "number",
    "state",
    "date",
    "origin",
    "lines.account.code",
    "lines.debit",
    "lines.credit",
    "lines.description",
    "lines.state",
)
_STAGED_FIELDS = ("lines.state",)  # all else is what was sent a moment ago
_POSTED_FIELDS = ("number", "state")  # posting changes nothing else, and reading entries costs as much as posting
_MODELS = "rest/model"
_POST_SEVERAL = "jikimi/post"
_NO_SUCH_ROUTE = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
_ONE_AT_A_TIME = "this server posts one at a time"
_PER_SEARCH = 100
_DAYS_PER_SEARCH = 30
_PER_ANSWER = 10_000
_SERVER_WAITS_S = 30  # for its database; a client that gives up earlier leaves a request at work behind
_READ_S = 5 + _SERVER_WAITS_S
_CONNECT_S = 5
Json = dict[str, Any]


class Tryton:
    """One database of a Tryton server.

    Args:
        url: of the server, without a path.
        key: an application key of a user who may create, post and delete moves.
    """

    def __init__(self, url: str, database: str, key: str) -> None:
        self._base = f"{url.rstrip('/')}/{database}"
        self._posts_several = True  # until the server says that it has no such route
        self._known_keeping: Keeping | None = None
        self._http = urllib3.PoolManager(
            headers={"Authorization": f"bearer {key}", "Content-Type": "application/json"},
            timeout=urllib3.Timeout(connect=_CONNECT_S, read=_READ_S),
            retries=False,
        )

    def catalogue(self) -> Catalogue:
        """Return the accounts that take entries, the periods, and the currency."""
        self._known_keeping = None  # the server may have got our module since
        accounts = self._search("account.account", [["type", "!=", None], ["closed", "!=", True]], ["code", "name"])
        periods = self._search("account.period", [["type", "=", "standard"]], ["start_date", "end_date", "state"])
        (company,) = self._search("company.company", [], ["currency.code", "currency.digits"])
        currency = company["currency"]
        return Catalogue(
            accounts={account["code"]: account["name"] for account in accounts if account["code"]},
            periods=tuple(
                Period(as_date(item["start_date"]), as_date(item["end_date"]), item["state"] == "open")
                for item in periods
            ),
            currency=currency["code"],
            digits=currency["digits"],
        )

    def find(self, keys: Sequence[str]) -> list[Booked]:
        """Return every draft and posted move that bears one of *keys*."""
        keeping = self._keeping
        return _by_id(
            booked
            for some in _slices(keys, keeping.per_search)
            for booked in self._moves(keeping.bearing(some))
            if booked.key in some
        )

    def find_on(self, days: Sequence[date]) -> list[Booked]:
        """Return every draft and posted move with a key of ours on one of *days*."""
        ours = self._keeping.ours
        return _by_id(
            booked
            for some in _slices(sorted(set(days)), _DAYS_PER_SEARCH)
            for booked in self._moves([*ours, ["date", "in", [write_date(day) for day in some]]])
        )

    def find_by_text(self, texts: Sequence[str]) -> list[Booked]:
        """Return every posted move with a line whose description is one of *texts*."""
        domain = [["state", "=", "posted"], *self._keeping.ours]
        return [
            booked for some in _slices(texts) for booked in self._moves([*domain, ["lines.description", "in", some]])
        ]

    def find_reversals(self, ids: Sequence[int]) -> list[Booked]:
        """Return every posted move whose origin is one of the moves *ids*."""
        return [
            booked
            for some in _slices([f"{_MOVE},{move}" for move in ids])
            for booked in self._moves([["state", "=", "posted"], ["origin", "in", some]])
        ]

    def drafts(self) -> list[Booked]:
        """Return every draft that bears a key of ours."""
        return self._moves([["state", "=", "draft"], *self._keeping.ours])

    def stage(self, vouchers: Sequence[Voucher]) -> list[Booked]:
        """Make drafts of *vouchers* in one transaction."""
        made = self._ask(
            "POST", f"{_MODELS}/{_MOVE}/create", {"vlist": [self._values(voucher) for voucher in vouchers]}
        )
        found = {
            record["id"]: all(line["state"] == "valid" for line in record["lines"])
            for some in _slices(made)
            for record in self._search(_MOVE, [["id", "in", some]], _STAGED_FIELDS)
        }
        staged = zip(made, vouchers, strict=True)
        return [self._draft(move, voucher, balanced=found[move]) for move, voucher in staged if move in found]

    def post(self, drafts: Sequence[Booked]) -> list[Booked]:
        """Post *drafts*: one by REST, several by our own route beside it."""
        if len(drafts) == 1:
            path = f"{_MODELS}/{_MOVE}/{drafts[0].id}/post?{_query(_POSTED_FIELDS)}"
            return [_as_posted(drafts[0], self._ask("POST", path, {}))]
        if not self._posts_several:
            raise Refused(answer=_ONE_AT_A_TIME)
        answer = self._send("POST", _POST_SEVERAL, {"moves": [draft.id for draft in drafts]})
        if answer.status in _NO_SUCH_ROUTE:
            self._posts_several = False
            raise Refused(answer=_ONE_AT_A_TIME)
        posted = understand(answer, _POST_SEVERAL)
        return [_as_posted(draft, record) for draft, record in zip(drafts, posted, strict=True)]

    def discard(self, drafts: Sequence[Booked]) -> None:
        """Delete *drafts*; one that is gone or posted by now is left as it is."""
        for draft in drafts:
            try:
                self._ask("DELETE", f"{_MODELS}/{_MOVE}/{draft.id}")
            except Refused:
                continue

    def _draft(self, move: int, voucher: Voucher, *, balanced: bool) -> Booked:
        return Booked(
            id=move,
            key=voucher.key,
            number="",
            posted=False,
            on=voucher.on,
            entries=voucher.entries,
            balanced=balanced,
            origin=voucher.origin,
            description=self._keeping.shown(voucher),
            witnesses=voucher.witnesses,
        )

    def _values(self, voucher: Voucher) -> Json:
        return {
            "company": self._ids.company,
            "journal": self._ids.journal,
            "period": self._ids.period(voucher.on),
            "date": write_date(voucher.on),
            "origin": f"{_MOVE},{voucher.origin}" if voucher.origin is not None else None,
            **self._keeping.values(voucher),
            "lines": [["create", [self._line(entry) for entry in voucher.entries]]],
        }

    def _line(self, entry: Entry) -> Json:
        return {
            "account": self._ids.account(entry.account),
            "debit": write_decimal(entry.debit),
            "credit": write_decimal(entry.credit),
            "description": entry.text,
        }

    @cached_property
    def _ids(self) -> Ids:
        accounts = self._search("account.account", [["type", "!=", None]], ["code"])
        periods = self._search("account.period", [["type", "=", "standard"]], ["start_date", "end_date"])
        (company,) = self._search("company.company", [], [])
        journals = self._search("account.journal", [["code", "=", "MISC"]], [])
        return Ids(
            company["id"],
            journals[0]["id"],
            {account["code"]: account["id"] for account in accounts},
            [(as_date(item["start_date"]), as_date(item["end_date"]), item["id"]) for item in periods],
        )

    @property
    def _keeping(self) -> Keeping:
        """Where this server's moves keep our key; asked for once, until the next catalogue."""
        if self._known_keeping is None:
            asked = [["model", "=", _MOVE], ["name", "in", [KEY, WITNESSES]]]
            try:
                has_fields = len(self._search("ir.model.field", asked, ["name"])) == len((KEY, WITNESSES))
            except Refused:  # a company's own server may keep that to itself; then its moves are as Tryton makes them
                has_fields = False
            self._known_keeping = InFields() if has_fields else InDescription()
        return self._known_keeping

    def _moves(self, domain: list[Any]) -> list[Booked]:
        fields = (*_MOVE_FIELDS, *self._keeping.fields)
        return [self._booked(record) for record in self._search(_MOVE, domain, fields)]

    def _booked(self, record: Json) -> Booked:
        lines = sorted(record["lines"], key=lambda line: line["id"])
        origin = str(record.get("origin") or "")
        key, description, witnesses = self._keeping.read(record)
        return Booked(
            id=record["id"],
            key=key,
            number=record["number"] or "",
            posted=record["state"] == "posted",
            on=as_date(record["date"]),
            entries=tuple(_entry(line) for line in lines),
            balanced=all(line["state"] == "valid" for line in lines),
            origin=int(origin.partition(",")[2]) if origin.startswith(f"{_MOVE},") else None,
            description=description,
            witnesses=witnesses,
        )

    def _search(self, model: str, domain: list[Any], fields: Sequence[str]) -> list[Json]:
        """Return all records that match *domain*, by ascending id."""
        order = _encoded([["id", "ASC"]])
        found: list[Json] = []
        while len(found) % _PER_ANSWER == 0:  # a full answer may have left some out
            beyond = [*domain, ["id", ">", found[-1]["id"]]] if found else domain
            path = f"{_MODELS}/{model}?d={_encoded(beyond)}&o={order}&s={_PER_ANSWER}&{_query(fields)}"
            some: list[Json] = self._ask("GET", path)
            found += some
            if not some:
                break
        return found

    def _ask(self, method: str, path: str, body: Json | None = None) -> Any:
        """Send one request and return its answer, or raise what its failure means."""
        return understand(self._send(method, path, body), path)

    def _send(self, method: str, path: str, body: Json | None) -> urllib3.BaseHTTPResponse:
        try:
            return self._http.request(method, f"{self._base}/{path}", body=None if body is None else json.dumps(body))
        except urllib3.exceptions.HTTPError as error:
            self._known_keeping = None  # it may come back with our module
            raise Unavailable(answer=type(error).__name__) from None


def _as_posted(draft: Booked, record: Json) -> Booked:
    """Return *draft* with what posting has changed; an answer that does not say posted proves nothing."""
    if (record["id"], record["state"]) != (draft.id, "posted"):
        raise Unavailable(answer=f"{record['id']} is {record['state']}")
    return replace(draft, posted=True, number=record["number"])


def _entry(line: Json) -> Entry:
    return Entry(
        line["account"]["code"], as_decimal(line["debit"]), as_decimal(line["credit"]), line["description"] or ""
    )


def _encoded(document: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode()


def _query(fields: Sequence[str]) -> str:
    return "&".join(f"f={field}" for field in fields)


def _slices(items: Sequence[Any], size: int = _PER_SEARCH) -> Iterator[list[Any]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def _by_id(found: Iterable[Booked]) -> list[Booked]:
    return sorted(found, key=lambda booked: booked.id)
