"""The pages. Their HTML is well-formed XML as well, so that any parser reads it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from faults import Faults
from voucher import ACCOUNTS, Draft, Voucher

FORM = "/vouchers/new"
EXPIRED = "세션이 만료되었습니다. 다시 로그인하세요."
_STYLE = """
* { box-sizing: border-box; }
body { margin: 0; background: #f3f5f8; color: #1d2733; font: 16px/1.5 "Malgun Gothic", "Noto Sans KR", sans-serif; }
header { display: flex; gap: 1.5rem; align-items: center; padding: .75rem 2rem; background: #1f3b63; color: #fff; }
header strong { margin-right: auto; }
header a { margin-left: 1rem; color: #fff; }
main { max-width: 76rem; margin: 2rem auto; padding: 1.5rem 2rem; background: #fff; border: 1px solid #d6dde6; }
h1 { margin: 0 0 1rem; font-size: 1.4rem; }
form p { display: flex; align-items: center; gap: 1rem; margin: .5rem 0; max-width: 30rem; }
label { flex: 0 0 6rem; }
input, select { flex: 1; padding: .4rem .5rem; border: 1px solid #8a99ab; border-radius: 3px; font: inherit; }
button { padding: .4rem 1.5rem; border: 0; border-radius: 3px; background: #1f5fbf; color: #fff; font: inherit; }
table { width: 100%; margin-top: 1rem; border-collapse: collapse; }
caption { padding: .3rem 0; text-align: left; color: #55637a; }
th, td { white-space: nowrap; padding: .4rem .6rem; border-bottom: 1px solid #d6dde6; text-align: left; }
td:last-child { white-space: normal; }
.won { text-align: right; }
dl { display: grid; grid-template-columns: 6rem 1fr; }
dd { margin: 0; }
[role=alert], [role=status] { padding: .6rem 1rem; border-left: 4px solid #c62828; background: #fdecea; }
[role=status] { border-color: #2e7d32; background: #e8f5e9; }
.over { position: fixed; inset: 0; display: grid; place-items: center; background: rgb(0 0 0 / .45); }
.over div { min-width: 20rem; padding: 1.5rem 2rem; background: #fff; }
"""
_NAV = """<nav aria-label="메뉴"><a href="/vouchers">전표 목록</a> <a href="/vouchers/new">새 전표</a>
<a href="/statement">명세서</a></nav>"""
_FORM_SCRIPT = """
const amount = document.getElementById("amount");
amount.addEventListener("change", function () {
  const digits = amount.value.replaceAll(",", "").trim();
  if (/^[0-9]+$/.test(digits)) amount.value = digits.replace(/\\B(?=([0-9]{3})+$)/g, ",");
});
document.getElementById("voucher").addEventListener("submit", function (event) {
  if (!confirm("저장하시겠습니까?")) event.preventDefault();
});
"""
_ENDLESS_CLICK = """
document.addEventListener("click", function (event) {
  if (event.target.closest("button")) for (;;) {}
}, true);
"""
_CLOSE = """
const button = document.getElementById("close");
button.addEventListener("click", function () { document.getElementById("over").remove(); });
button.focus();
"""


@dataclass(frozen=True, slots=True)
class Page:
    """What one page shows; *inside* is what only those who have logged in see, so it has the menu."""

    heading: str
    body: str
    inside: bool = True


def document(page: Page, trouble: str = "") -> str:
    """Return the whole HTML of *page*, with *trouble* at its end."""
    return f"""<!DOCTYPE html>
<html lang="ko"><head><meta charset="utf-8"/><title>{escape(page.heading)} - 한빛 회계</title>
<meta name="viewport" content="width=device-width"/><link rel="icon" href="data:,"/>
<style>{_STYLE}</style></head>
<body><header><strong>한빛 회계</strong>{_NAV if page.inside else ""}</header>
<main><h1>{escape(page.heading)}</h1>
{page.body}
</main>
{trouble}</body></html>
"""


def login(*, expired: bool = False, wrong: bool = False, user: str = "") -> Page:
    """Return the page that asks who it is."""
    said = status(EXPIRED) if expired else alert("오류: 아이디 또는 비밀번호가 올바르지 않습니다") if wrong else ""
    body = f"""{said}<form method="post" action="/login">
{_input("user", "아이디", user, autocomplete="username")}
{_input("password", "비밀번호", kind="password", autocomplete="current-password")}
<p><button type="submit">로그인</button></p></form>"""
    return Page("로그인", body, inside=False)


def voucher_list(found: Sequence[Voucher], memo: str) -> Page:
    """Return the list of vouchers, and the search for *memo* that led to it."""
    rows = [
        (f'<a href="/vouchers/V{one.number}">V{one.number}</a>', *map(escape, (one.day, one.account, one.party)),
         f"{one.amount:,}", escape(one.memo))
        for one in found
    ]  # fmt: skip
    body = f"""<form method="get" action="/vouchers" role="search">
<p><label for="memo">적요 검색</label><input id="memo" name="memo" value="{escape(memo)}"/>
<button type="submit">조회</button></p></form>
{_table(f"전표 {len(rows)}건", ("전표번호", "일자", "계정", "거래처", "금액", "적요"), rows)}"""
    return Page("전표 목록", body)


def voucher_form(draft: Draft, problem: str = "") -> Page:
    """Return the form for a voucher, filled in with *draft*."""
    options = "".join(
        f'<option value="{name}"{_selected(name == draft.account)}>{name or "선택하세요"}</option>'
        for name in ("", *ACCOUNTS)
    )
    body = f"""{alert(problem) if problem else ""}<form method="post" action="{FORM}" id="voucher">
{_input("day", "일자", draft.day, placeholder="2026-11-16", autocomplete="off")}
<p><label for="account">계정</label><select id="account" name="account">{options}</select></p>
{_input("party", "거래처", draft.party, autocomplete="off")}
{_input("amount", "금액", draft.amount, inputmode="numeric", autocomplete="off")}
{_input("memo", "적요", draft.memo, autocomplete="off")}
<p><button type="submit">저장</button></p></form>
<script>{_FORM_SCRIPT}</script>"""
    return Page("전표 입력", body)


def voucher(one: Voucher) -> Page:
    """Return the page of one voucher, which is also where saving leads to."""
    facts = (("일자", one.day), ("계정", one.account), ("거래처", one.party), ("금액", f"{one.amount:,}"),
             ("적요", one.memo))  # fmt: skip
    shown = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return Page("전표", f"{status(f'전표번호 V{one.number}')}<dl>{shown}</dl>")


def statement(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Page:
    """Return the page from which the card statement is downloaded."""
    shown = [tuple(map(escape, row)) for row in rows]
    return Page("명세서", f'<p><a href="/statement/file">내려받기</a></p>{_table("카드 승인내역", header, shown)}')


def failure(message: str) -> Page:
    """Return a page that says that something went wrong."""
    return Page("오류", alert(f"오류: {message}"), inside=False)


def alert(text: str) -> str:
    """Return what is read out at once."""
    return f'<p role="alert">{escape(text)}</p>\n'


def status(text: str) -> str:
    """Return what is read out when there is time."""
    return f'<p role="status">{escape(text)}</p>\n'


def trouble(faults: Faults, path: str) -> str:
    """Return what the page at *path* has at its end because of *faults*."""
    found = []
    if path == FORM and faults.popup:
        found.append(f"""<div class="over" id="over"><div role="dialog" aria-modal="true" aria-label="알림">
<p>{escape(faults.popup)}</p><button type="button" id="close">닫기</button></div></div>
<script>{_CLOSE}</script>""")
    if path == FORM and faults.notice:
        found.append(f'<script>addEventListener("load", function () {{ alert({_quoted(faults.notice)}); }});</script>')
    if path == faults.endless_click:
        found.append(f"<script>{_ENDLESS_CLICK}</script>")
    if path == faults.endless_script:
        found.append("<script>for (;;) {}</script>")
    return "".join(found)


def _input(name: str, label: str, value: str = "", kind: str = "text", **more: str) -> str:
    further = "".join(f' {key}="{text}"' for key, text in more.items())
    return (
        f'<p><label for="{name}">{label}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" value="{escape(value)}"{further}/></p>'
    )


def _selected(yes: bool) -> str:  # noqa: FBT001 - one word of HTML
    return ' selected="selected"' if yes else ""


def _table(caption: str, header: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its cells are HTML already, and amounts stand at the right."""
    names = tuple(header)
    sides = [' class="won"' if name.endswith("금액") else "" for name in names]
    head = "".join(f'<th scope="col"{side}>{name}</th>' for name, side in zip(names, sides, strict=True))
    lines = "".join(
        f"<tr>{''.join(f'<td{side}>{cell}</td>' for cell, side in zip(row, sides, strict=True))}</tr>" for row in rows
    )
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"


def _quoted(text: str) -> str:
    """Return *text* as a JavaScript string in which no HTML can begin or end."""
    return "".join(rf"\u{ord(sign):04x}" if sign in "<>&" else sign for sign in json.dumps(text))
