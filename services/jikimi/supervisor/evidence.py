"""What is kept of an incident as it begins: the end of the unit's log, its last words, what it used."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Thread

import structlog

from jikimi.runtime.port import Running, Runtime, UnitSpec
from jikimi.supervisor.watched import Sight

log = structlog.get_logger()
_TAIL_BYTES = 20_000
_LINES = 200


class Collector:
    """Gathers evidence in a thread of its own.

    Args:
        folder: each incident gets a folder of its own below it.
        found: is told of each file.
    """

    def __init__(
        self,
        folder: Path,
        specs: Sequence[UnitSpec],
        runtime: Runtime,
        *,
        running: Mapping[str, Running],
        sights: Callable[[], Mapping[str, Sight]],
        found: Callable[[str, str, Path], None],
    ) -> None:
        self._folder, self._runtime, self._running, self._sights, self._found = folder, runtime, running, sights, found
        self._logs = {spec.name: spec.log for spec in specs}

    def examine(self, unit: str, incident: str) -> None:
        """Begin to gather what there is about *unit*."""
        Thread(target=self._gather, args=(unit, incident), name="evidence", daemon=True).start()

    def _gather(self, unit: str, incident: str) -> None:
        try:
            folder = self._folder / incident
            folder.mkdir(parents=True, exist_ok=True)
            running, sight = self._running.get(unit), self._sights().get(unit)
            usage = self._runtime.usage(running) if running else None
            facts = {
                "unit": unit,
                "pid": running.pid if running else None,
                "exit_code": self._runtime.exit_code(running) if running else None,
                "rss_mb": round(usage.rss_bytes / 1e6, 1) if usage else None,
                "cpu_s": usage.cpu_s if usage else None,
                "says": dict(sight.says) if sight else {},
            }
            self._keep(incident, unit, folder / "facts.json", json.dumps(facts, ensure_ascii=False, indent=1))
            self._keep(incident, unit, folder / "log.txt", _tail(self._logs[unit]))
        except OSError as error:  # a full disk must not keep anything from being mended
            log.warning("evidence.not_kept", unit=unit, incident=incident, why=str(error))

    def _keep(self, incident: str, unit: str, path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        self._found(unit, incident, path)


def _tail(path: Path) -> str:
    """Return the last lines of a log, as far as a look at its last bytes shows them."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        text = file.read().decode("utf-8", errors="replace")
    return "\n".join(text.splitlines()[-_LINES:])
