"""Structured logs: one JSON line an event, in files that end by themselves."""

import json
import logging
import sys
from collections.abc import Mapping
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import Processor

_BYTES = 10_000_000
_FILES = 10


def log_to(path: Path, *, echoes: bool = False, **bound: object) -> None:
    """Send every event of this process to *path* as JSON lines; *bound* stands in each of them.

    Args:
        echoes: they go to the standard output as well, as in a container.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(path, maxBytes=_BYTES, backupCount=_FILES - 1, encoding="utf-8", delay=True)
    marks: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    handlers: list[logging.Handler] = [handler, logging.StreamHandler(sys.stdout)] if echoes else [handler]
    for each in handlers:
        each.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=marks,  # a library's own words become JSON lines as well
                processors=[
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
                ],
            )
        )
    logging.basicConfig(handlers=handlers, level=logging.INFO, force=True)
    structlog.configure(
        processors=[*marks, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(**bound)


class JsonLines:
    """A file in `outputs/` with one document a line, which begins anew before it grows too large."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, document: Mapping[str, Any]) -> None:
        """Append *document*; one process alone writes the file."""
        line = json.dumps({"v": 1, **document}, ensure_ascii=False, separators=(",", ":"), default=str) + "\n"
        if self._path.exists() and self._path.stat().st_size + len(line) > _BYTES:
            self._turn()
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line)

    def last(self) -> Mapping[str, Any]:
        """Return the newest document that is whole, or an empty one: a power cut leaves half a line."""
        for path in (self._path, self._path.with_suffix(".jsonl.1")):
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
            for line in reversed(lines):
                with suppress(ValueError):
                    document: Mapping[str, Any] = json.loads(line)
                    return document
        return {}

    def _turn(self) -> None:
        for number in range(_FILES - 1, 0, -1):
            older = self._path.with_suffix(f".jsonl.{number - 1}") if number > 1 else self._path
            if older.exists():
                older.replace(self._path.with_suffix(f".jsonl.{number}"))
