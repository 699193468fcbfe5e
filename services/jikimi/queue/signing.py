"""Jobs as signed JSON: only who holds the key can put one on the queue, and nothing is ever unpickled."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jikimi.errors import JikimiError
from jikimi.text import Text

_VERSION = b"1"
_LARGEST = 256 * 1024
_KEY_BYTES = 32


class BadSignature(JikimiError):
    """What lies in Redis was not written by one of us, or is too large."""

    what = Text("서명되지 않은 작업을 거절했습니다: {why}", "a job without a valid signature was refused: {why}")
    remedy = Text("Redis에 누가 쓰는지 확인하세요", "find out who else writes to Redis")


class SignedJson:
    """RQ's serializer: `1.<hex of HMAC-SHA256>.<JSON>`.

    The first of *keys* signs, all of them verify, so that keys can be rotated.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)
        self.__qualname__ = type(self).__qualname__  # RQ's worker names its serializer by this

    def dumps(self, obj: Any) -> bytes:
        """Return *obj* as signed JSON.

        Raises:
            TypeError: it is not plain JSON.
        """
        payload = json.dumps(obj, ensure_ascii=False, separators=(",", ":")).encode()
        return b".".join((_VERSION, _sign(self._keys[0], payload), payload))

    def loads(self, data: bytes) -> Any:
        """Return what *data* holds.

        Raises:
            BadSignature: before a byte of the payload was looked at.
        """
        if len(data) > _LARGEST:
            raise BadSignature(why=f"{len(data)} bytes")
        version, _, rest = data.partition(b".")
        signature, _, payload = rest.partition(b".")
        if version != _VERSION:
            raise BadSignature(why="unknown version")
        if not any(hmac.compare_digest(signature, _sign(key, payload)) for key in self._keys):
            raise BadSignature(why="wrong key")
        return json.loads(payload)


def signing_keys(file: Path) -> list[bytes]:
    """Return the keys in *file*, one hex line each; make the first one if there is none."""
    if not file.exists() or not file.stat().st_size:  # empty: killed while it was made
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(_KEY_BYTES) + "\n", encoding="ascii")
    return [bytes.fromhex(line) for line in file.read_text(encoding="ascii").split()]


def _sign(key: bytes, payload: bytes) -> bytes:
    return hmac.digest(key, _VERSION + b"." + payload, hashlib.sha256).hex().encode()
