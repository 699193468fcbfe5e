"""Name commands the way this person calls them: `jikimi up`, or `python3 start.py up` in a clone."""

import re

_COMMAND = re.compile(r"\bjikimi (?=[a-z])")


def as_called(text: str, called: str) -> str:
    """Return *text* with every command of ours as *called* would run it."""
    return _COMMAND.sub(f"{called} ", text) if called else text
