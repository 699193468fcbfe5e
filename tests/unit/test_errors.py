"""Every error says in both languages what happened and what to do, and has one of four exit codes."""

import string
from collections.abc import Iterator

import pytest

from jikimi.errors import JikimiError, NotWell, Unknown, WrongUse
from jikimi.text import Lang, Text
from tests.docs.pages import import_everything

HANGUL = range(0xAC00, 0xD7A4)


def family(error: type[JikimiError]) -> Iterator[type[JikimiError]]:
    yield error
    for child in error.__subclasses__():
        yield from family(child)


def everyone() -> list[type[JikimiError]]:
    import_everything()
    ours = {error for error in family(JikimiError) if error.__module__.startswith("jikimi.")}
    return sorted(ours, key=lambda error: error.__qualname__)


ALL = everyone()


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def is_korean(text: str) -> bool:
    return any(ord(character) in HANGUL for character in text)


def test_the_tree_is_known_down_to_its_leaves() -> None:
    assert {"BadFile", "RunsAlready", "QueueAway", "LeaseLost", "Refused"} <= {error.__name__ for error in ALL}


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_an_error_has_one_of_the_four_exit_codes_by_its_branch(error: type[JikimiError]) -> None:
    branch = next((base for base in (WrongUse, NotWell, Unknown) if issubclass(error, base)), JikimiError)

    assert error.exit_code == {WrongUse: 64, NotWell: 2, Unknown: 3, JikimiError: 70}[branch]


@pytest.mark.parametrize("error", ALL, ids=lambda error: error.__name__)
def test_an_error_says_what_happened_and_what_to_do_in_both_languages(error: type[JikimiError]) -> None:
    for text in (error.what, error.remedy):
        assert is_korean(text.ko)
        assert text.en.strip()
        assert not is_korean(text.en)
        assert places(text.ko) == places(text.en)


@pytest.mark.parametrize("error", [error for error in ALL if error not in {JikimiError, WrongUse, NotWell, Unknown}])
def test_an_error_that_is_raised_says_its_own_and_not_our_fault(error: type[JikimiError]) -> None:
    assert error.what is not JikimiError.what
    assert error.remedy is not JikimiError.remedy


class Lost(NotWell):
    what = Text("{thing}을(를) 잃었습니다", "{thing} is lost")
    remedy = Text("{place}을(를) 보세요", "look at {place}")


def test_the_facts_of_the_raise_fill_both_sentences_and_stay_readable() -> None:
    lost = Lost(thing="key", place="logs/")

    assert lost.explain(Lang.EN) == "key is lost\n  fix: look at logs/"
    assert lost.explain(Lang.KO) == "key을(를) 잃었습니다\n  해결: logs/을(를) 보세요"
    assert (str(lost), lost.facts) == ("key is lost", {"thing": "key", "place": "logs/"})


def test_an_error_without_its_facts_is_our_fault_at_once() -> None:
    with pytest.raises(KeyError):
        Lost()
