"""Look for old watchdogs on this machine: among what runs, the timetables, and what lies beside the programs."""

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import structlog

from jikimi.config import Config
from jikimi.runtime.process_list import is_below, list_processes
from jikimi.runtime.timetables import programs_beside, timetables
from jikimi.supervisor.foreign import Place, place_of
from jikimi.supervisor.old_watchdogs import Suspect, old_watchdogs

log = structlog.get_logger()


def rivals_of(place: Place, texts: Mapping[str, str], own: Collection[int] = ()) -> list[Suspect]:
    """Return what looks like an old watchdog of the program in *place*.

    Args:
        texts: the timetables of this machine.
        own: the processes that run the program for us; neither they and all below them are meant, nor are we ourselves.
    """
    processes = {each.pid: each.command for each in list_processes()}
    texts = {**texts, **programs_beside(place.folder)}
    found = old_watchdogs(place.command, _names_in(place.folder), processes, texts)
    return [suspect for suspect in found if suspect.pid is None or not _is_known(suspect.pid, own)]


def warn_of_rivals(config: Config, own: Callable[[str], Collection[int]]) -> None:
    """Log every old watchdog of the programs of the settings; call it in a thread, for a timetable may take seconds.

    Args:
        own: the processes that run a unit for us.
    """
    units = config.settings.units
    texts = timetables() if units else {}
    for name, unit in units.items():
        for suspect in rivals_of(place_of(config, name, unit), texts, own(name)):
            log.warning("watchdog.remains", unit=name, where=suspect.where, line=suspect.line)


def _is_known(pid: int, own: Collection[int]) -> bool:
    """Whether the process is one of *own*, below one of them, or this one or what has started it."""
    return any(is_below(pid, each) for each in own) or is_below(os.getpid(), pid)


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError:
        return []
