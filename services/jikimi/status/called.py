"""Name commands the way this person calls them: `jikimi up`, or `python3 start.py up` in a clone.

Standard library only, for the status is read when all else is dead.
"""

import re

_COMMAND = re.compile(r"(?<!exec supervisor )(?<!exec backup )\bjikimi (?=([a-z]+))")
_STACK = re.compile(r"\bjikimi (up|down)(?: --detach)?\b")
_OF_THE_SAFE = frozenset({"backup", "restore"})
_COMPOSE = {"up": "docker compose up -d", "down": "docker compose down"}


def as_called(text: str, called: str) -> str:
    """Return *text* with every command of ours as *called* would run it."""
    if not called:
        return text
    of_the_safe = called
    if called.startswith("docker compose"):  # a container can neither start nor end the stack that it is part of
        text = _STACK.sub(lambda found: _COMPOSE[found[1]], text)
        of_the_safe = "docker compose exec backup jikimi"  # the one container with the repository
    return _COMMAND.sub(lambda found: f"{of_the_safe if found[1] in _OF_THE_SAFE else called} ", text)
