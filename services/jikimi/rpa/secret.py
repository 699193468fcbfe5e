"""What a flow must know and nobody may read: passwords by name, and their removal from every text."""

import base64
import html
import json
import re
from collections.abc import Iterable
from typing import Any, TextIO
from urllib.parse import quote, quote_plus

HIDDEN = "•••"
_SHORTEST = 4  # to hide less would black out half of every text


class Secret:
    """A value that prints as dots; only who writes it into a field asks for what it is."""

    __slots__ = ("_value", "name")

    def __init__(self, name: str, value: str) -> None:
        self.name, self._value = name, value

    def reveal(self) -> str:
        """Return the value itself."""
        return self._value

    def __str__(self) -> str:
        return HIDDEN

    def __repr__(self) -> str:
        return f"Secret({self.name!r})"


class Masks:
    """Takes secrets out of texts by their value, in each form in which programs write them down."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Hide *secret* from now on; one of less than four characters cannot be told from other text."""
        if len(secret) < _SHORTEST:
            return
        self._forms |= _forms(secret)
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def hide(self, text: str) -> str:
        """Return *text* without any of the secrets."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text


class MaskedStream:
    """A stream that takes secrets out of what is printed to it; a flow may print anything."""

    def __init__(self, stream: TextIO, masks: Masks) -> None:
        self._stream, self._masks = stream, masks

    def write(self, text: str) -> int:
        """Write *text* without secrets."""
        self._stream.write(self._masks.hide(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _forms(secret: str) -> set[str]:
    raw = secret.encode()
    return {
        secret,
        html.escape(secret),
        html.escape(secret, quote=False),
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
    }
