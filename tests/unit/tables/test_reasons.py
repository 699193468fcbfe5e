"""A reason can be said, whoever gave it."""

import pytest

from jikimi.tables import Reason, reasons
from jikimi.tables.reasons import SENTENCES, add_sentences
from jikimi.text import Lang, Text


def test_a_reason_says_the_sentence_of_who_added_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasons, "SENTENCES", dict(SENTENCES))
    sentence = Text("{n}개", "{n} of them")

    add_sentences({"of_a_test": sentence})
    add_sentences({"of_a_test": sentence})

    assert Reason("of_a_test", {"n": 2}).say(Lang.KO) == "2개"
    with pytest.raises(ValueError, match="of_a_test"):
        add_sentences({"of_a_test": Text("다른", "another")})
