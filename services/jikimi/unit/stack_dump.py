"""Where a hung child stands: its stacks, written down by its parent, who may look into it, before it is ended."""

import subprocess
import sys
from pathlib import Path

import structlog

log = structlog.get_logger()
_WITHIN_S = 2.0  # nobody's recovery waits longer for its evidence
_KEPT = 20


class StackDump:
    """Writes the stacks of a process to a file of its own, with py-spy; where that is not allowed, it says so.

    Args:
        folder: where the files go; the newest `_KEPT` stay.
        unit: begins their names.
    """

    def __init__(self, folder: Path, unit: str) -> None:
        self._folder, self._unit = folder, unit
        self._program = Path(sys.executable).with_name("py-spy.exe" if sys.platform == "win32" else "py-spy")

    def __call__(self, pid: int) -> None:
        """Write down where *pid* stands, within two seconds; never raises."""
        try:
            command = [str(self._program), "dump", "--pid", str(pid)]
            done = subprocess.run(command, capture_output=True, timeout=_WITHIN_S, check=True)
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / f"{self._unit}-{pid}.stacks.txt").write_bytes(done.stdout)
            self._prune()
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("stacks.not_written", child_pid=pid, why=str(error))

    def _prune(self) -> None:
        files = sorted(self._folder.glob(f"{self._unit}-*.stacks.txt"), key=lambda path: path.stat().st_mtime)
        for old in files[:-_KEPT]:
            old.unlink(missing_ok=True)
