"""What the columns of Korean card and bank statements are called.

An alias stands without blanks and in lower case, and belongs to one field only. The first alias wins where
several columns fit, except for money: two columns that could both be the amount are for a person to decide.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a column may hold.

    Attributes:
        name: how the readers call it.
        label: how people call it, in a refusal.
        money: no two columns may fit, and a unit in brackets must be our own.
        many: every fitting column is taken, in the order of the aliases.
        counts: it tells a header from other rows; a field that came later must not make another row the header.
    """

    name: str
    label: str
    aliases: tuple[str, ...]
    money: bool = False
    many: bool = False
    counts: bool = True


REASON = Field("reason", "이유", ("이유",))
ACCOUNT = Field("account", "계정", ("계정",))
_CURRENCY = Field("currency", "통화", ("통화", "통화코드", "거래통화", "승인통화", "이용통화", "currency"))
_BOTH = (REASON, ACCOUNT, _CURRENCY)

CARD_FIELDS = (
    Field(
        "on",
        "승인일자",
        (
            *("승인일자", "승인일시", "승인일", "거래일자", "거래일시", "거래일", "이용일자", "이용일시", "이용일"),
            *("매출일자", "사용일자", "사용일", "date"),
        ),
    ),
    Field("at", "승인시간", ("승인시간", "승인시각", "거래시간", "거래시각", "이용시간", "이용시각", "시간", "time")),
    Field(
        "instrument",
        "카드번호",
        ("카드번호", "이용카드번호", "승인카드번호", "이용카드", "승인카드", "사용카드", "cardnumber"),
    ),
    Field("approval", "승인번호", ("승인번호", "카드승인번호", "거래승인번호", "approvalno", "approvalnumber")),
    Field(
        "merchant",
        "가맹점명",
        (
            *("가맹점명", "가맹점", "이용가맹점", "이용가맹점명", "이용하신곳", "이용처", "사용처", "가맹점명칭"),
            *("가맹점상호", "상호명", "상호", "거래처", "거래처명", "merchant"),
        ),
    ),
    Field(
        "business",
        "사업자번호",
        ("가맹점사업자번호", "가맹점사업자등록번호", "사업자번호", "사업자등록번호"),
    ),
    Field(
        "amount",
        "승인금액",
        (
            *("승인금액", "이용금액", "거래금액", "국내이용금액", "국내승인금액", "사용금액", "매출금액", "금액"),
            "amount",
        ),
        money=True,
    ),
    Field("supply", "공급가액", ("공급가액", "공급가", "공급금액"), money=True),
    Field("vat", "부가세", ("부가세", "부가가치세", "세액", "부가세액", "vat"), money=True),
    Field(
        "marker",
        "취소여부",
        (
            *("취소여부", "승인취소", "승인취소여부", "취소구분", "취소상태", "승인구분", "승인상태", "승인여부"),
            *("거래구분", "거래상태", "이용구분", "매출구분", "구분", "상태", "status"),
        ),
        many=True,
    ),
    Field("cancelled_on", "취소일자", ("취소일자", "취소일시", "취소일", "승인취소일자", "승인취소일")),
    Field(
        "cancelled_amount",
        "취소금액",
        (
            *("취소금액", "부분취소금액", "승인취소금액", "매출취소금액", "취소액", "부분취소액", "환불금액", "환불액"),
            *("반품금액", "부분환불금액", "취소승인금액", "refundamount", "refundedamount"),
        ),
        money=True,
        many=True,
        counts=False,
    ),
    Field(
        "purchase",
        "매입상태",
        (
            *("매입상태", "매입여부", "매입구분", "접수상태", "접수여부"),
            *("확정여부", "확정구분", "확정상태", "매입확정여부", "전표상태", "전표매입여부"),
        ),
        many=True,
    ),
    *_BOTH,
)

JOURNAL_FIELDS = (
    Field("key", "전표키", ("전표키", "전표번호", "번호", "key", "voucher", "voucherno")),
    Field("on", "일자", ("일자", "날짜", "전표일자", "date")),
    Field("account", "계정", ("계정코드", "account", "계정과목", "계정"), many=True),
    Field("debit", "차변", ("차변", "차변금액", "debit"), money=True),
    Field("credit", "대변", ("대변", "대변금액", "credit"), money=True),
    Field("memo", "적요", ("적요", "메모", "memo", "description")),
    REASON,
    _CURRENCY,
)

_PARTY = ("보낸분/받는분", "받는분/보낸분", "보낸분", "받는분", "의뢰인", "의뢰인/수취인", "의뢰인명", "상대예금주")
_MEMO = ("거래내용", "기재내용", "내용", "적요", "description")
"""With `_PARTY`, in this order, what the keys of posted vouchers were made of (`text`): frozen."""

BANK_FIELDS = (
    Field("on", "거래일시", ("거래일시", "거래일자", "거래일", "일시", "일자", "날짜", "date")),
    Field("at", "거래시간", ("거래시간", "거래시각", "시간", "시각", "time")),
    Field("text", "적요", (*_PARTY, *_MEMO), many=True),
    Field(
        "party",
        "보낸분/받는분",
        (
            *(*_PARTY, "거래기록사항", "상대계좌예금주명", "상대계좌예금주", "상대예금주명", "상대방예금주"),
            *(
                "상대방",
                "상대방명",
                "수취인",
                "수취인명",
                "의뢰인/수취인명",
                "송금인",
                "송금인명",
                "입금자명",
                "입금인",
            ),
            *("거래처", "거래처명", "payee", "counterparty"),
        ),
        many=True,
        counts=False,
    ),
    Field(
        "memo",
        "적요",
        (*_MEMO, "통장표시내용", "통장기재내용", "통장적요", "거래적요", "적요내용", "기록사항", "memo"),
        many=True,
        counts=False,
    ),
    Field(
        "out",
        "출금액",
        ("출금액", "출금", "출금금액", "찾으신금액", "지급금액", "지급액", "인출금액", "withdrawal"),
        money=True,
    ),
    Field("in", "입금액", ("입금액", "입금", "입금금액", "맡기신금액", "예입금액", "deposit"), money=True),
    Field("amount", "거래금액", ("거래금액", "금액", "amount"), money=True),
    Field("direction", "입출금구분", ("입출금구분", "입출구분", "입/출금", "입출금", "거래구분", "구분")),
    Field("balance", "거래후잔액", ("거래후잔액", "거래후잔고", "잔액", "잔고", "balance"), money=True),
    Field("branch", "취급점", ("취급점", "거래점", "취급은행", "거래점명")),
    Field("instrument", "계좌번호", ("계좌번호", "거래계좌번호", "출금계좌번호", "account")),
    *_BOTH,
)
