"""One sentence in Korean and in English, with named places for facts.

Every sentence that a person reads is a `Text`, so that no message exists in one language only.
"""

from dataclasses import dataclass
from enum import StrEnum


class Lang(StrEnum):
    """A language that a person reads."""

    KO = "ko"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence twice; `{name}` marks the place of a fact, as in `str.format`."""

    ko: str
    en: str

    def say(self, lang: Lang, /, **facts: object) -> str:
        """Return the sentence in *lang* with *facts* in their places.

        Raises:
            KeyError: the sentence names a fact that was not given.
        """
        return (self.ko if lang is Lang.KO else self.en).format(**facts)
