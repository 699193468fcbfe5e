"""Takes in files of work items, and answers each once all its items are over, by a page or as it was asked.

A file stays in `work/` until then, so that whatever is lost besides, its items come again out of it; what they have
left as evidence says then that they had begun.
"""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import structlog

from jikimi.clock import Clock, today
from jikimi.config import Config, Home
from jikimi.inbox import FLOWS, Claimed, Reply, claim, claimed, drop_item, is_question, move, ready, write_reply
from jikimi.rpa.answer import Answered, write_answer, write_refusal
from jikimi.rpa.evidence import Place
from jikimi.rpa.item import Data, Item, State
from jikimi.rpa.policy import asked_first, handed_in
from jikimi.rpa.reading import ItemFile, read_items
from jikimi.rpa.snapshot import FILE, items_document, write_snapshot
from jikimi.rpa.store import ItemStore
from jikimi.tables import FileRefused

log = structlog.get_logger()
_ID_LETTERS = 8
_SETTLED = (State.DONE, State.BUSINESS, State.FAILED)  # what is in doubt keeps its file until a person has spoken
_MOST_AT_ONCE = 20  # files: whoever takes them in must say each second that it lives


def hand_in(home: Home, flow: str, key: str, data: Data, now: datetime) -> Path:
    """Drop one item into the inbox of *flow*, as a person drops a file, and return that file."""
    return drop_item(home, flow, f"{now:%Y%m%d-%H%M%S-%f}.json", key, data)


class Reception:
    """The way in and out of work items."""

    def __init__(self, config: Config, clock: Clock, store: ItemStore) -> None:
        self._config, self._home, self._clock, self._store = config, config.home, clock, store

    def look(self) -> None:
        """Take what lies in the inbox, and answer the files whose items are over."""
        now, settle = self._clock.now(), self._config.settings.inbox.settle
        for dropped in ready(self._home, self._places(), now, settle)[:_MOST_AT_ONCE]:
            claim(self._home, dropped)
        for file in claimed(self._home, FLOWS):
            self._bring_on(file)
        if not (self._home / FILE).exists():
            self._show()

    def get(self, flow: str, key: str) -> Item | None:
        """Return an item, for whoever works on it."""
        return self._store.get(flow, key)

    def put(self, *items: Item) -> None:
        """Write items down, and show how all stand now."""
        self._store.put(*items)
        self._show()

    def changed(self, item: Item) -> None:
        """Tell whoever asked about an item what became of it, and see whether it was its file's last."""
        if is_question(item.source.rpartition("/")[2]) and item.is_over:
            self._reply(item)
        if item.state in _SETTLED and not self._store.unsettled(item.source):
            for file in claimed(self._home, FLOWS):
                if _source_of(file) == item.source:
                    self._bring_on(file)

    def _places(self) -> list[str]:
        folder = self._home / "inbox" / FLOWS
        if not folder.is_dir():
            return []
        return [f"{FLOWS}/{path.name}" for path in sorted(folder.iterdir()) if path.is_dir()]

    def _bring_on(self, file: Claimed) -> None:
        """Hand a file's items in, if that was not done, and answer it once they are over."""
        source = _source_of(file)
        if self._store.unsettled(source):
            return  # a file is taken whole or not at all, so this one was
        data, sha = file.read()
        named = (file.name, sha[:_ID_LETTERS])
        try:
            content = read_items(data)
        except FileRefused as refusal:
            write_refusal(self._home, named, refusal, self._config.lang)
            move(self._home, file, Path("rejected"))
            log.warning("items.refused", file=file.name, why=str(refusal))
            return
        flow = _flow_of(file)
        self._hand_in(file, content)
        items = {one.key: self._store.get(flow, one.key) for one in content.items if one.problem is None}
        if all(item is not None and item.state in _SETTLED for item in items.values()):
            answered = [Answered(one, None if one.problem else items[one.key]) for one in content.items]
            folder = Path("done") / f"{today(self._clock, self._config.settings.zone):%Y/%m}"
            if is_question(file.name):
                for item in filter(None, items.values()):
                    self._reply(item)
                folder /= flow
            else:
                write_answer(self._config, named, flow, content.header, answered)
            move(self._home, file, folder)
            log.info("items.answered", file=file.name, flow=flow, count=len(answered))

    def _hand_in(self, file: Claimed, content: ItemFile) -> None:
        flow, source = _flow_of(file), _source_of(file)
        at = self._clock.now().isoformat()
        wanted = [
            Item(flow, one.key, one.cells, source=source, row=one.row, at=at)
            for one in content.items
            if one.problem is None
        ]
        new = [item for one in wanted if (item := self._new(one)) is not None]
        if new:
            self.put(*new)
            log.info("items.taken", file=file.name, flow=flow, count=len(new), of=len(wanted))

    def _new(self, item: Item) -> Item | None:
        known = self._store.get(item.flow, item.key)
        if known is not None:
            return handed_in(item, known)
        begun = Place.of(self._home / "outputs/evidence", item.flow, item.key).attempts()
        # its evidence is all that is left: nobody knows whether an attempt went through
        if begun:
            return replace(item, attempts=begun, is_fenced=True)
        # whoever asks has lost what we lost, after a restore for one: what stands is found before it is entered
        return asked_first(item) if is_question(item.source.rpartition("/")[2]) else item

    def _reply(self, item: Item) -> None:
        reply = Reply(item.key, item.state.value, item.reason, item.result, item.data)
        if write_reply(self._home, item.flow, reply, self._clock.now()):
            log.info("item.replied", flow=item.flow, key=item.key, state=item.state.value)

    def _show(self) -> None:
        write_snapshot(self._home / FILE, items_document(self._store, self._clock.now()))


def _flow_of(file: Claimed) -> str:
    return file.place.rpartition("/")[2]


def _source_of(file: Claimed) -> str:
    return f"{file.place}/{file.claim}/{file.name}"
