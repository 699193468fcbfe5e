"""Resolve a header of two rows: a heading that spans columns, and what stands below it.

The first of the spanned columns is never taken for the whole: it is the total, or the file is refused.
"""

import re
from collections.abc import Iterator, Sequence

from jikimi.tables.refusal import listed, refused
from jikimi.tables.table import Row
from jikimi.vouchers.readers.fields import Field
from jikimi.vouchers.readers.matching import match, trimmed
from jikimi.vouchers.readers.words import UNITS, is_foreign, is_ours, plain, word_set

_HEADING = re.compile(
    r"(?:금액|가액|세액|부가세|료|수수료|통화|원화|외화|국내|해외|일자|일시|시간|번호|구분|여부|명|잔액)(?:[(\[].*)?$"
)
_IN_WON = re.compile(r"원화금?액?(?:\((?:원|krw)\))?|국내(?:금액|이용액)?\((?:원|krw)\)")
_TOTALS = word_set("합계 합계금액 총액 총금액 총합계 총계 계 합 total 합계(원) 합계금액(원) 총액(원) 계(원) 소계")


def second_row(names: Sequence[str], columns: Sequence[int], row: Row, fields: Sequence[Field]) -> bool:
    """Tell whether *row*, just below the header *names*, goes on with it.

    Args:
        columns: where the day stands; a transaction has one.
    """
    if row.is_blank() or any(row.cell(place).strip() for place in columns if _differs(row, place, names)):
        return False
    cells = trimmed(row.cells)
    filled = [cell for cell in cells if cell.strip()]
    if any(sign.isdigit() for cell in filled for sign in cell):
        return False
    width = max(len(names), len(cells))
    headed = {place for _, places in _groups(names, row, width) if row.cell(places[0]).strip() for place in places}
    if any(cell.strip() and place not in headed for place, cell in enumerate(cells)):
        return False
    if not all(_is_heading(cell, fields) for cell in filled):
        return False
    return len(filled) > 1 or _is_unit(filled[0]) or bool(match(filled, fields))


def merged(names: Sequence[str], row: Row, fields: Sequence[Field]) -> tuple[str, ...]:
    """Return one name a column, of the header *names* and of *row* below it.

    Raises:
        FileRefused: a heading of money spans several columns, none of which is the total.
    """
    width = max(len(names), len(trimmed(row.cells)))
    result = [names[place] if place < len(names) else "" for place in range(width)]
    for heading, places in _groups(names, row, width):
        for place in places:
            result[place] = _name(heading, row.cell(place), fields, spans=len(places) > 1)
        _check_total(heading, places, result, row, fields)
    return trimmed(result)


def _differs(row: Row, place: int, names: Sequence[str]) -> bool:
    return plain(row.cell(place)) != plain(names[place])


def _is_heading(cell: str, fields: Sequence[Field]) -> bool:
    word = plain(cell)
    return bool(match([cell], fields)) or word in _TOTALS or _is_unit(cell) or _HEADING.search(word) is not None


def _is_unit(cell: str) -> bool:
    word = plain(cell).strip("()[]")
    return word in UNITS or is_ours(word, "KRW") or is_foreign(word, "KRW")


def _groups(names: Sequence[str], row: Row, width: int) -> Iterator[tuple[str, list[int]]]:
    """Yield each heading with the columns that it spans, if anything stands below it."""
    place = 0
    while place < width:
        heading = names[place] if place < len(names) else ""
        places = [place]
        while places[-1] + 1 < width and _goes_on(names, heading, row, places[-1] + 1):
            places.append(places[-1] + 1)
        if any(row.cell(each).strip() for each in places):
            yield heading, places
        place = places[-1] + 1


def _goes_on(names: Sequence[str], heading: str, row: Row, place: int) -> bool:
    name = names[place] if place < len(names) else ""
    repeats = bool(name.strip()) and plain(name) == plain(heading)
    return bool(row.cell(place).strip()) and (repeats or not name.strip())


def _name(heading: str, below: str, fields: Sequence[Field], *, spans: bool) -> str:
    """Return the name of a column under *heading*, so that a total bears the heading's own."""
    if not below.strip() or plain(below) == plain(heading):
        return heading
    if _is_unit(below):
        return f"{heading}({below.strip('()[] ')})"
    if spans and heading.strip() and (plain(below) in _TOTALS or _IN_WON.fullmatch(plain(below))):
        return heading
    if match([below], fields) or not heading.strip():
        return below
    return heading if not spans and match([heading], fields) else f"{heading} {below}"


def _check_total(heading: str, places: Sequence[int], names: Sequence[str], row: Row, fields: Sequence[Field]) -> None:
    money = {field.name for field in fields if field.money}
    own = {name for name in match([heading], fields) if name in money}
    if len(places) < 2 or not own:  # noqa: PLR2004 -- one column is no span
        return
    found = match([names[place] for place in places], fields)
    if not own & found.keys() and not {"in", "out"} & found.keys():
        raise refused("header_spans", column=heading, columns=listed([row.cell(place) for place in places]))
