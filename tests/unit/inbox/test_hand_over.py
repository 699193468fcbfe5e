"""A question and a reply find each other by the key, whatever that is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.config import Home
from jikimi.inbox import (
    Reply,
    file_name,
    is_question,
    newest_reply,
    open_questions,
    question_name,
    read_reply,
    replies,
    write_reply,
)

AT = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@given(st.text(min_size=1), st.text(min_size=1))
def test_every_key_has_a_file_name_of_its_own(one: str, other: str) -> None:
    names = {file_name(one), file_name(other)}

    assert len(names) == len({one, other})
    assert all(Path(f"x-{name}").name == f"x-{name}" and len(name) <= 69 for name in names)


@pytest.mark.parametrize("key", ["jk1-abc", "주문.1_a", "a" * 60])
def test_a_key_that_is_a_name_is_its_file_s(key: str) -> None:
    assert file_name(key) == key


@pytest.mark.parametrize(
    ("name", "asks"), [("ask.jk1-a.json", True), ("ask.csv", False), ("orders.json", False), ("task.a.json", False)]
)
def test_a_question_is_told_by_its_name(name: str, asks: bool) -> None:  # noqa: FBT001
    assert is_question(name) is asks


def test_a_question_is_open_in_the_inbox_and_once_it_was_taken(home: Home) -> None:
    for place in (
        "inbox/flows/booking/ask.a.json",
        "work/flows/booking/12ab/ask.b.json",
        "inbox/flows/other/ask.c.json",
    ):
        (home.root / place).parent.mkdir(parents=True)
        (home.root / place).touch()

    assert open_questions(home, "booking") == {question_name("a"), question_name("b")}
    assert open_questions(home, "nothing") == set()


def test_a_reply_is_read_as_it_was_written(home: Home) -> None:
    reply = Reply("a/b", "done", "", {"no": "V1"}, {"amount": "1", "entries": [{"account": "811"}]})

    assert write_reply(home, "booking", reply, AT)

    assert read_reply(home, "booking", "a/b") == reply
    assert list(replies(home, "booking")) == [reply]
    assert read_reply(home, "booking", "a") is None
    assert read_reply(home, "other", "a/b") is None


def test_the_same_reply_is_written_once_and_another_replaces_it(home: Home) -> None:
    write_reply(home, "booking", Reply("a", "failed", "why"), AT)
    assert newest_reply(home, "booking") > 0

    assert not write_reply(home, "booking", Reply("a", "failed", "why"), AT.replace(year=2027))
    assert write_reply(home, "booking", Reply("a", "done"), AT)

    assert [reply.state for reply in replies(home, "booking")] == ["done"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"v": 1, "key": "a"}'])
def test_what_is_no_reply_is_as_good_as_none_and_is_written_anew(home: Home, text: str) -> None:
    file = home.root / "outputs/items/booking/a.json"
    file.parent.mkdir(parents=True)
    file.write_text(text)

    assert read_reply(home, "booking", "a") is None
    assert list(replies(home, "booking")) == []
    assert write_reply(home, "booking", Reply("a", "done"), AT)


def test_before_the_first_reply_there_is_none(home: Home) -> None:
    assert newest_reply(home, "booking") == 0
    assert list(replies(home, "booking")) == []
