"""Signs of life of our own units: the beat files that their parents rewrite each second."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jikimi.beats.beat import Mode
from jikimi.beats.beat_file import read_beat
from jikimi.supervisor.events import Seen
from jikimi.supervisor.watched import Sight


def by_pid(beat: Mapping[str, Any], pid: int) -> bool:
    """Return whether the process that runs as *pid* has written the beat."""
    return beat.get("pid") == pid


class SinceBegin:
    """Whether a beat is of the life that is looked at, where process ids say nothing: in a container it is always 1.

    What lies there when another life is first seen may have been left by the last one. Whoever left it is dead and
    writes no more, so any other beat is of this life, also of one that had begun before anybody saw it.
    """

    def __init__(self) -> None:
        self._life = 0
        self._seen: object = None
        self._left: object = None

    def __call__(self, beat: Mapping[str, Any], life: int) -> bool:
        """Return whether *beat* is of *life*."""
        is_beat = beat.get("boot_id") is not None
        if is_beat:
            self._seen = beat["boot_id"], beat.get("seq")
        if life != self._life:
            self._life, self._left = life, self._seen if self._life else None
        return is_beat and self._seen != self._left


class BeatWatch:
    """Reads the beats of one unit.

    Args:
        waiting: how many jobs wait for it.
        is_of: whether a beat is of the life with this number.
    """

    def __init__(
        self,
        folder: Path,
        unit: str,
        waiting: Callable[[], int] = lambda: 0,
        is_of: Callable[[Mapping[str, Any], int], bool] = by_pid,
    ) -> None:
        self._folder, self._unit = folder, unit
        self._waiting, self._is_of = waiting, is_of

    def look(self, pid: int) -> Sight:
        """Return what the newest beat says; one of an earlier life says nothing of this one."""
        beat = read_beat(self._folder, self._unit) or {}
        if not self._is_of(beat, pid):
            return Sight(Seen(), beat)
        is_busy = beat.get("mode") == Mode.BUSY
        try:
            seen = Seen(
                sign=str(beat["seq"]),
                is_ready=True,
                is_busy=is_busy,
                token=int(beat.get("progress", 0)),
                budget_s=float(beat.get("budget_s", 0.0)),
                leaves_work=not is_busy and self._waiting() > 0,
                is_blind=bool(beat.get("is_blind")),
                failures=int(beat.get("failures", 0)),
            )
        except (KeyError, ValueError, TypeError, OverflowError):
            return Sight(Seen())  # what is not of a beat's shape is no sign of life
        return Sight(seen, beat)
