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
        """Return the sentence in *lang* with *facts* in their places; a fact may itself be a text.

        Raises:
            KeyError: the sentence names a fact that was not given.
        """
        told = {name: fact.say(lang) if isinstance(fact, Text) else fact for name, fact in facts.items()}
        return (self.ko if lang is Lang.KO else self.en).format(**told)

    def filled(self, **facts: object) -> "Text":
        """Return the sentence in both languages with *facts* in their places, as a text without any more places."""
        return Text.verbatim(self.say(Lang.KO, **facts), self.say(Lang.EN, **facts))

    @classmethod
    def verbatim(cls, ko: str, en: str) -> "Text":
        """Return a text that says *ko* and *en* as they are, whatever braces they have."""
        return cls(*(said.replace("{", "{{").replace("}", "}}") for said in (ko, en)))
