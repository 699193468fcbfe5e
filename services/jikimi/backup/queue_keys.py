"""The queue in a Redis that goes on serving: a restore takes its jobs and schedules out and puts those of a dump in.

Who lives, who holds which lease and how often it changed hands is true of now, whatever is restored: it stays.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jikimi.backup.scratch_redis import ScratchRedis
from jikimi.backup.switch_files import Files
from jikimi.broker import connect

_OF_NOW = (b"jk:u:", b"jk:due", b"jk:lease:", b"jk:generation:", b"jk:probe")
_OURS = (b"rq:", b"jk:")
_AT_ONCE = 500


class QueueKeys(Files):
    """Dumps that wait to be put in are files; the queue itself has no name, and a dump that was put in is gone."""

    def __init__(self, url: str, scratch: Callable[[], ScratchRedis]) -> None:
        self._url, self._scratch = url, scratch

    def exists(self, place: str) -> bool:
        """Return whether a dump lies at *place*."""
        return bool(place) and super().exists(place)

    def move(self, source: str, target: str) -> None:  # noqa: ARG002 - there is one queue
        """Put the dump *source* in. Whoever is killed meanwhile does all of it again, for the dump goes last."""
        dump = Path(source)
        with connect(self._url, retries=0) as live, self._scratch().serving(dump) as stored:
            for keys in _exchanged(live):
                live.unlink(*keys)
            for keys in _exchanged(stored):
                _copy(stored, live, keys)
        self.remove(source)


def _exchanged(redis: Any) -> Iterator[list[bytes]]:
    """Yield the keys that are exchanged, so many at once."""
    cursor = 0
    while True:
        cursor, found = redis.scan(cursor, count=_AT_ONCE)
        if keys := [key for key in found if key.startswith(_OURS) and not key.startswith(_OF_NOW)]:
            yield keys
        if not cursor:
            return


def _copy(stored: Any, live: Any, keys: list[bytes]) -> None:
    with stored.pipeline(transaction=False) as pipeline:
        for key in keys:
            pipeline.dump(key)
            pipeline.pttl(key)
        said: list[Any] = pipeline.execute()
    with live.pipeline(transaction=False) as pipeline:
        for key, packed, left_ms in zip(keys, said[::2], said[1::2], strict=True):
            if packed is not None:  # else it has ended meanwhile
                pipeline.restore(key, max(0, left_ms), packed, replace=True)
        pipeline.execute()
