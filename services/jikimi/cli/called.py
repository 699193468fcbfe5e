"""Name commands the way this person calls them: `jikimi up`, or `python3 start.py up` in a clone."""

import re

_COMMAND = re.compile(r"\bjikimi (?=[a-z])")
_STACK = re.compile(r"\bjikimi (up|down)(?: --detach)?\b")
_COMPOSE = {"up": "docker compose up -d", "down": "docker compose down"}


def as_called(text: str, called: str) -> str:
    """Return *text* with every command of ours as *called* would run it."""
    if called.startswith("docker compose"):  # a container can neither start nor end the stack that it is part of
        text = _STACK.sub(lambda found: _COMPOSE[found[1]], text)
    return _COMMAND.sub(f"{called} ", text) if called else text
