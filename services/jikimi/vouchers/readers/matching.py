"""Match the names of columns against the fields of a statement."""

import re
from collections.abc import Mapping, Sequence

from jikimi.vouchers.readers.fields import Field
from jikimi.vouchers.readers.words import plain

_BRACKETS = re.compile(r"[(\[].*?[)\]]|[*:※]")
_OWN_UNITS = frozenset({"원", "krw", "₩", "\\", "won", "부가세포함", "vat포함", "단위:원", "원화"})

Columns = Mapping[str, tuple[int, ...]]
"""Field name to the places of its columns; a field without a column is not in it."""


def match(names: Sequence[str], fields: Sequence[Field]) -> Columns:
    """Return the columns of each field; where several fit equally, all of them."""
    exact = [plain(name) for name in names]
    found = {field.name: _fit(field, exact) or _fit(field, [_loose(name, field) for name in exact]) for field in fields}
    return {name: places for name, places in found.items() if places}


def trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    """Return *cells* up to the last one that says anything."""
    last = max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=0)
    return tuple(cells[:last])


def _fit(field: Field, names: Sequence[str]) -> tuple[int, ...]:
    by_alias = [tuple(i for i, name in enumerate(names) if name == alias) for alias in field.aliases]
    if field.many or field.money:
        return tuple(place for places in by_alias for place in places)
    return next((places for places in by_alias if places), ())


def _loose(name: str, field: Field) -> str:
    """Return *name* without brackets; money keeps a unit that is not ours, such as `(us$)`."""
    bracketed = re.findall(r"[(\[](.*?)[)\]]", name)
    if field.money and any(unit not in _OWN_UNITS for unit in bracketed):
        return name
    return _BRACKETS.sub("", name)
