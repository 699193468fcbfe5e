"""Why a row or a file was not taken, as a code with facts and as a sentence for a person.

The code is stable and is what logs, metrics and tests compare; the sentence is what people read. Here stand
those of any file; a capability that reads files for its own purpose adds its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jikimi.errors import NotWell
from jikimi.text import Lang, Text

SENTENCES: dict[str, Text] = {
    "empty_file": Text("빈 파일입니다", "the file is empty"),
    "too_large": Text("파일이 {limit} MiB보다 큽니다", "the file is larger than {limit} MiB"),
    "inflates_too_much": Text(
        "압축을 풀면 지나치게 커지는 파일입니다(한도 {limit} MiB)",
        "the file grows far too large when it is unpacked (limit {limit} MiB)",
    ),
    "too_many_cells": Text(
        "표가 지나치게 큽니다(한도 {limit}칸)",
        "the table is far too large (limit {limit} cells)",
    ),
    "undecodable": Text(
        "글자를 읽을 수 없습니다: {offset}번째 바이트가 UTF-8도 CP949도 아닙니다",
        "the text cannot be read: byte {offset} is neither UTF-8 nor CP949",
    ),
    "password_needed": Text(
        "암호가 걸린 파일입니다(암호 필요): 암호 없이 다시 저장해 주세요",
        "the file is protected (password needed): save one without a password",
    ),
    "broken_workbook": Text(
        "엑셀 파일이 손상되었거나 끝까지 내려받아지지 않았습니다",
        "the workbook is damaged or was not downloaded to its end",
    ),
    "broken_csv": Text(
        "{row}행에서 시작하는 따옴표가 제대로 닫히지 않았습니다",
        "the quotes in the row that begins on line {row} do not close properly",
    ),
    "save_as_xlsx": Text(
        "{name} 파일은 읽지 않습니다. 엑셀에서 열어 .xlsx로 저장한 뒤 다시 넣어 주세요",
        "a file of the format {name} is not read; open it in Excel, save it as .xlsx and drop it in again",
    ),
    "unknown_format": Text(
        "읽을 수 있는 표가 든 파일이 아닙니다(CSV, XLSX, XLS, ODS, HTML 표와 은행의 OFX를 읽습니다)",
        "this file holds no table that can be read (CSV, XLSX, XLS, ODS and HTML are, and a bank's OFX)",
    ),
}
"""Every sentence that a reason can say: those of this list, and all that were added."""


def add_sentences(sentences: Mapping[str, Text]) -> None:
    """Let reasons say *sentences* as well; to add the same ones again changes nothing.

    Raises:
        ValueError: a code has another sentence already.
    """
    for code, text in sentences.items():
        if SENTENCES.setdefault(code, text) != text:
            raise ValueError(f"{code}: this reason has another sentence already")


@dataclass(frozen=True, slots=True)
class Reason:
    """One entry of `SENTENCES` with its facts; a fact that is itself a sentence is one text for each language."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def say(self, lang: Lang) -> str:
        """Return the sentence in *lang*."""
        facts = {name: fact[lang.value] if isinstance(fact, Mapping) else fact for name, fact in self.facts.items()}
        return SENTENCES[self.code].say(lang, **facts)


class FileRefused(NotWell):
    """A whole file cannot be read; `reason` says why."""

    what = Text("파일을 읽을 수 없습니다: {reason}", "the file cannot be read: {reason}")
    remedy = Text(
        "CSV 또는 XLSX로 다시 내려받거나 저장해 넣어 주세요",
        "download or save it again as CSV or XLSX, and drop it in again",
    )

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason=reason.say(Lang.EN))

    def explain(self, lang: Lang) -> str:
        """Return two lines: what happened, and the remedy, wholly in *lang*."""
        self.facts = {"reason": self.reason.say(lang)}
        return super().explain(lang)
