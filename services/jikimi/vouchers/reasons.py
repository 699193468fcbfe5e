"""Why a line or a file was not posted, as a code with facts and as a sentence for the bookkeeper.

The code is stable and is what logs, metrics and tests compare; the sentence is what people read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jikimi.errors import NotWell
from jikimi.text import Lang, Text

SENTENCES: Mapping[str, Text] = {
    "empty_file": Text("빈 파일입니다", "the file is empty"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One entry of `SENTENCES` with its facts."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def say(self, lang: Lang) -> str:
        """Return the sentence in *lang*."""
        return SENTENCES[self.code].say(lang, **self.facts)


class FileRefused(NotWell):
    """A whole file cannot be read as a statement; `reason` says why."""

    what = Text("파일을 읽을 수 없습니다: {reason}", "the file cannot be read: {reason}")
    remedy = Text(
        "은행이나 카드사에서 CSV 또는 XLSX로 다시 내려받아 넣어 주세요",
        "download it again from the bank or card company as CSV or XLSX, and drop it in again",
    )

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason=reason.say(Lang.EN))

    def explain(self, lang: Lang) -> str:
        """Return two lines: what happened, and the remedy, wholly in *lang*."""
        self.facts = {"reason": self.reason.say(lang)}
        return super().explain(lang)
