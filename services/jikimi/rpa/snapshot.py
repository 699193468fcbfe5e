"""How all work items stand, in one file that anybody may read: `outputs/items.json`."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jikimi.rpa.item import Item, State
from jikimi.rpa.store import ItemStore
from jikimi.whole_file import replace_text

FILE = "outputs/items.json"
_MOST = 200  # of each state: who looks for more asks for its file's answer


def items_document(store: ItemStore, at: datetime) -> dict[str, Any]:
    """Return the document `jikimi.items`: counts of all, and the newest of each state."""
    found = [item for state in State for item in store.newest(state, _MOST)]
    return {"at": at.isoformat(), "counts": store.counts(), "items": [item_document(item) for item in found]}


def item_document(item: Item) -> dict[str, Any]:
    """Return what is shown of an item."""
    return {
        "flow": item.flow,
        "key": item.key,
        "state": item.state.value,
        "attempts": item.attempts,
        "reason": item.reason,
        "result": dict(item.result),
        "source": item.source.rpartition("/")[2],
        "row": item.row,
        "at": item.at,
    }


def write_snapshot(path: Path, document: Mapping[str, Any]) -> None:
    """Replace the file, so that a reader sees the old one or the new one."""
    replace_text(path, json.dumps({"v": 1, **document}, ensure_ascii=False))


def read_snapshot(path: Path) -> Mapping[str, Any]:
    """Return what the file says; nothing of a stack that has never had an item."""
    try:
        document: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"at": "", "counts": {state.value: 0 for state in State}, "items": []}
    return document
