"""Cut an OFX file into its transactions, tags and texts only, without asking what they mean.

Both spellings are read by one scan: SGML (OFX 1), where a value has no end tag, and XML (OFX 2). Nothing is
declared, fetched or expanded; the scan takes time in proportion to the file, whatever stands in it.
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jikimi.tables.limits import CELLS
from jikimi.tables.refusal import refused

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9_.]*)(?:\s[^<>]*)?/?>")
_DECLARED = re.compile(r"<!\s*(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos|nbsp);")
_CHARSET = re.compile(r"""^\s*CHARSET:\s*([A-Za-z0-9-]+)|encoding=["']([A-Za-z0-9-]+)""", re.MULTILINE)
_CODECS = {"8859-1": "latin-1", "iso-8859-1": "latin-1", "949": "cp949", "euc-kr": "cp949", "1252": "cp1252"}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

_STATEMENTS = frozenset({"STMTRS", "CCSTMTRS", "INVSTMTRS", "LOANSTMTRS", "AMRTSTMTRS"})
_OWN_ACCOUNT = frozenset({"BANKACCTFROM", "CCACCTFROM", "INVACCTFROM", "LOANACCTFROM"})
_LISTS = frozenset({"INVTRANLIST", "LOANTRANLIST", "AMRTTRANLIST"})
_IN_LISTS = frozenset({"DTSTART", "DTEND", "INVBANKTRAN", "SUBACCTFUND"})
_NESTED = frozenset({"PAYEE", "CURRENCY", "ORIGCURRENCY", "BANKACCTTO", "CCACCTTO", "IMAGEDATA", "SECID"})
BANK, PENDING, CARD = "STMTTRN", "STMTTRNP", "CCSTMTTRN"
"""What a transaction began with; `CARD` stands for a `BANK` one within a card account's statement."""

_OF_CARDS = frozenset({"CCSTMTRS", "CCACCTFROM"})
_CARD_TYPES = frozenset({"CREDITCARD", "CREDITCRD", "CCARD"})


@dataclass(slots=True)
class Transaction:
    """One transaction: the tags in it, and where it stands.

    Attributes:
        sort: the tag that it began with, `BANK` for money that moved.
        tags: name to text; those of a part such as PAYEE bear its name, `PAYEE.NAME`.
        whole: its end tag was there.
        card: it stands in the statement of a card account.
    """

    sort: str
    account: str
    currency: str
    tags: dict[str, str] = field(default_factory=dict)
    whole: bool = False
    card: bool = False


@dataclass(slots=True)
class LedgerBalance:
    """The balance of an account as the file states it: LEDGERBAL.

    Attributes:
        end: the day to which its transactions go (DTEND), "" where the file does not say.
    """

    account: str
    end: str
    tags: dict[str, str] = field(default_factory=dict)


def ofx_text(data: bytes) -> str:
    """Return the text of *data*: UTF-8, else what the file says of itself, else CP949.

    Raises:
        FileRefused: none of them fits.
    """
    said = _CHARSET.search(data[:1024].decode("latin-1"))
    name = (said[1] or said[2]).casefold() if said else ""
    encodings = ["utf-16"] if data.startswith(_UTF16) else ["utf-8-sig", _CODECS.get(name, "cp949")]
    reached = 0
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as wrong:
            reached = max(reached, wrong.start)
    raise refused("undecodable", offset=reached)


def with_balances(text: str) -> tuple[list[Transaction], list[LedgerBalance]]:
    """Return the transactions of all accounts, in the order of the file, and the accounts' balances.

    Raises:
        FileRefused: the file declares entities, does not reach its end, or is larger than any statement.
    """
    if _DECLARED.search(text):
        raise refused("ofx_declares")
    scan = _Scan()
    for count, (ends, tag, value) in enumerate(_tokens(_without_sections(text))):
        if count > CELLS:
            raise refused("too_many_cells", limit=CELLS)
        scan.take(tag, value, ends=ends)
    if not scan.is_whole:
        raise refused("ofx_cut")
    return scan.found, scan.balances


class _Scan:
    """Follows the tags and collects the transactions."""

    def __init__(self) -> None:
        self.found: list[Transaction] = []
        self.balances: list[LedgerBalance] = []
        self.is_whole = False
        self._open: Transaction | None = None
        self._card = False
        self._account = self._currency = self._part = self._list = self._until = ""

    def take(self, tag: str, value: str, *, ends: bool) -> None:
        """Take the next tag and the text behind it."""
        if ends:
            self._end(tag)
        elif tag in (BANK, PENDING) or (self._open is None and self._begins(tag, value)):
            self._open = Transaction(tag, self._account, self._currency, card=self._card)
            self._part = ""
            self.found.append(self._open)
        elif self._open is not None:
            self._collect(self._open, tag, value)
        else:
            self._outside(tag, value)

    def _begins(self, tag: str, value: str) -> bool:
        """Tell whether a tag of a list that is no bank's begins a transaction of it."""
        return self._list != "" and not value and tag not in _IN_LISTS and tag not in _STATEMENTS

    def _end(self, tag: str) -> None:
        if self._open is not None and tag == self._open.sort:
            self._open.whole = True
            self._open = None
        elif tag == self._part:
            self._part = ""
        elif tag == self._list:
            self._open, self._list = None, ""
        elif tag in ("BANKTRANLIST", *_STATEMENTS):
            self._open = None
        self.is_whole = self.is_whole or tag == "OFX"

    def _collect(self, into: Transaction, tag: str, value: str) -> None:
        if tag in _NESTED and not value:
            self._part = tag
        elif value:
            into.tags.setdefault(f"{self._part}.{tag}" if self._part else tag, value)

    def _outside(self, tag: str, value: str) -> None:
        if tag in _STATEMENTS:
            self._account = self._currency = self._list = self._until = ""
            self._card = tag in _OF_CARDS
        elif tag in _OWN_ACCOUNT:
            self._part = tag
            self._card = self._card or tag in _OF_CARDS
        elif tag == "ACCTTYPE" and self._part in _OWN_ACCOUNT:
            self._card = self._card or value.upper() in _CARD_TYPES
        elif tag in _LISTS:
            self._list = tag
        elif tag == "DTEND":
            self._until = value
        elif tag == "LEDGERBAL":
            self._part = tag
            self.balances.append(LedgerBalance(self._account, self._until))
        elif self._part == "LEDGERBAL":
            self.balances[-1].tags.setdefault(tag, value)
        elif tag == "CURDEF":
            self._currency = value
        elif tag == "ACCTID" and self._part in _OWN_ACCOUNT:
            self._account = value


def _tokens(text: str) -> Iterator[tuple[bool, str, str]]:
    """Yield each tag, whether it ends something, and the text up to the next tag."""
    last: re.Match[str] | None = None
    for found in _TAG.finditer(text):
        if last is not None:
            yield bool(last[1]), last[2].upper(), _value(text[last.end() : found.start()])
        last = found
    if last is not None:
        yield bool(last[1]), last[2].upper(), ""


def _value(raw: str) -> str:
    """Return the text of a tag; entities are put in once, and only those that XML has by itself."""
    return _ENTITY.sub(lambda found: html.unescape(found[0]), raw).replace("\xa0", " ").strip()


def _without_sections(text: str) -> str:
    """Return *text* without comments, and what its CDATA sections hold as plain text.

    Raises:
        FileRefused: a section does not end.
    """
    kept = []
    at = 0
    for begin, end, is_text in _sections(text):
        kept.append(text[at:begin])
        if is_text:
            kept.append(html.escape(text[begin + 9 : end - 3], quote=False))
        at = end
    return "".join([*kept, text[at:]])


def _sections(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield where each section begins and ends, and whether it is text."""
    marks: Mapping[str, str] = {"<![CDATA[": "]]>", "<!--": "-->"}
    opening = re.compile(r"<!\[CDATA\[|<!--")
    at = 0
    while found := opening.search(text, at):
        closing = marks[found[0]]
        end = text.find(closing, found.end())
        if end < 0:
            raise refused("ofx_cut")
        at = end + len(closing)
        yield found.start(), at, found[0] != "<!--"
