"""The supervisor's door on this machine, for when Redis is away: one signed line in, one JSON line out."""

import json
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog

from jikimi.queue.port import QueueAway
from jikimi.queue.signing import SignedJson

log = structlog.get_logger()
_LONGEST = 64 * 1024
_WITHIN_S = 10.0
Answer = Callable[[str, bytes], Mapping[str, Any]]


class LocalDoor:
    """Listens on a socket file that only this user may open.

    Args:
        answer: gets an order's id and its signed bytes, and returns the reply; called in threads.
    """

    def __init__(self, path: Path, answer: Answer) -> None:
        self._answer = answer
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        path.chmod(0o600)
        self._socket.listen()
        threading.Thread(target=self._listen, name="door", daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()

    def _listen(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(caller,), name="caller", daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with caller:
            try:
                caller.settimeout(_WITHIN_S)
                order_id, _, signed = _line(caller).partition(b" ")
                reply = self._answer(order_id.decode(errors="replace"), signed)
                caller.sendall(json.dumps(dict(reply), ensure_ascii=False).encode() + b"\n")
            except OSError as error:
                log.warning("caller.lost", why=str(error))


def ask_locally(path: Path, order_id: str, op: str, wish: Mapping[str, Any], signer: SignedJson) -> dict[str, Any]:
    """Give an order at the door of this machine and return the reply.

    Raises:
        QueueAway: nobody listens there.
    """
    signed = signer.dumps([op, None, [], dict(wish)])
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            door.settimeout(_WITHIN_S)
            door.connect(str(path))
            door.sendall(order_id.encode() + b" " + signed + b"\n")
            reply: dict[str, Any] = json.loads(_line(door))
            return reply
    except (OSError, ValueError) as error:
        raise QueueAway(answer=str(error)) from None


def _line(caller: socket.socket) -> bytes:
    """Return the first line; one that is too long is cut off, and then has no valid signature."""
    text = b""
    while b"\n" not in text and len(text) < _LONGEST:
        chunk = caller.recv(4096)
        if not chunk:
            break
        text += chunk
    return text.partition(b"\n")[0]
