"""The Korean chart of accounts that a new company's books start with.

Tryton ships no Korean chart. The codes are the three digits that small Korean
companies and their tax accountants already know; the names are theirs too.
No account asks for a party on its lines: a voucher made from a card or bank
statement carries none.
"""

from typing import NamedTuple


class Kind(NamedTuple):
    """One line of the balance sheet or of the income statement."""

    name: str
    statement: str
    parent: str | None
    flags: tuple[str, ...]


class Account(NamedTuple):
    """One account: its code, its name and its line in the statements."""

    code: str
    name: str
    kind: str
    reconcile: bool


BALANCE, INCOME = "balance", "income"

KINDS = (
    Kind("재무상태표", BALANCE, None, ()),
    Kind("자산", BALANCE, "재무상태표", ("assets",)),
    Kind("당좌자산", BALANCE, "자산", ("assets",)),
    Kind("매출채권", BALANCE, "자산", ("assets", "receivable")),
    Kind("재고자산", BALANCE, "자산", ("assets", "stock")),
    Kind("유형자산", BALANCE, "자산", ("assets",)),
    Kind("부채", BALANCE, "재무상태표", ()),
    Kind("매입채무와 미지급금", BALANCE, "부채", ("payable",)),
    Kind("기타 유동부채", BALANCE, "부채", ()),
    Kind("자본", BALANCE, "재무상태표", ()),
    Kind("손익계산서", INCOME, None, ()),
    Kind("매출액", INCOME, "손익계산서", ("revenue",)),
    Kind("매출원가", INCOME, "손익계산서", ("expense",)),
    Kind("판매비와관리비", INCOME, "손익계산서", ("expense",)),
    Kind("영업외수익", INCOME, "손익계산서", ("revenue",)),
    Kind("영업외비용", INCOME, "손익계산서", ("expense",)),
)

# Accounts that are paid off line by line can be matched: their lines may be reconciled.
_MATCHED = frozenset({"108", "120", "131", "134", "251", "253", "254", "259", "260"})

_BY_KIND = {
    "당좌자산": (
        "101 현금",
        "102 당좌예금",
        "103 보통예금",
        "120 미수금",
        "131 선급금",
        "133 선급비용",
        "134 가지급금",
        "135 부가세대급금",
        "136 선납세금",
    ),
    "매출채권": ("108 외상매출금",),
    "재고자산": ("146 상품", "153 원재료"),
    "유형자산": ("208 차량운반구", "212 비품"),
    "매입채무와 미지급금": ("251 외상매입금", "253 미지급금"),
    "기타 유동부채": (
        "254 예수금",
        "255 부가세예수금",
        "257 가수금",
        "259 선수금",
        "260 단기차입금",
        "261 미지급세금",
    ),
    "자본": ("331 자본금", "375 이월이익잉여금"),
    "매출액": ("401 상품매출", "404 제품매출", "412 서비스매출"),
    "매출원가": ("451 상품매출원가",),
    "판매비와관리비": (
        "802 급여",
        "805 잡급",
        "811 복리후생비",
        "812 여비교통비",
        "813 접대비",
        "814 통신비",
        "815 수도광열비",
        "816 전력비",
        "817 세금과공과",
        "818 감가상각비",
        "819 임차료",
        "820 수선비",
        "821 보험료",
        "822 차량유지비",
        "824 운반비",
        "825 교육훈련비",
        "826 도서인쇄비",
        "828 포장비",
        "829 사무용품비",
        "830 소모품비",
        "831 지급수수료",
        "833 광고선전비",
        "837 건물관리비",
    ),
    "영업외수익": ("901 이자수익", "930 잡이익"),
    "영업외비용": ("931 이자비용", "960 잡손실"),
}

ACCOUNTS = tuple(
    Account(code, name, kind, code in _MATCHED)
    for kind, lines in _BY_KIND.items()
    for code, name in (line.split(" ", 1) for line in lines)
)
