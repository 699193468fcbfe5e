"""Find the account that a person means: by its code, by its name, or by both as a choice list shows them."""

import re
import unicodedata
from dataclasses import replace

from jikimi.erp.port import Catalogue
from jikimi.tables.reasons import Reason
from jikimi.vouchers.line import Statement

_CODE = re.compile(r"(?P<code>[0-9]{1,12})\s+\S")


def account_named(catalogue: Catalogue, wanted: str) -> str | Reason:
    """Return the code of the account with that code or name, or why there is none."""
    word = wanted.strip()
    leading = _CODE.match(word)
    for code in (word, leading["code"] if leading else ""):
        if code in catalogue.accounts:
            return code
    codes = sorted(code for code, name in catalogue.accounts.items() if _folded(name) == _folded(word))
    if len(codes) > 1:
        return Reason("account_ambiguous", {"account": word, "codes": ", ".join(codes)})
    return codes[0] if codes else Reason("no_such_account", {"account": word})


def with_codes(statement: Statement, catalogue: Catalogue) -> Statement:
    """Return *statement* with the code of each account that a person wrote by name; what fits none stays as it is."""
    lines = []
    for line in statement.lines:
        account = account_named(catalogue, line.account) if line.account else ""
        lines.append(replace(line, account=account) if isinstance(account, str) else line)
    return replace(statement, lines=tuple(lines))


def choices(catalogue: Catalogue) -> list[tuple[str, str]]:
    """Return code and name of every account, by code."""
    return sorted(catalogue.accounts.items())


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
