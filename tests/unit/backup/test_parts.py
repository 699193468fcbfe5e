"""What a restore exchanges, from the names in a snapshot."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.backup.parts import DATA, NotInSnapshot, newest_not_later, parts_of, stored_names, tops, wanted_tops
from jikimi.backup.snapshot import Outcome, Receipt, local_day

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 24, tzinfo=UTC)
NAMES = ["home/rules/card.toml", "home/erp/company.sqlite", "home/jikimi.toml", "home/logs/a.jsonl", "redis.rdb"]


def test_all_means_all_data_even_where_the_snapshot_has_none() -> None:
    assert tops(NAMES) == ["jikimi.toml", "rules", "erp", "redis"]
    assert set(wanted_tops(NAMES, ())) == {"jikimi.toml", "rules", *DATA}


@pytest.mark.parametrize("name", ["logs", "inbox", "rules/bank.toml", "rules/../keys", "", "home"])
def test_what_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(NotInSnapshot):
        wanted_tops(NAMES, [name])


def test_a_part_within_another_comes_once() -> None:
    assert wanted_tops(NAMES, ["rules/card.toml", "home/rules/", "redis"]) == ["rules", "redis"]


def test_a_database_alone_takes_its_logs_along() -> None:
    parts = parts_of("/home", ["erp/company.sqlite", "rules"], "1")
    assert [(part.live, part.brings) for part in parts] == [
        ("/home/erp/company.sqlite", True),
        ("/home/erp/company.sqlite-wal", False),
        ("/home/erp/company.sqlite-shm", False),
        ("/home/erp/company.sqlite-journal", False),
        ("/home/rules", True),
    ]
    assert {part.old for part in parts if part.name == "home/rules"} == {"/home/rules.before-restore-1"}


def test_the_names_in_the_repository_are_those_of_its_sources() -> None:
    sources = ["home/outputs/results", "home/outputs/evidence", "home/rules"]
    assert stored_names("home/outputs", sources) == sources[:2]
    assert stored_names("home/rules/card.toml", sources) == ["home/rules/card.toml"]
    assert stored_names("home/rule", sources) == []


@given(ages=st.lists(st.tuples(st.integers(-30, 200), st.sampled_from(Outcome)), max_size=12), back=st.integers(0, 8))
def test_the_chosen_one_is_good_and_none_between_it_and_the_day_is(ages: list[tuple[int, Outcome]], back: int) -> None:
    day = date(2026, 11, 24) - timedelta(days=back)
    receipts = [
        Receipt(str(n), at := NOW - timedelta(hours=age), local_day(at, SEOUL), outcome, f"snapshot {n}")
        for n, (age, outcome) in enumerate(ages)
    ]
    found = newest_not_later(receipts, day, SEOUL, NOW)
    fit = [one for one in receipts if one.outcome is Outcome.GOOD and one.day <= day and one.at <= NOW]
    assert (found is None) == (not fit)
    assert found is None or (found in fit and found.at == max(one.at for one in fit))
