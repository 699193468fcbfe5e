"""OFX as banks write it: both spellings, every account, and what is broken said by its reason."""

from contextlib import suppress
from decimal import Decimal

import pytest

from jikimi.config.model import StatementKind
from jikimi.tables.reasons import FileRefused
from jikimi.vouchers.line import Kind, Line, Statement
from jikimi.vouchers.readers import ReadOptions, read_statement
from tests.unit.vouchers.readers.samples import OPTIONS, TODAY, read_bank

HEAD = "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nENCODING:USASCII\r\nCHARSET:1252\r\n\r\n"
PAID = "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261103<TRNAMT>-4500<FITID>A1<NAME>KT<MEMO>11월</STMTTRN>"


def sgml(*transactions: str, currency: str = "KRW", account: str = "110-22", head: str = HEAD) -> bytes:
    own = f"<BANKACCTFROM><BANKID>088<ACCTID>{account}<ACCTTYPE>CHECKING</BANKACCTFROM>"
    body = (
        f"<STMTRS><CURDEF>{currency}{own}<BANKTRANLIST><DTSTART>20261101{''.join(transactions)}</BANKTRANLIST></STMTRS>"
    )
    return f"{head}<OFX><BANKMSGSRSV1><STMTTRNRS>{body}</STMTTRNRS></BANKMSGSRSV1></OFX>".encode()


def paid(**changes: str) -> str:
    """Return the payment with the texts of some tags changed; "" leaves the tag out."""
    tags = {"TRNTYPE": "DEBIT", "DTPOSTED": "20261103", "TRNAMT": "-4500", "FITID": "A1", "NAME": "KT"} | changes
    return f"<STMTTRN>{''.join(f'<{tag}>{text}' for tag, text in tags.items() if text)}</STMTTRN>"


def only_line(found: Statement) -> Line:
    (line,) = found.lines
    assert not found.faults
    return line


def only_reason(found: Statement) -> str:
    (fault,) = found.faults
    assert not found.lines
    return fault.reason.code


def refusal(data: bytes, kind: StatementKind = StatementKind.BANK) -> str:
    with pytest.raises(FileRefused) as refused:
        read_statement(data, kind, OPTIONS)
    return refused.value.reason.code


def test_a_payment_is_read_with_its_identity_and_its_name() -> None:
    found = read_bank(sgml(PAID))

    line = only_line(found)
    assert (found.format, line.row, line.kind, line.amount) == ("ofx", 1, Kind.BANK_OUT, Decimal(4500))
    assert (line.on.isoformat(), line.counterparty, line.natural) == ("2026-11-03", "KT", ("110-22", "A1"))
    assert (line.cells["MEMO"], line.cells["FITID"], tuple(line.cells)) == ("11월", "A1", found.header)


def test_xml_says_the_same_as_sgml() -> None:
    closed = "".join(
        f"<{tag}>{text}</{tag}>"
        for tag, text in {"TRNAMT": "4500.00", "DTPOSTED": "20261103120000.000[+9:KST]", "FITID": "B"}.items()
    )
    memo = "<NAME><![CDATA[<A> & B]]></NAME><MEMO/><!-- <TRNAMT>1 -->"
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211"?>\n'

    line = only_line(read_bank(sgml(f"<STMTTRN>{closed}{memo}</STMTTRN>", head=head)))

    assert (line.kind, line.amount, line.counterparty) == (Kind.BANK_IN, Decimal(4500), "<A> & B")


def test_every_account_of_a_file_is_read_and_its_transactions_are_counted_through() -> None:
    one, other = sgml(PAID).decode(), sgml(PAID, account="333").decode().removeprefix(HEAD)
    both = one.replace("</OFX>", other.replace("<OFX>", "").replace("</OFX>", "") + "</OFX>")

    found = read_bank(both.encode())

    assert [(line.row, line.natural) for line in found.lines] == [(1, ("110-22", "A1")), (2, ("333", "A1"))]


def test_the_other_sides_account_is_not_taken_for_our_own() -> None:
    inner = "<BANKACCTTO><BANKID>004<ACCTID>999</BANKACCTTO>"

    found = read_bank(sgml(PAID.replace("<NAME>", f"{inner}<NAME>"), PAID.replace("A1", "A2")))

    assert [line.natural for line in found.lines] == [("110-22", "A1"), ("110-22", "A2")]
    assert found.lines[0].cells["BANKACCTTO.ACCTID"] == "999"


def test_the_payees_name_and_then_the_memo_stand_in_for_a_missing_name() -> None:
    payee = "<PAYEE><NAME>한국전력<CITY>나주</PAYEE><CURRENCY><CURSYM>KRW</CURRENCY>"
    texts = ["<NAME>KT", f"{payee}<MEMO>전기", "<MEMO>전기&amp;수도 &lt;11&gt; &#50896;&copy;"]
    rows = [f"<STMTTRN><DTPOSTED>20261103<TRNAMT>-1<FITID>{n}{text}</STMTTRN>" for n, text in enumerate(texts)]

    found = read_bank(sgml(*rows))

    assert [line.counterparty for line in found.lines] == ["KT", "한국전력", "전기&수도 <11> 원&copy;"]


@pytest.mark.parametrize("charset", ["1252", "949", "NONE"])
def test_korean_is_read_whatever_the_header_claims(charset: str) -> None:
    data = sgml(paid(NAME="똠얌꿍"), head=HEAD.replace("1252", charset))
    korean = data.decode().encode("cp949") if charset == "949" else data

    assert only_line(read_bank(korean)).counterparty == "똠얌꿍"


def test_latin_letters_are_read_as_the_header_says() -> None:
    data = sgml(paid(NAME="Café Zoë")).decode().encode("cp1252")

    assert only_line(read_bank(data)).counterparty == "Café Zoë"


@pytest.mark.parametrize(
    ("text", "amount"),
    [("-4500", 4500), ("+4500.00", 4500), ("0000004500.0000", 4500), ("4500,00", 4500), ("-0012", 12)],
)
def test_amounts_are_exact(text: str, amount: int) -> None:
    line = only_line(read_bank(sgml(paid(TRNAMT=text, TRNTYPE="OTHER"))))

    assert line.amount == amount
    assert line.kind is (Kind.BANK_OUT if text.startswith("-") else Kind.BANK_IN)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "amount_empty"),
        ("$120", "amount_unreadable"),
        ("null", "amount_unreadable"),
        ("1,000", "amount_unreadable"),
        ("1.000", "amount_unreadable"),
        ("1.234,50", "amount_unreadable"),
        ("-", "amount_unreadable"),
        ("1e3", "amount_unreadable"),
        ("12.5", "amount_decimals"),
        ("0.00", "amount_zero"),
        ("9" * 16, "amount_too_large"),
        ("0" * 40_000 + "x", "amount_unreadable"),
    ],
)
def test_an_amount_with_no_single_meaning_costs_its_row(text: str, reason: str) -> None:
    found = read_bank(sgml(paid(TRNAMT=text), PAID.replace("A1", "A2")))

    assert [line.row for line in found.lines] == [2]
    assert [(fault.row, fault.reason.code) for fault in found.faults] == [(1, reason)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"DTPOSTED": ""}, "date_empty"),
        ({"DTPOSTED": "20120231"}, "date_impossible"),
        ({"DTPOSTED": "201120000000"}, "date_impossible"),
        ({"DTPOSTED": "soon"}, "date_unreadable"),
        ({"DTPOSTED": "20261125"}, "date_future"),
        ({"DTPOSTED": "20060101"}, "date_year"),
        ({"FITID": ""}, "ofx_nameless"),
        ({"CORRECTFITID": "A0"}, "ofx_corrects"),
    ],
)
def test_a_transaction_that_is_not_clear_is_a_fault(changes: dict[str, str], reason: str) -> None:
    assert only_reason(read_bank(sgml(paid(**changes)))) == reason


def test_a_transaction_without_an_account_has_no_identity() -> None:
    assert only_reason(read_bank(sgml(PAID, account=""))) == "ofx_nameless"


@pytest.mark.parametrize("currency", ["USD", ""])
def test_another_currency_is_foreign(currency: str) -> None:
    assert only_reason(read_bank(sgml(PAID, currency=currency))) == "currency_foreign"


def test_the_transactions_own_currency_counts_before_the_accounts() -> None:
    dollars = PAID.replace("<NAME>", "<CURRENCY><CURRATE>1380.5<CURSYM>USD</CURRENCY><NAME>")

    assert only_reason(read_bank(sgml(dollars))) == "currency_foreign"


def test_cents_are_kept_where_the_books_have_them() -> None:
    data = sgml(paid(TRNAMT="-316.67"), currency="USD")

    found = read_statement(data, StatementKind.BANK, ReadOptions(TODAY, currency="USD", digits=2))

    assert (only_line(found).amount, only_line(found).currency) == (Decimal("316.67"), "USD")


def test_investments_are_no_bank_money_but_the_cash_beside_them_is() -> None:
    bought = (
        "<BUYSTOCK><INVBUY><INVTRAN><FITID>I1<DTTRADE>20261103<MEMO>BUY</INVTRAN><SECID><UNIQUEID>1</SECID>"
        "<TOTAL>-500</INVBUY><BUYTYPE>BUY</BUYSTOCK>"
    )
    cash = f"<INVBANKTRAN>{PAID}<SUBACCTFUND>CASH</INVBANKTRAN>"
    own = "<INVACCTFROM><BROKERID>b<ACCTID>77</INVACCTFROM>"
    body = f"<INVSTMTRS><CURDEF>KRW{own}<INVTRANLIST><DTSTART>20261101{bought}{cash}</INVTRANLIST></INVSTMTRS>"

    found = read_bank(f"{HEAD}<OFX>{body}</OFX>".encode())

    assert [(fault.row, fault.reason.code) for fault in found.faults] == [(1, "not_bank_money")]
    assert found.faults[0].cells["FITID"] == "I1"
    assert [(line.row, line.natural) for line in found.lines] == [(2, ("77", "A1"))]


def test_what_is_pending_is_not_booked() -> None:
    assert only_reason(read_bank(sgml(PAID.replace("STMTTRN>", "STMTTRNP>")))) == "pending"


def test_a_transaction_that_does_not_end_costs_only_itself() -> None:
    found = read_bank(sgml(PAID.removesuffix("</STMTTRN>"), PAID.replace("A1", "A2")))

    assert [(fault.row, fault.reason.code) for fault in found.faults] == [(1, "ofx_unended")]
    assert [line.natural for line in found.lines] == [("110-22", "A2")]


def test_a_file_cut_at_any_place_is_refused_whole() -> None:
    whole = sgml(PAID, PAID.replace("A1", "A2"))
    start = whole.index(b"<OFX>") + 5

    assert {refusal(whole[:end]) for end in range(start, len(whole))} <= {"ofx_cut", "undecodable"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (sgml(), "ofx_empty"),
        (b"OFXHEADER:100\n", "ofx_cut"),
        (sgml("<STMTTRN><NAME><![CDATA[never ends"), "ofx_cut"),
        (b'<?xml version="1.0"?><!DOCTYPE o [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><OFX>&b;</OFX>', "ofx_declares"),
        (b'<?xml version="1.0"?><!DOCTYPE o [<!ENTITY a SYSTEM "file:///etc/passwd">]><OFX>&a;</OFX>', "ofx_declares"),
    ],
)
def test_a_file_that_is_broken_or_a_trap_is_refused(data: bytes, reason: str) -> None:
    assert refusal(data) == reason


@pytest.mark.parametrize("kind", [StatementKind.CARD, StatementKind.JOURNAL])
def test_only_a_bank_takes_ofx(kind: StatementKind) -> None:
    assert refusal(sgml(PAID), kind) == "ofx_elsewhere"


@pytest.mark.parametrize("piece", ["<", "<A ", "<!--", "<![CDATA[", "&#", "<STMTTRN>", "<A>" + "0" * 50])
def test_a_long_file_takes_no_more_time_than_its_length(piece: str) -> None:
    data = sgml(piece * (1_000_000 // len(piece)))

    with suppress(FileRefused):
        assert read_bank(data).faults


def test_tags_without_end_do_not_fill_the_memory() -> None:
    rows = [paid(**{f"X{number}": "1"}) for number in range(2000)]

    assert refusal(sgml(*rows)) == "too_many_cells"
