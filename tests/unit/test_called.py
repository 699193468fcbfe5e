"""Commands are named the way this person can run them."""

import pytest

from jikimi.status.reader import as_called

START, COMPOSE = "python3 start.py", "docker compose exec supervisor jikimi"
SAFE, FLOWS = "docker compose exec backup jikimi", "docker compose exec rpa-worker jikimi"


@pytest.mark.parametrize(
    ("text", "called", "said"),
    [
        ("see jikimi status", "", "see jikimi status"),
        ("see jikimi status", START, "see python3 start.py status"),
        ("see `jikimi status`, then jikimi down", START, "see `python3 start.py status`, then python3 start.py down"),
        ("start it first: jikimi up --detach", START, "start it first: python3 start.py up --detach"),
        ("see jikimi status", COMPOSE, "see docker compose exec supervisor jikimi status"),
        ("먼저 켜세요: jikimi up", START, "먼저 켜세요: python3 start.py up"),
    ],
)
def test_each_command_is_named_as_it_is_called_here(text: str, called: str, said: str) -> None:
    assert as_called(text, called) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("to start: jikimi up", "to start: docker compose up -d"),
        ("first: jikimi up --detach", "first: docker compose up -d"),
        ("`jikimi up`으로 켜세요", "`docker compose up -d`으로 켜세요"),
        ("jikimi down, then jikimi up --detach", "docker compose down, then docker compose up -d"),
        ("`jikimi up` or `jikimi resume`", f"`docker compose up -d` or `{COMPOSE} resume`"),
        ("jikimi backup run, then jikimi status", f"{SAFE} backup run, then {COMPOSE} status"),
        ("jikimi restore SNAPSHOT", f"{SAFE} restore SNAPSHOT"),
        ("jikimi flow secret NAME, jikimi inspect", f"{FLOWS} flow secret NAME, {FLOWS} inspect"),
    ],
)
def test_a_container_names_what_starts_and_ends_the_stack_around_it(text: str, said: str) -> None:
    assert as_called(text, COMPOSE) == said


@pytest.mark.parametrize("command", ["update", "upset", "download", "restored", "backups", "flows", "items"])
def test_a_command_that_only_begins_alike_is_an_ordinary_one(command: str) -> None:
    assert as_called(f"`jikimi {command}`", COMPOSE) == f"`{COMPOSE} {command}`"


@pytest.mark.parametrize(
    "text",
    [
        "the folder /jikimi as",
        "the file jikimi.toml",
        "Jikimi keeps",
        "jikimi",
        "jikimi 0.1.0",
        "notjikimi up",
        "jikimi-x a",
    ],
)
@pytest.mark.parametrize("called", [START, COMPOSE])
def test_what_is_no_command_stays_as_it_is(text: str, called: str) -> None:
    assert as_called(text, called) == text


@pytest.mark.parametrize("called", ["", START, COMPOSE])
def test_nothing_is_renamed_twice(called: str) -> None:
    text = as_called(
        "see jikimi status, jikimi flow list, or docker compose exec -T backup jikimi backup list, or "
        "docker compose exec rpa-worker jikimi flow run",
        called,
    )

    assert as_called(text, called) == text
