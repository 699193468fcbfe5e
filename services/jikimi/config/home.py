"""The home folder: where everything of one company lies, as the operator and the bookkeeper see it."""

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    """Paths below one home folder; nothing is read or made until `make`.

    Attributes:
        elsewhere: folders that lie in another place: in containers `state`, `keys` and `run` have volumes of their own.
    """

    root: Path
    elsewhere: Mapping[str, Path] = field(default_factory=dict)

    def __truediv__(self, name: str) -> Path:
        folder, _, rest = name.partition("/")
        return self.elsewhere[folder] / rest if folder in self.elsewhere else self.root / name

    @property
    def config_file(self) -> Path:
        """The one file that an operator edits."""
        return self.root / "jikimi.toml"

    @property
    def run_dir(self) -> Path:
        """A short folder for sockets: their paths may have at most about 100 bytes, a home may be deep."""
        if "run" in self.elsewhere:
            return self.elsewhere["run"]
        digest = hashlib.sha256(str(self.root.resolve()).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"jikimi-{digest}"

    @property
    def status_file(self) -> Path:
        """The snapshot that `status` reads."""
        return self.elsewhere["run"] / "status.json" if "run" in self.elsewhere else self / "state/status.json"

    def make(self) -> bool:
        """Make every folder that is missing; return whether this home is new."""
        new = not self.config_file.exists()
        for name in FOLDERS:
            (self / name).mkdir(parents=True, exist_ok=True)
        for name in () if "keys" in self.elsewhere else SECRET_FOLDERS:  # in containers each has a volume of its own
            (self / name).mkdir(mode=PRIVATE, exist_ok=True)
        self.run_dir.mkdir(mode=PRIVATE, exist_ok=True)
        return new
