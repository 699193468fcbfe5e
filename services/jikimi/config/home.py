"""The home folder: where everything of one company lies, as the operator and the bookkeeper see it."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

PRIVATE = 0o700
FOLDERS = (
    "inbox",
    "work",
    "rejected",
    "duplicate",
    "done",
    "rules",
    "flows",
    "outputs/results",
    "outputs/reports",
    "outputs/evidence",
    "logs",
    "backups",
    "state",
)
SECRET_FOLDERS = ("keys", "redis", "erp")


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below one home folder; nothing is read or made until `make`."""

    root: Path

    def __truediv__(self, name: str) -> Path:
        return self.root / name

    @property
    def config_file(self) -> Path:
        """The one file that an operator edits."""
        return self.root / "jikimi.toml"

    @property
    def run_dir(self) -> Path:
        """A short folder for sockets: their paths may have at most about 100 bytes, a home may be deep."""
        digest = hashlib.sha256(str(self.root.resolve()).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"jikimi-{digest}"

    def make(self) -> bool:
        """Make every folder that is missing; return whether this home is new."""
        new = not self.config_file.exists()
        for name in FOLDERS:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        for name in SECRET_FOLDERS:
            (self.root / name).mkdir(mode=PRIVATE, exist_ok=True)
        self.run_dir.mkdir(mode=PRIVATE, exist_ok=True)
        return new
