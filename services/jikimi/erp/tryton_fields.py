"""Where a move of Tryton keeps our key and the witnesses: in fields of our own module, or in its description.

Our own server has the module `jikimi_key`, which gives moves these fields, so that the description is the
bookkeeper's. A company's own Tryton need not have it: there the description is `key` or `key witnesses`.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from jikimi.erp.port import Voucher

OURS = ("jk1-", "jk2-")  # how every key of ours begins
KEY, WITNESSES = "jikimi_key", "jikimi_witnesses"
_DESCRIPTION = "description"
Domain = list[Any]
Record = dict[str, Any]


class Keeping(Protocol):
    """How moves keep what is ours.

    Attributes:
        fields: what to ask of a move.
        ours: the moves that bear a key of ours.
        per_search: how many keys one search may name; their length is bounded by what servers take as an address.
    """

    fields: tuple[str, ...]
    ours: Domain
    per_search: int

    def bearing(self, keys: Sequence[str]) -> Domain:
        """Return the moves that bear one of *keys*, and perhaps a few more."""
        ...

    def values(self, voucher: Voucher) -> Record:
        """Return what to write into a new move."""
        ...

    def shown(self, voucher: Voucher) -> str:
        """Return the description that will be read of *voucher*."""
        ...

    def read(self, record: Record) -> tuple[str, str, str]:
        """Return key, description and witnesses of a move."""
        ...


class InFields:
    """In fields of their own; the database sees to it that a key is posted once."""

    fields: tuple[str, ...] = (_DESCRIPTION, KEY, WITNESSES)
    ours: Domain = [[KEY, "!=", None]]  # noqa: RUF012 - nobody changes it
    per_search = 100

    def bearing(self, keys: Sequence[str]) -> Domain:
        """Return the moves with one of *keys*."""
        return [[KEY, "in", list(keys)]]

    def values(self, voucher: Voucher) -> Record:
        """Return each in its field."""
        return {
            _DESCRIPTION: voucher.description or None,
            KEY: voucher.key,
            WITNESSES: voucher.witnesses or None,
        }

    def shown(self, voucher: Voucher) -> str:
        """Return its description."""
        return voucher.description

    def read(self, record: Record) -> tuple[str, str, str]:
        """Return each from its field."""
        return record[KEY] or "", record[_DESCRIPTION] or "", record[WITNESSES] or ""


class InDescription:
    """In the description, where a person finds the key instead of the merchant; the entries' texts name that."""

    fields: tuple[str, ...] = (_DESCRIPTION,)
    ours: Domain = [["OR", *([[_DESCRIPTION, "like", f"{beginning}%"]] for beginning in OURS)]]  # noqa: RUF012
    per_search = 40

    def bearing(self, keys: Sequence[str]) -> Domain:
        """Return the moves whose description begins with one of *keys*."""
        return [["OR", *([[_DESCRIPTION, "like", f"{key}%"]] for key in keys)]]

    def values(self, voucher: Voucher) -> Record:
        """Return the key, and after a space the witnesses."""
        return {_DESCRIPTION: " ".join(filter(None, (voucher.key, voucher.witnesses)))}

    def shown(self, voucher: Voucher) -> str:
        """Return the first text that an entry has."""
        return next((entry.text for entry in voucher.entries if entry.text), "")

    def read(self, record: Record) -> tuple[str, str, str]:
        """Return the parts of the description, and the first text that an entry has."""
        description = record[_DESCRIPTION] or ""
        key, _, witnesses = description.partition(" ") if description.startswith(OURS) else (description, "", "")
        texts = (line[_DESCRIPTION] for line in sorted(record["lines"], key=lambda line: line["id"]))
        return key, next(filter(None, texts), ""), witnesses
