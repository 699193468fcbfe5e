from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from jikimi.config import Config
from jikimi.rpa.evidence import Place
from jikimi.rpa.item import Item, State
from jikimi.rpa.policy import Next, what_next
from jikimi.rpa.reception import Reception, hand_in
from jikimi.rpa.snapshot import FILE, read_snapshot
from jikimi.rpa.store import ItemStore, NewerItems
from jikimi.rpa.tasks import job_of, submit_due
from jikimi.testing.clock import FakeClock
from jikimi.testing.queue import FakeQueue

CSV = "키,금액\nA-1,12000\nA-2,0\n"


def drop(config: Config, name: str, text: str) -> None:
    folder = config.home / "inbox/flows/voucher"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def end(store: ItemStore, reception: Reception, key: str, state: State, reason: str = "") -> None:
    item = store.get("voucher", key)
    assert item is not None
    item = replace(item, state=state, reason=reason, attempts=1)
    reception.put(item)
    reception.changed(item)


def found(config: Config, folder: str) -> list[str]:
    return sorted(path.name for path in (config.home / folder).rglob("*") if path.is_file())


def test_a_dropped_file_becomes_items_and_is_answered_once_all_are_over(
    config: Config, store: ItemStore, look: Callable[[], Reception]
) -> None:
    drop(config, "orders.csv", CSV)
    reception = look()
    assert [item["key"] for item in read_snapshot(config.home / FILE)["items"]] == ["A-2", "A-1"]

    end(store, reception, "A-1", State.DONE)
    assert found(config, "done") == []
    end(store, reception, "A-2", State.BUSINESS, "금액이 올바르지 않습니다")

    assert found(config, "done") == ["orders.csv"]
    assert found(config, "work") == []
    mended = (config.home / "rejected/orders.errors.csv").read_text(encoding="utf-8-sig")
    assert mended == "키,금액,이유\nA-2,0,금액이 올바르지 않습니다\n"
    page = (config.home / "outputs/results/orders.csv.html").read_text(encoding="utf-8")
    assert "A-1" in page
    assert "금액이 올바르지 않습니다" in page


def test_a_mended_row_is_worked_on_again_and_what_was_done_is_not(
    config: Config, store: ItemStore, look: Callable[[], Reception]
) -> None:
    drop(config, "orders.csv", CSV)
    reception = look()
    end(store, reception, "A-1", State.DONE)
    end(store, reception, "A-2", State.BUSINESS, "no")

    drop(config, "orders.errors.csv", "키,금액,이유\nA-1,12000,\nA-2,500,no\n")
    look()

    done, again = store.get("voucher", "A-1"), store.get("voucher", "A-2")
    assert done is not None
    assert again is not None
    assert (done.state, again.state, again.data["금액"]) == (State.DONE, State.QUEUED, "500")


def test_a_file_all_of_whose_items_are_known_and_over_is_answered_at_once(
    config: Config, store: ItemStore, look: Callable[[], Reception]
) -> None:
    drop(config, "orders.csv", "키,금액\nA-1,1\n")
    end(store, look(), "A-1", State.DONE)

    drop(config, "again.csv", "키,금액\nA-1,1\n")
    look()

    assert found(config, "done") == ["again.csv", "orders.csv"]


def test_an_item_in_doubt_keeps_its_file_until_a_person_has_spoken(
    config: Config, store: ItemStore, look: Callable[[], Reception]
) -> None:
    drop(config, "orders.csv", "키,금액\nA-1,1\n")
    reception = look()
    end(store, reception, "A-1", State.IN_DOUBT)
    look()
    assert found(config, "work") == ["orders.csv"]

    end(store, reception, "A-1", State.DONE)

    assert found(config, "done") == ["orders.csv"]


def test_a_file_that_cannot_be_read_is_put_aside_with_its_reason(config: Config, look: Callable[[], Reception]) -> None:
    drop(config, "orders.csv", "a,a\n1,2\n")

    look()

    assert found(config, "rejected") == ["orders.csv"]
    page = (config.home / "outputs/results/orders.csv.html").read_text(encoding="utf-8")
    assert "column twice" in page or "두 번" in page


def test_what_is_lost_but_for_its_evidence_is_asked_about_before_anything_is_entered(
    config: Config, store: ItemStore, look: Callable[[], Reception]
) -> None:
    drop(config, "orders.csv", CSV)
    (Place.of(config.home / "outputs/evidence", "voucher", "A-1").folder / "2").mkdir(parents=True)

    look()

    begun, fresh = store.get("voucher", "A-1"), store.get("voucher", "A-2")
    assert begun is not None
    assert fresh is not None
    assert (begun.attempts, begun.is_fenced, fresh.attempts) == (2, True, 0)
    assert what_next(begun, 3, 0.0, has_probe=True) is Next.PROBE
    assert what_next(begun, 3, 0.0, has_probe=False) is Next.NOTHING


def test_one_item_is_handed_in_like_a_file(
    config: Config, store: ItemStore, clock: FakeClock, look: Callable[[], Reception]
) -> None:
    hand_in(config.home, "voucher", "A-9", {"금액": "1"}, clock.now())

    look()

    item = store.get("voucher", "A-9")
    assert item is not None
    assert dict(item.data) == {"금액": "1"}


def test_due_items_are_queued_a_few_ahead_each_once_for_each_thing_to_do(store: ItemStore, clock: FakeClock) -> None:
    store.put(*(Item("voucher", f"K-{number}", {}) for number in range(30)))
    queue = FakeQueue()

    now = clock.now().timestamp()

    assert submit_due(store, queue, now) == 10
    assert submit_due(store, queue, now) == 0


def test_an_item_has_another_job_for_its_next_attempt(clock: FakeClock) -> None:
    item = Item("voucher", "한글/키 1", {})

    jobs = {
        job_of(one) for one in (item, replace(item, attempts=1), replace(item, asked=1), replace(item, next_at=5.0))
    }

    assert len(jobs) == 4
    assert all(job.startswith("rpa-voucher-") and job.isascii() for job in jobs)


def test_items_wait_while_the_queue_is_away(store: ItemStore, clock: FakeClock) -> None:
    queue = FakeQueue()
    queue.is_away = True
    store.put(Item("voucher", "K", {}))

    assert submit_due(store, queue, clock.now().timestamp()) == 0


def test_items_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    store = ItemStore(tmp_path / "items.sqlite")
    store._base.execute("PRAGMA user_version=99")
    store.close()

    with pytest.raises(NewerItems):
        ItemStore(tmp_path / "items.sqlite")


def test_what_is_not_due_yet_waits(store: ItemStore, clock: FakeClock) -> None:
    now = clock.now()
    store.put(Item("voucher", "K", {}, next_at=(now + timedelta(seconds=1)).timestamp()))

    assert store.due(now.timestamp(), 5) == []
    assert len(store.due((now + timedelta(seconds=1)).timestamp(), 5)) == 1


def test_after_a_restore_nothing_open_is_taken_for_untried(store: ItemStore) -> None:
    store.put(Item("voucher", "new", {}), Item("voucher", "tried", {}, attempts=2, is_clear=True))
    store.put(Item("voucher", "done", {}, State.DONE, attempts=1))

    assert store.doubt_open() == 2

    for key, attempts in (("new", 1), ("tried", 2)):
        item = store.get("voucher", key)
        assert item is not None
        assert (item.attempts, item.is_fenced) == (attempts, True)
        assert what_next(item, 3, 0.0, has_probe=True) is Next.PROBE
        assert what_next(item, 3, 0.0, has_probe=False) is Next.NOTHING
    done = store.get("voucher", "done")
    assert done is not None
    assert not done.is_fenced
