"""How often a person is asked whether two transactions are the same, in exports as offices drop them."""

from itertools import accumulate
from random import Random

import pytest

from jikimi.config.model import StatementKind
from tests.property.test_views import Books, Happened, View, bank_export, card_export, check, in_order

OFFICES = 60
MOST_PER_THOUSAND = 2
A_FIFTH, HALF = 0.2, 0.5
PLACES = ("강남", "역삼", "선릉", "삼성")
MERCHANTS = tuple(f"{kind} {place}점" for kind in ("스타벅스", "김밥천국", "쿠팡", "GS25") for place in PLACES)


def happening(dice: Random, *, incoming: bool) -> Happened:
    """Return something that happens in an office: small purchases of usual prices, and larger money coming in."""
    amount = (
        dice.randint(500, 30_000) * 100 if incoming else dice.choice([4500, 4500, 9000, dice.randint(30, 900) * 100])
    )
    second = dice.randint(8, 20) * 3600 + dice.randint(0, 3599)
    return Happened(dice.randint(1, 28), second, amount, dice.choice(MERCHANTS), 0, incoming)


def month(dice: Random, rows: int, *, bank: bool) -> list[Happened]:
    """Return a month of an office."""
    return in_order([happening(dice, incoming=bank and dice.random() < A_FIFTH) for _ in range(rows)])


def exports(dice: Random, things: list[Happened]) -> list[tuple[View, int, int]]:
    """Return what a person downloads: weeks, some of them up to this hour, and the whole month, in two layouts."""
    layout = View("9999-12**-****-3456", "%Y-%m-%d", "seconds", True, True, dice.random() < HALF, False, 0, True)  # noqa: FBT003
    other = View("************3456", "%Y.%m.%d", "minutes", True, True, False, True, 6, False)  # noqa: FBT003
    ends = sorted(dice.sample(range(5, len(things)), 3))
    starts = [0, *(max(0, end - dice.randint(0, 8)) for end in ends)]
    parts = [
        (dice.choice([layout, layout, other]), start, end)
        for start, end in zip(starts, [*ends, len(things)], strict=True)
    ]
    parts.append((other, 0, len(things)))
    dice.shuffle(parts)
    return parts


@pytest.mark.parametrize("bank", [False, True])
def test_questions_are_few_when_exports_are_those_of_an_office(
    capsys: pytest.CaptureFixture[str], *, bank: bool
) -> None:
    rows = asked = 0
    for seed in range(OFFICES):
        dice = Random(seed)  # noqa: S311 - dice, not secrets
        things = month(dice, 60, bank=bank)
        balances = list(accumulate((one.amount if one.incoming else -one.amount for one in things), initial=9_000_000))[
            1:
        ]
        books, of_this = Books(), 0
        for place, (view, first, last) in enumerate(exports(dice, things)):
            part = things[first:last]
            data = bank_export(part, balances[first:last], view) if bank else card_export(part, view)
            kind = StatementKind.BANK if bank else StatementKind.CARD
            of_this += books.take(data, kind, f"file{place}")["likely_same"]
            rows += len(part)
        check(books, things, of_this)
        asked += of_this
    with capsys.disabled():
        print(f"\n{asked} questions in {rows} rows: {1000 * asked / rows:.2f} per 1,000 ({'bank' if bank else 'card'})")  # noqa: T201 - asked for

    assert rows > 100 * OFFICES
    assert asked * 1000 <= MOST_PER_THOUSAND * rows
