"""Why a flow did not get through: the business said no, the application did not play along, or nobody can tell."""

from typing import Any

from jikimi.errors import NotWell, WrongUse
from jikimi.text import Text


class Business(NotWell):
    """The other side refused this item for a reason of its own: trying again changes nothing, a person must."""

    what = Text("업무 오류: {reason}", "refused: {reason}")
    remedy = Text("값을 고쳐 다시 넣으세요", "mend the values and hand the item in again")

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(reason=reason, **facts)


class Application(NotWell):
    """The program that is driven did not do what it should; a fresh attempt may succeed."""

    what = Text("프로그램 오류: {why}", "the program did not play along: {why}")
    remedy = Text("자동으로 다시 시도합니다", "it is tried again by itself")

    def __init__(self, why: str = "", **facts: Any) -> None:
        super().__init__(why=why, **facts)


class NotFound(Application):
    """What a selector names is not on the screen, or not within the time that was given for it."""

    what = Text("{selector}을(를) 찾지 못했습니다 ({seconds}초)", "{selector} was not found within {seconds} s")
    remedy = Text("화면이 바뀌었는지 보세요: jikimi inspect", "see whether the screen has changed: jikimi inspect")


class Ambiguous(Application):
    """A selector names several things; a flow never takes the first of them."""

    what = Text("{selector}이(가) {count}개 있습니다", "{selector} names {count} things")
    remedy = Text("더 정확한 이름을 쓰세요: jikimi inspect", "use a name that only one has: jikimi inspect")


class Mismatch(Application):
    """A field does not hold what was just written into it."""

    what = Text("{selector}에 쓴 값과 읽은 값이 다릅니다", "{selector} does not hold what was written into it")
    remedy = Text("입력 형식을 확인하세요", "see which form of the value the field takes")


class Unexpected(Application):
    """A window was open that the flow had not asked for."""

    what = Text("예상치 못한 창: {text}", "a window that nobody asked for: {text}")
    remedy = Text(
        "흐름에서 ui.on_dialog(…)로 다루세요", "let the flow deal with it, by ui.on_dialog(…), if it may come again"
    )


class Gone(Application):
    """The driven program ended."""

    what = Text("프로그램이 끝났습니다: {why}", "the program ended: {why}")
    remedy = Text("자동으로 새로 열어 다시 시도합니다", "a fresh one is opened, and it is tried again by itself")


class Silent(Application):
    """The driven program does not answer now: it is busy, or it hangs."""

    what = Text("프로그램이 응답하지 않습니다: {why}", "the program does not answer: {why}")
    remedy = Text("자동으로 새로 열어 다시 시도합니다", "a fresh one is opened, and it is tried again by itself")


class TookTooLong(Application):
    """The flow is over its own time limit."""

    what = Text("제한 시간 {seconds}초를 넘었습니다", "it took longer than its {seconds} s")
    remedy = Text("흐름의 timeout을 늘리거나 일을 나누세요", "raise the flow's timeout, or give it less to do at once")


class NoSession(NotWell):
    """There is no screen to work on now; the item waits, and no attempt is used up."""

    what = Text("작업할 화면이 없습니다: {why}", "there is no screen to work on: {why}")
    remedy = Text("화면이 돌아오면 이어집니다", "it goes on once there is one")


class Unsure(NotWell):
    """A probe cannot tell whether the item went through."""

    what = Text("처리되었는지 알 수 없습니다: {why}", "nobody can tell whether it went through: {why}")
    remedy = Text("확인 후: jikimi items resolve {key}", "look, then say: jikimi items resolve {key}")

    def __init__(self, why: str, key: str = "KEY") -> None:
        super().__init__(why=why, key=key)


class FlowBroken(WrongUse):
    """A file in `flows/` cannot be used as it is."""

    what = Text("흐름 파일 오류 {file}:{line}: {problem}", "a flow cannot be used: {file}:{line}: {problem}")
    remedy = Text("파일을 고치면 다음 작업부터 쓰입니다", "mend the file; the next job uses it")


class ForTheDesktop(WrongUse):
    """A flow drives windows of a desktop, and here is a browser only."""

    what = Text("흐름 {name}은(는) 바탕화면용입니다(queue={queue})", "the flow {name} is for a desktop (queue={queue})")
    remedy = Text(
        "브라우저로 하려면 @flow 에서 queue를 빼세요. 항목은 그때까지 기다립니다",
        "leave queue out of @flow to run it in a browser; its items wait until then",
    )


class NoSuchFlow(WrongUse):
    """No file in `flows/` has a flow of that name."""

    what = Text("그런 흐름이 없습니다: {name} (있는 것: {known})", "there is no flow {name!r} (there is: {known})")
    remedy = Text("목록: jikimi flow list", "the list: jikimi flow list")


class NoSuchSetting(WrongUse):
    """A flow reads a value that the settings do not have."""

    what = Text("설정 [rpa.values]에 {name} 값이 없습니다", "[rpa.values] in the settings has no {name!r}")
    remedy = Text(
        'jikimi.toml의 [rpa.values]에 {name} = "…" 을 쓰세요', 'write {name} = "…" below [rpa.values] in jikimi.toml'
    )


class NoSuchSecret(WrongUse):
    """A flow asks for a secret that nobody has entered."""

    what = Text("비밀 값이 없습니다: {name}", "there is no secret {name!r}")
    remedy = Text("입력: jikimi flow secret {name}", "enter it: jikimi flow secret {name}")
