"""The tree of errors: what happened, with facts, and what a person can do about it.

    JikimiError                 70  our fault, unless a subclass says otherwise
    ├── WrongUse                64  the command or a file that a person wrote is wrong
    ├── NotWell                  2  the work could not be done as asked
    └── Unknown                  3  we cannot tell

Each capability defines its own errors beside its code, as subclasses of one of these. The command line
prints `explain()` and leaves with `exit_code`; nothing else turns an error into an exit code.
"""

from typing import ClassVar

from jikimi.text import Lang, Text


class JikimiError(Exception):
    """Something a person must hear of.

    A subclass states `what` and `remedy`; the facts given at the raise fill both and stay readable
    by name in `facts`.
    """

    exit_code: ClassVar[int] = 70
    what: ClassVar[Text] = Text("지킴이 내부 오류", "an error inside Jikimi")
    remedy: ClassVar[Text] = Text("로그와 함께 알려 주세요", "please report it together with the log")

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.what.say(Lang.EN, **facts))

    def explain(self, lang: Lang) -> str:
        """Return two lines: what happened, and the remedy."""
        label = "해결" if lang is Lang.KO else "fix"
        return f"{self.what.say(lang, **self.facts)}\n  {label}: {self.remedy.say(lang, **self.facts)}"


class WrongUse(JikimiError):
    """The command, or a file that a person wrote, is wrong."""

    exit_code = 64


class NotWell(JikimiError):
    """The work could not be done as asked."""

    exit_code = 2


class Unknown(JikimiError):
    """We cannot tell how things stand."""

    exit_code = 3
