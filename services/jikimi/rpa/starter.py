"""The text of a new flow, ready to be run and changed."""

from pathlib import Path

from jikimi.errors import WrongUse
from jikimi.text import Text

_STARTER = '''\
"""What this flow does, in one line / 이 흐름이 하는 일 한 줄."""

from jikimi.rpa import Business, button, flow


@flow(attempts=3, timeout="5m", stall="45s")
def {name}(item, ui):
    """Enter one voucher / 전표 한 건을 입력한다."""
    ui.open(item.get("address", "http://127.0.0.1:8080/vouchers/new"))
    with ui.step("전표 입력"):
        ui.fill({{"일자": item.get("일자"), "금액": item.get("금액"), "적요": item.key}})
    with item.commit():  # only the one press that must not happen twice / 두 번 눌리면 안 되는 것만
        ui.click(button("저장"), confirm="저장")
        return {{"no": ui.expect(r"전표번호 (\\S+)", otherwise=Business)}}


@{name}.probe
def find_{name}(item, ui):
    """Say whether it went through, before it is tried again / 다시 하기 전에 이미 처리되었는지 본다."""
    ui.open(item.get("list", "http://127.0.0.1:8080/vouchers?q=" + item.key))
    return {{"no": ui.expect(r"(V\\d+)")}} if ui.sees(item.key) else None
'''

_WRAPPED = '''\
"""{stem}.py, run as it is / {stem}.py 를 그대로 실행한다."""

import runpy

from jikimi.rpa import flow

SCRIPT = {script!r}


@flow(attempts=1, timeout="30m", stall="10m")
def {name}(item, ui):
    """Run main() of {stem}.py; a failure is never tried again by itself, for nobody can ask what it has done."""
    with ui.step("{stem}"), item.commit():
        result = runpy.run_path(SCRIPT)["main"]()
    return result if isinstance(result, dict) else {{}}
'''


class NotAName(WrongUse):
    """A flow cannot be called that."""

    what = Text("흐름 이름으로 쓸 수 없습니다: {name}", "a flow cannot be called {name!r}")
    remedy = Text("글자, 숫자, _ 로 쓰세요. 예: voucher", "use letters, digits and _, such as voucher")


class NoMain(WrongUse):
    """A script to be wrapped has no `main()`."""

    what = Text("{script}에 main()이 없습니다", "{script} has no main()")
    remedy = Text("실행할 부분을 def main(): 안에 두세요", "put what is to be run into def main():")


def starter_file(name: str) -> str:
    """Return a flow that fills in a form, with its fence and its probe."""
    return _STARTER.format(name=name)


def wrapped_file(name: str, script: Path) -> str:
    """Return a flow that runs `main()` of *script*.

    Raises:
        NoMain: it has none.
    """
    if "def main(" not in script.read_text(encoding="utf-8", errors="replace"):
        raise NoMain(script=script)
    return _WRAPPED.format(name=name, stem=script.stem, script=str(script))
