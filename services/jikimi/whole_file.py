"""Write a file that nobody ever sees by half."""

import os
from pathlib import Path


def replace_text(path: Path, text: str) -> None:
    """Write *text* so that a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
