"""Whether a program has kept what was written into it: pure."""

import re

_SEPARATORS = re.compile(r"[,\s]")


def is_kept(value: str, got: str) -> bool:
    """Return whether *got* is *value*; a program may write separators into a number."""
    return _SEPARATORS.sub("", got) == _SEPARATORS.sub("", value)
