"""Every sentence that a person reads stands in Korean and in English, with the same facts."""

import ast
import re
from string import Formatter

import pytest

from jikimi.status.reader import _WORDS
from jikimi.text import Text
from tests.docs.pages import ROOT, calls

HANGUL = re.compile(r"[가-힣]+")
# words of the books and of the mend files, which an English sentence may name as they are
QUOTED = {"연습", "계정", "이유", "미매입", "판단", "같음", "다름"}
TEXTS = [
    (f"{path.relative_to(ROOT)}:{call.lineno}", call) for path, call in calls() if ast.unparse(call.func) == "Text"
]


def text_of(call: ast.Call) -> Text:
    """Return the text that the call makes; it must be written out where it stands."""
    values = [ast.literal_eval(argument) for argument in call.args]
    named = {keyword.arg or "": ast.literal_eval(keyword.value) for keyword in call.keywords}
    return Text(*values, **named)


def facts_in(sentence: str) -> set[str]:
    """Return the names of the places for facts."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("call", [call for _, call in TEXTS], ids=[place for place, _ in TEXTS])
def test_a_sentence_is_korean_and_english_with_the_same_facts(call: ast.Call) -> None:
    text = text_of(call)

    assert HANGUL.search(text.ko)
    assert set(HANGUL.findall(text.en)) <= QUOTED
    assert facts_in(text.ko) == facts_in(text.en)
    assert "" not in facts_in(text.ko)


def test_the_sentences_of_the_status_stand_in_both_languages() -> None:
    korean, english = _WORDS["ko"], _WORDS["en"]

    assert korean.keys() == english.keys()
    assert [facts_in(korean[name]) for name in korean] == [facts_in(english[name]) for name in korean]
    assert all(map(HANGUL.search, korean.values()))
    assert not any(map(HANGUL.search, english.values()))
