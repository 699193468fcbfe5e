"""What a restore exchanges in a stack of containers: one step below each mount, and nothing of what lives on."""

from pathlib import Path

import pytest

from jikimi.backup.container_parts import Places, container_parts
from jikimi.backup.parts import NotInSnapshot
from jikimi.backup.switch import Kind, Phase, Plan, as_document, from_document

STAMP = "20261129-232037"
PLACES = Places(Path("/jikimi"), Path("/data/state"), Path("/attachments"), ("company", "practice"))
NAMES = [
    "home/jikimi.toml",
    "home/inbox/card/a.csv",
    "home/rules/card.toml",
    "home/keys/backup/machine",
    "home/state/journal.sqlite",
    "home/state/outbox.sqlite",
    "databases/company.sql",
    "databases/practice.sql",
    "attachments/company/ab/cd",
    "services/erp/pgpass",
    "redis.rdb",
    "home/inbox/databases/evil.sql",
    "also/srv/databases/payroll.sql",
]


def parts(*only: str) -> dict[str, tuple[str, str, str, Kind]]:
    found = container_parts([*NAMES, *NAMES], only, PLACES, STAMP)
    assert len({part.name for part in found}) == len(found)
    return {part.name: (part.live, part.new, part.old, part.kind) for part in found}


def test_a_database_is_exchanged_by_its_name_on_the_server() -> None:
    assert parts()["databases/company.sql"] == (
        "company",
        "company_new",
        "company_before_restore_20261129_232037",
        Kind.DATABASE,
    )


def test_the_worker_s_databases_move_in_their_volume_and_the_supervisor_s_stay() -> None:
    state = {name: places for name, places in parts().items() if name.startswith("home/state")}

    assert state["home/state/journal.sqlite"][:3] == (
        "/data/state/journal.sqlite",
        "/data/state.new/journal.sqlite",
        f"/data/state.before-restore-{STAMP}/journal.sqlite",
    )
    assert not [name for name in state if "outbox" in name]


def test_a_ledger_has_its_attachments_even_if_it_had_none() -> None:
    found = parts()

    assert found["attachments/company"][:2] == ("/attachments/company", "/attachments/company.new")
    assert found["attachments/practice"][2] == f"/attachments/practice.before-restore-{STAMP}"


def test_the_queue_is_a_dump_that_waits() -> None:
    assert parts()["redis.rdb"] == (
        "",
        "/jikimi/redis.new.rdb",
        f"/jikimi/redis.before-restore-{STAMP}.rdb",
        Kind.QUEUE,
    )


def test_keys_stay_where_they_are() -> None:
    assert not [name for name in parts() if "keys" in name or "services" in name]


@pytest.mark.parametrize(
    ("only", "names"),
    [
        ("redis", {"redis.rdb"}),
        ("rules/card.toml", {"home/rules/card.toml"}),
        ("erp", {"databases/company.sql", "databases/practice.sql", "attachments/company", "attachments/practice"}),
    ],
)
def test_a_part_comes_alone(only: str, names: set[str]) -> None:
    assert set(parts(only)) == names


def test_a_file_that_is_only_called_like_a_dump_is_none() -> None:
    databases = {name for name, (*_, kind) in parts().items() if kind is Kind.DATABASE}

    assert databases == {"databases/company.sql", "databases/practice.sql"}


@pytest.mark.parametrize("only", [(), ("erp",), ("erp", "redis")])
def test_without_one_of_the_ledgers_nothing_is_restored(only: tuple[str, ...]) -> None:
    names = [name for name in NAMES if name != "databases/company.sql"]

    with pytest.raises(NotInSnapshot, match=r"databases/company\.sql"):
        container_parts(names, only, PLACES, STAMP)


def test_a_stack_without_an_erp_gets_no_books() -> None:
    places = Places(PLACES.home, PLACES.state, PLACES.attachments)

    assert not [part for part in container_parts(NAMES, (), places, STAMP) if part.kind is Kind.DATABASE]
    with pytest.raises(NotInSnapshot):
        container_parts(NAMES, ("erp",), places, STAMP)


@pytest.mark.parametrize("only", ["rules/none.toml", "keys", "flow"])
def test_what_is_not_there_is_named(only: str) -> None:
    with pytest.raises(NotInSnapshot):
        parts(only)


def test_a_journal_remembers_of_which_kind_a_part_is() -> None:
    plan = Plan("s", STAMP, Phase.BUILDING, container_parts(NAMES, (), PLACES, STAMP))

    assert from_document(as_document(plan)) == plan
