"""Signs of life of our own units: the beat files that their parents rewrite each second."""

from collections.abc import Callable
from pathlib import Path

from jikimi.beats.beat import Mode
from jikimi.beats.beat_file import read_beat
from jikimi.supervisor.events import Seen
from jikimi.supervisor.watched import Sight


class BeatWatch:
    """Reads the beats of one unit.

    Args:
        waiting: how many jobs wait for it.
    """

    def __init__(self, folder: Path, unit: str, waiting: Callable[[], int] = lambda: 0) -> None:
        self._folder = folder
        self._unit = unit
        self._waiting = waiting

    def look(self, pid: int) -> Sight:
        """Return what the newest beat says; one of an earlier life says nothing of this one."""
        beat = read_beat(self._folder, self._unit) or {}
        if beat.get("pid") != pid:
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
