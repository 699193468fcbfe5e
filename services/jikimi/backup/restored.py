"""What a restore leaves for the stack to see: nothing starts on a mix, and after it the work waits for a person."""

from jikimi.backup.switch_files import JOURNAL, PAUSED
from jikimi.config import Home
from jikimi.rpa.store import RESTORED as RESTORED_ITEMS

WORKERS = ("rpa-worker", "erp-worker")
CONCERNED = ("erp", "scheduler", *WORKERS)  # units that work with what a restore exchanges, the one that posts last


def is_unfinished(home: Home) -> bool:
    """Return whether a restore was begun and neither finished nor undone."""
    return (home.root / JOURNAL).exists()


def waits_for_resume(home: Home) -> bool:
    """Return whether the home was restored and nobody has said since that the work may go on."""
    return (home.root / PAUSED).exists()


def go_on(home: Home) -> None:
    """Let the work go on; whoever keeps work items learns by a note of its own that they are older than the world."""
    if waits_for_resume(home):
        (home / RESTORED_ITEMS).touch()
    (home.root / PAUSED).unlink(missing_ok=True)


def why_barred(home: Home, *, takes_work: bool) -> str:
    """Return why a unit may not start its child now, "" if it may.

    Args:
        takes_work: it takes jobs, and these wait until a person has looked at what was restored.
    """
    if is_unfinished(home):
        return "restore unfinished"
    return "restored: waits for resume" if takes_work and waits_for_resume(home) else ""
