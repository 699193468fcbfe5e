"""What the shipped rules book, as small Korean companies do, and what they leave to a person."""

import runpy
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from jikimi.tables.reasons import Reason
from jikimi.vouchers.line import Kind, Line
from jikimi.vouchers.rules import Rules, Vat, parse_rules

CHART = Path(__file__).resolve().parents[3] / "services/tryton/chart.py"
FILE, NONE = Vat.FILE, Vat.NONE
# Names are parted by "|", for many have a space in them.
CARD = {
    ("811", FILE): """
        스타벅스 강남대로점 | 스타벅스강남대로점 | (주)이디야 역삼점 | 메가엠지씨커피 선릉점 | 메가MGC커피 판교점 |
        컴포즈커피 성수점 | 김밥천국 역삼점 | 김밥천국역삼점 |
        맥도날드 강남2호점 | (주)우아한형제들 | 배달의민족 | 쿠팡이츠 |
        GS25 역삼타워점 | GS25역삼타워점 | 지에스25 선릉점 | CU 강남점 | CU강남역점 | CU | 세븐일레븐 삼성점 |
        이마트24 강남점 | 이마트 24 강남점 | 주식회사 이마트24
    """,
    ("812", NONE): """
        카카오T택시 | 카카오T 택시 | 개인택시 | 개인택시 12가3456 | (주)한빛택시 | 코레일 | 한국철도공사 | KTX |
        KTX 승차권 | KTX승차권 | SRT | SRT 승차권 | (주)에스알 | 고속버스 | 고속버스통합예매 |
        전국고속버스운송사업조합 | 시외버스모바일 | 티머니 지하철 | 대한항공 | (주)제주항공 | 진에어
    """,
    ("822", NONE): """
        GS칼텍스 한빛주유소 | 한빛셀프주유소 | SK에너지(주) | S-OIL 성수주유소 | HD현대오일뱅크 판교점 | 하이패스 |
        하이패스 충전 | 하이패스자동충전 | 한국도로공사 | 강남구청 공영주차장 | 역삼주차장 | 카카오T주차 | 카카오T 주차
    """,
    ("814", FILE): """
        KT 통신요금 | KT | (주)케이티 | KT0212345678 | SK텔레콤(주) | LG유플러스 | LGU+ 통신요금
    """,
    ("816", FILE): """
        한국전력공사 | 한국전력 전기요금
    """,
    ("833", FILE): """
        네이버광고 | 네이버 검색광고 | 카카오광고
    """,
    ("833", NONE): """
        GOOGLE*ADS 1234 | FACEBK *AB12CD | 구글 광고
    """,
    ("824", FILE): """
        우체국(서울강남) | 서울강남우체국 | 우체국택배 | 로젠택배 | CJ대한통운 | 씨제이대한통운 택배 | (주)한진 |
        한빛퀵서비스 | 번개퀵
    """,
    ("830", FILE): """
        이마트 성수점 | 이마트성수점 | (주)이마트 | 주식회사이마트 | 쿠팡(주) | 쿠팡 | 옥션 | 지마켓 | 다이소 역삼점 |
        알파문구 선릉점 | 홈플러스익스프레스 역삼점
    """,
    ("826", NONE): """
        교보문고 강남점 | 영풍문고 | 알라딘중고서점 | (주)알라딘커뮤니케이션 | 예스24 | YES24
    """,
}
CARD_LEFT = """
    하이마트 성수점 | 롯데하이마트 | 별빛식당 | 한진해장국 | 한진 해장국 | 한진관광 | 카페24 | 카페24(주) |
    카페트나라 | 카페인테리어 | 라이브카페 별 | 서울옥션 | 케이옥션 | 옥션블루 | 택시회관 | 택시 공제조합 | 택시미터기 |
    퀵보드대여 | 퀵실버 코리아 | KT&G 상상마당 | KT알파쇼핑 | 케이티상사 | SK텔레콤 강남대리점 | CUSTOM 테일러 |
    CU메디칼시스템 | ICU메디컬 | 주차설비공업 | 역삼주차장설비 | 주유소식당 | 고속버스터미널약국 | 고속버스터미널 식당 |
    코레일유통 | 한국철도시설공단 | KTX특송 | 제주항공우주박물관 | 진에어컨 |
    대한항공씨앤디 | 하이패스트 | 하이패스 학원 |
    한국전력기술 | 한국전력거래소 | 한전KPS | 택배박스나라 | 우체국쇼핑 | 우체국앞약국 | 네이버파이낸셜 | 네이버페이 |
    알라딘노래방 | 예스24 티켓 | 교보문고 핫트랙스 | 분식회계연구소 |
    한빛컨트리클럽 | 별빛유흥주점 | 한빛호텔 | 튼튼약국 |
    꽃나라 | 별빛상회 | 쿠팡플레이
"""
BANK_OUT = {
    "831": """
        송금수수료 | 타행이체수수료 | 타행이체료 | CMS수수료 | 수수료 | SMS 수수료
    """,
    "253": """
        신한카드 | 신한카드대금 | 삼성카드 결제 | 삼성카드(주) | KB국민카드 | 국민카드 이용대금 | (주)현대카드
    """,
    "819": """
        11월 임차료 | 11월임차료 | 사무실임대료 | 월세
    """,
    "837": """
        11월 관리비 | 건물관리비 | 사무실 관리비
    """,
    "816": """
        한국전력공사 | 한국전력 | 전기요금 | 한전 전기요금
    """,
    "814": """
        KT 통신요금 | KT0212345678 | 케이티 | SK텔레콤
    """,
    "931": """
        대출이자 | 대출금이자 | 이자납입
    """,
}
BANK_OUT_LEFT = """
    국민연금 | 국민연금공단 | 건강보험 | 고용보험 | 산재보험 | 국세 | 지방세 | 세무서 | 급여 | 11월 급여 | 상여 |
    카드 | 카드론상환 | 신한카드론 | 신한체크 별빛상회 | 통신 | 정보통신공사 | 한빛정보통신 | 한전KPS | KT&G |
    KTX | 중개수수료 | 세무기장수수료 | 월세보증금 | 차량임차료 | 서버관리비 | 이자 | 원리금상환 | 임대료보증금
"""
BANK_IN_LEFT = """
    (주)푸른물산 | 주식회사 한빛 | ㈜별빛 | 매출 | 입금 | 대금 | 대출이자환급 | 사채이자 | 별빛상회 | 신한카드 |
    KT 통신요금
"""


def names_in(text: str) -> list[str]:
    return [name.strip() for name in text.split("|")]


def starter(name: str) -> Rules:
    return parse_rules(files("jikimi.vouchers").joinpath("starter", name).read_text(encoding="utf-8"), name)


RULES = {name: starter(name) for name in ("card.toml", "bank.toml")}


def a_line(name: str, kind: Kind, amount: int = 5000, account: str = "") -> Line:
    on = date(2026, 11, 4)
    return Line(2, kind, on, Decimal(amount), "KRW", name, "1", None, ("x",), {}, account=account)


def booked(name: str, kind: Kind, amount: int = 5000) -> tuple[str, Vat] | None:
    rules = RULES["card.toml" if kind is Kind.CARD_APPROVAL else "bank.toml"]
    rule = rules.decide(a_line(name, kind, amount))
    return None if isinstance(rule, Reason) else (rule.account or "", rule.vat)


@pytest.mark.parametrize(
    ("name", "where"), [(name, where) for where, names in CARD.items() for name in names_in(names)]
)
def test_a_card_s_merchant_is_booked_as_small_companies_do(name: str, where: tuple[str, Vat]) -> None:
    assert booked(name, Kind.CARD_APPROVAL) == where


@pytest.mark.parametrize("name", names_in(CARD_LEFT))
def test_a_merchant_that_only_looks_like_another_is_left_to_a_person(name: str) -> None:
    assert booked(name, Kind.CARD_APPROVAL) is None


@pytest.mark.parametrize(("amount", "where"), [(1_000_000, ("830", FILE)), (1_000_001, None)])
def test_a_dear_purchase_may_be_equipment_and_is_left_to_a_person(amount: int, where: tuple[str, Vat] | None) -> None:
    assert booked("쿠팡(주)", Kind.CARD_APPROVAL, amount) == where


@pytest.mark.parametrize(
    ("name", "account"), [(name, account) for account, names in BANK_OUT.items() for name in names_in(names)]
)
def test_a_payment_that_says_what_it_is_is_booked(name: str, account: str) -> None:
    assert booked(name, Kind.BANK_OUT) == (account, NONE)


@pytest.mark.parametrize("name", names_in(BANK_OUT_LEFT))
def test_a_payment_that_may_be_several_things_is_left_to_a_person(name: str) -> None:
    assert booked(name, Kind.BANK_OUT) is None


@pytest.mark.parametrize("name", ["이자", "예금이자", "결산이자", "예금결산이자", "이자입금"])
@pytest.mark.parametrize(("amount", "where"), [(7142, ("901", NONE)), (7143, None)])
def test_interest_is_booked_only_while_no_tax_was_taken_off(
    name: str, amount: int, where: tuple[str, Vat] | None
) -> None:
    assert booked(name, Kind.BANK_IN, amount) == where


@pytest.mark.parametrize("name", names_in(BANK_IN_LEFT))
def test_money_that_comes_in_is_left_to_a_person(name: str) -> None:
    assert booked(name, Kind.BANK_IN) is None


@pytest.mark.parametrize(
    ("account", "vat"), [("811", FILE), ("812", NONE), ("813", NONE), ("822", NONE), ("830", FILE)]
)
def test_the_account_that_a_person_writes_takes_vat_only_where_that_is_lawful(account: str, vat: Vat) -> None:
    rule = RULES["card.toml"].decide(a_line("별빛상회", Kind.CARD_APPROVAL, account=account))

    assert not isinstance(rule, Reason)
    assert (rule.account, rule.vat) == (account, vat)


@pytest.mark.parametrize("name", ["card.toml", "bank.toml"])
def test_the_chart_of_our_own_erp_has_every_account_that_is_named(name: str) -> None:
    chart = {account.code for account in runpy.run_path(str(CHART))["ACCOUNTS"]}
    examples = starter_with_examples(name)

    assert RULES[name].accounts() <= chart
    assert examples.accounts() <= chart


def starter_with_examples(name: str) -> Rules:
    """Return the rules as they are once a person has let the examples in."""
    text = files("jikimi.vouchers").joinpath("starter", name).read_text(encoding="utf-8")
    marks = ("# [[rule]]", "# direction =", "# merchant =", "# split =")
    lines = (line.removeprefix("# ") if line.startswith(marks) else line for line in text.splitlines())
    return parse_rules("\n".join(lines), name)


def test_the_example_of_social_insurance_books_the_employees_half_as_withheld() -> None:
    rules = starter_with_examples("bank.toml")

    found = [rules.decide(a_line(name, Kind.BANK_OUT)) for name in ("국민연금", "건강보험")]

    assert [dict(rule.split or {}) for rule in found if not isinstance(rule, Reason)] == [
        {"254": Decimal(50), "817": Decimal(50)},
        {"254": Decimal(50), "811": Decimal(50)},
    ]
