"""How a flow is handed work by file, and how it says by file what became of it.

Whoever cannot see the flows' queue asks this way: a question lies in the inbox of the flow, as if a person had dropped
it, and each time something has become of its item a reply lies in `outputs/items/`. Both are written whole.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from jikimi.config import Home
from jikimi.config.model import FLOWS
from jikimi.whole_file import replace_text

_UNSAFE = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 60
_QUESTION = "ask."
_JSON = ".json"
_REPLIES = "outputs/items"


@dataclass(frozen=True, slots=True)
class Reply:
    """What has become of an item.

    Attributes:
        state: of the item, in the words of `jikimi items`.
        result: what the flow returned. reason: why it is not done.
        data: the values that this is about; the item may have had others before.
    """

    key: str
    state: str
    reason: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)


def file_name(key: str) -> str:
    """Return *key* as a name in a folder; a key that is none gets one that no other key has."""
    plain = _UNSAFE.sub("_", key)[:_LONGEST_NAME]
    return plain if plain == key else f"{plain}-{sha256(key.encode()).hexdigest()[:8]}"


def drop_item(home: Home, flow: str, name: str, key: str, data: Mapping[str, Any]) -> Path:
    """Drop one item into the inbox of *flow* as the file *name*, and return that file."""
    file = home / "inbox" / FLOWS / flow / name
    replace_text(file, json.dumps({"key": key, "data": dict(data)}, ensure_ascii=False))
    return file


def question_name(key: str) -> str:
    """Return the name of the file that asks for a reply about the item *key*."""
    return f"{_QUESTION}{file_name(key)}{_JSON}"


def is_question(name: str) -> bool:
    """Return whether a file of that name asks for replies, in place of a page for a person."""
    return name.startswith(_QUESTION) and name.endswith(_JSON)


def open_questions(home: Home, flow: str) -> set[str]:
    """Return the names of the questions that lie in the inbox of *flow*, or have been taken from there.

    Whoever reads a reply after this has missed none: one that is not here any more was answered before it went.
    """
    folder = home / "inbox" / FLOWS / flow
    lying = {path.name for path in folder.glob(f"{_QUESTION}*{_JSON}")}
    taken = home / "work" / FLOWS / flow  # after the inbox: a file goes from there to here
    return lying | {path.name for path in taken.glob(f"*/{_QUESTION}*{_JSON}")}


def write_reply(home: Home, flow: str, reply: Reply, at: datetime) -> bool:
    """Write what has become of an item, unless that is said already; return whether it was written."""
    body = {"v": 1, "key": reply.key, "state": reply.state, "reason": reply.reason}
    body |= {"result": dict(reply.result), "data": dict(reply.data)}
    text = json.dumps(body, ensure_ascii=False, default=str)
    if read_reply(home, flow, reply.key) == _reply(text):
        return False
    said = json.dumps({**json.loads(text), "at": at.isoformat()}, ensure_ascii=False)
    replace_text(_reply_file(home, flow, reply.key), said)
    return True


def read_reply(home: Home, flow: str, key: str) -> Reply | None:
    """Return what has become of the item *key*, if anything was said."""
    try:
        return _reply(_reply_file(home, flow, key).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def replies(home: Home, flow: str) -> Iterator[Reply]:
    """Yield all that a flow has ever replied; it costs a file each."""
    for path in sorted((home / _REPLIES / flow).glob(f"[!.]*{_JSON}")):
        if (reply := _reply(path.read_text(encoding="utf-8"))) is not None:
            yield reply


def newest_reply(home: Home, flow: str) -> int:
    """Return a number that is another one once a flow has replied since."""
    try:
        return (home / _REPLIES / flow).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _reply_file(home: Home, flow: str, key: str) -> Path:
    return home / _REPLIES / flow / f"{file_name(key)}{_JSON}"


def _reply(text: str) -> Reply | None:
    """Return a reply; None for what is none, so that it is asked for again."""
    try:
        found = json.loads(text)
        return Reply(found["key"], found["state"], found["reason"], found["result"], found["data"])
    except (ValueError, KeyError, TypeError):
        return None
