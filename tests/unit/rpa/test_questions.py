"""What is asked by file is replied to by file, before the question goes."""

from collections.abc import Callable

import pytest

from jikimi.config import Config
from jikimi.inbox import Reply, drop_item, newest_reply, open_questions, question_name, read_reply
from jikimi.rpa.item import State
from jikimi.rpa.policy import Next, what_next
from jikimi.rpa.reception import Reception
from jikimi.rpa.store import ItemStore
from tests.unit.rpa.test_reception import drop, end, found


def ask(config: Config, key: str, data: dict[str, str]) -> None:
    drop_item(config.home, "voucher", question_name(key), key, data)


def reply_about(config: Config, key: str) -> Reply | None:
    return read_reply(config.home, "voucher", key)


@pytest.mark.parametrize("state", [State.DONE, State.BUSINESS, State.FAILED])
def test_a_question_is_replied_to_before_it_goes_and_gets_no_page(
    config: Config, store: ItemStore, look: Callable[[], Reception], state: State
) -> None:
    ask(config, "A/1", {"금액": "1"})
    reception = look()
    assert open_questions(config.home, "voucher") == {question_name("A/1")}
    assert reply_about(config, "A/1") is None

    end(store, reception, "A/1", state, "why")

    assert reply_about(config, "A/1") == Reply("A/1", state.value, "why", {}, {"금액": "1"})
    assert open_questions(config.home, "voucher") == set()
    assert found(config, "done") == [question_name("A/1")]
    assert next((config.home / "done").rglob("ask.*")).parent.name == "voucher"  # not between a person's files
    assert [found(config, folder) for folder in ("work", "rejected", "outputs/results")] == [[], [], []]


def test_a_question_is_asked_of_the_probe_first_and_a_file_of_a_person_s_is_not(
    config: Config, store: ItemStore, look: Callable[[], Reception]
) -> None:
    ask(config, "A-1", {})
    drop(config, "orders.csv", "키,금액\nA-2,1\n")

    look()

    items = [store.get("voucher", key) for key in ("A-1", "A-2")]
    assert [what_next(item, 3, 0.0, has_probe=True) for item in items if item] == [Next.PROBE, Next.RUN]


def test_an_attempt_that_is_tried_again_is_no_reply(
    config: Config, store: ItemStore, look: Callable[[], Reception]
) -> None:
    ask(config, "A-1", {})

    end(store, look(), "A-1", State.QUEUED, "it was slow")

    assert reply_about(config, "A-1") is None


def test_what_is_in_doubt_is_replied_and_keeps_its_question(
    config: Config, store: ItemStore, look: Callable[[], Reception]
) -> None:
    ask(config, "A-1", {"금액": "1"})
    end(store, look(), "A-1", State.IN_DOUBT)

    reply = reply_about(config, "A-1")

    assert reply is not None
    assert reply.state == "in_doubt"
    assert open_questions(config.home, "voucher") == {question_name("A-1")}


def test_a_question_about_what_is_known_is_replied_to_at_once(
    config: Config, store: ItemStore, look: Callable[[], Reception]
) -> None:
    drop(config, "orders.csv", "키,금액\nA-1,1\n")
    end(store, look(), "A-1", State.DONE)
    assert reply_about(config, "A-1") is None  # it was a person who had asked

    ask(config, "A-1", {"금액": "2"})
    look()

    reply = reply_about(config, "A-1")
    assert reply is not None
    assert (reply.state, reply.data["금액"]) == ("done", "1")


def test_what_was_replied_once_is_not_written_again(
    config: Config, store: ItemStore, look: Callable[[], Reception]
) -> None:
    ask(config, "A-1", {"금액": "1"})
    end(store, look(), "A-1", State.DONE)
    first = newest_reply(config.home, "voucher")

    ask(config, "A-1", {"금액": "1"})
    look()

    assert found(config, "inbox") == []
    assert newest_reply(config.home, "voucher") == first > 0


def test_a_worker_takes_a_few_files_at_a_time_so_that_it_can_say_that_it_lives(
    config: Config, store: ItemStore, look: Callable[[], Reception]
) -> None:
    for number in range(25):
        ask(config, f"A-{number}", {})

    look()
    first = store.counts()["queued"]
    look()

    assert (first, store.counts()["queued"]) == (20, 25)
