"""Receipts: one small file a run, beside the repository and in the state folder, so that either may be lost."""

import json
from collections.abc import Sequence
from pathlib import Path

from jikimi.backup.snapshot import Receipt, as_document, from_document

_FOLDER = "receipts"


class Receipts:
    """The receipts in several places that should say the same.

    Args:
        places: folders that hold a folder `receipts`; what one of them has not is taken from another.
    """

    def __init__(self, *places: Path) -> None:
        self._places = places

    def read(self) -> list[Receipt]:
        """Return every receipt, the oldest first; a file that is none is passed over."""
        found: dict[str, Receipt] = {}
        for place in self._places:
            for path in sorted((place / _FOLDER).glob("*.json")):
                try:
                    receipt = from_document(json.loads(path.read_bytes()))
                except (OSError, KeyError, TypeError, ValueError):
                    continue
                found.setdefault(receipt.run, receipt)
        return sorted(found.values(), key=lambda receipt: (receipt.at, receipt.run))

    def write(self, receipt: Receipt) -> None:
        """Write *receipt* wherever its place exists; one place is enough.

        Raises:
            OSError: it could be written nowhere.
        """
        text = json.dumps(as_document(receipt), ensure_ascii=False)
        last: OSError | None = None
        written = 0
        for place in self._places:
            try:
                if place.is_dir():
                    _write(place / _FOLDER / f"{receipt.run}.json", text)
                    written += 1
            except OSError as error:
                last = error
        if not written:
            raise last or FileNotFoundError(str(self._places[0]))

    def forget(self, snapshots: Sequence[str]) -> None:
        """Remove the receipts of *snapshots*, which are gone."""
        gone = set(snapshots)
        for receipt in self.read():
            if receipt.snapshot in gone:
                for place in self._places:
                    (place / _FOLDER / f"{receipt.run}.json").unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
