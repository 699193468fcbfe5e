"""How flows stand, for the snapshot: whether they can be run here, and which items wait for a person."""

import contextlib
from collections.abc import Sequence

from jikimi.cli.context import Context
from jikimi.inbox import FLOWS
from jikimi.rpa.browsers import NoBrowser, find_browser
from jikimi.rpa.flow_files import flow_files
from jikimi.rpa.item import State
from jikimi.rpa.snapshot import FILE, read_snapshot
from jikimi.status.document import Check
from jikimi.status.reader import as_called
from jikimi.text import Text

_READ_EACH_S = 10.0
_LIES_S = 600.0  # a worker takes files between two items at the latest
_LIES = Text(
    "편지함에서 가져가지 못한 작업 파일: {names}", "files of work items that nobody takes out of the inbox: {names}"
)
_LIES_CURE = Text(
    "inbox/flows/흐름이름/ 에 넣었는지, 그 폴더에 쓸 수 있는지 보세요 (컨테이너라면 docker compose up -d)",
    "see that they lie in inbox/flows/NAME-OF-A-FLOW/ and that it may be written (in containers: docker compose up -d)",
)
_SHOWN = 5
_DOUBT = Text(
    "처리되었는지 확인할 작업 항목 {count}개", "{count} work items of which nobody knows whether they went through"
)
_DOUBT_CURE = Text("보려면: jikimi items --state in_doubt", "to see them: jikimi items --state in_doubt")
_NO_FLOW = Text(
    "[erp] flow 의 흐름이 flows 폴더에 없어 전표가 나가지 못합니다: {name}",
    "the flow of [erp] is in no file of flows/, so that no voucher is entered: {name}",
)
_NO_FLOW_CURE = Text(
    "jikimi.toml 과 flows 폴더의 이름을 맞추세요", "let jikimi.toml and a file in flows/ say the same name"
)
_FAILED = Text("실패한 작업 항목 {count}개", "{count} work items have failed")
_FAILED_CURE = Text("보려면: jikimi items --state failed", "to see them: jikimi items --state failed")


class FlowWatch:
    """Looks now and then; a browser that is installed later counts with the next start."""

    def __init__(self, context: Context) -> None:
        self._context, self._read_at = context, float("-inf")
        self._browser = self._browser_check()
        self.checks: Sequence[Check] = ()

    def look(self) -> None:
        """Read the items' snapshot again if that was long ago."""
        ticks = self._context.clock.ticks()
        if ticks - self._read_at < _READ_EACH_S:
            return
        self._read_at = ticks
        counts = read_snapshot(self._context.home / FILE)["counts"]
        self.checks = [
            self._browser,
            self._of_items("items-in-doubt", counts[State.IN_DOUBT], _DOUBT, _DOUBT_CURE),
            self._of_items("items-failed", counts[State.FAILED], _FAILED, _FAILED_CURE),
            self._lying(),
            self._of_ledger(),
        ]

    def _of_ledger(self) -> Check:
        """Say whether somebody has written the flow that enters the company's vouchers; no file is run for that."""
        config = self._context.config
        name, files = config.settings.erp.flow, flow_files(config.home / "flows")
        if not name or any(name in path.read_text(encoding="utf-8", errors="replace") for path in files):
            return Check("ledger-flow", "ok", "")
        lang = config.lang
        return Check("ledger-flow", "warn", _NO_FLOW.say(lang, name=name), _NO_FLOW_CURE.say(lang))

    def _lying(self) -> Check:
        """Say which files have lain in the inbox of flows for longer than any worker would let them."""
        folder, now = self._context.home / "inbox" / FLOWS, self._context.clock.now().timestamp()
        names = []
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            with contextlib.suppress(OSError):
                if path.is_file() and not path.name.startswith(".") and now - path.stat().st_ctime > _LIES_S:
                    names.append(path.name)
        if not names:
            return Check("items-inbox", "ok", "")
        lang, called = self._context.lang, self._context.called
        said = _LIES.say(lang, names=", ".join(names[:_SHOWN]))
        return Check("items-inbox", "warn", said, as_called(_LIES_CURE.say(lang), called))

    def _browser_check(self) -> Check:
        config = self._context.config
        if config.settings.engine.url:  # in containers it is part of the image
            return Check("browser", "ok", "")
        try:
            find_browser(config.settings.rpa.browser)
        except NoBrowser as none:
            lang = config.lang
            return Check("browser", "warn", none.what.say(lang, **none.facts), none.remedy.say(lang, **none.facts))
        return Check("browser", "ok", "")

    def _of_items(self, name: str, count: int, message: Text, cure: Text) -> Check:
        if not count:
            return Check(name, "ok", "")
        lang, called = self._context.lang, self._context.called
        return Check(name, "warn", message.say(lang, count=count), as_called(cure.say(lang), called))
