"""The pages of `docs/` say what the code says."""

import re

import pytest

from tests.docs.pages import PAGES, ROOT, KnownError, errors, events

EVENT = re.compile(r"^\| `([\w.]+)` \| (\w+) \| (.*?) \|", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_the_page_is_what_the_code_makes_of_it(page: str) -> None:
    written = (ROOT / page).read_text(encoding="utf-8")

    assert written == PAGES[page](), "write it anew: python -m tests.docs.pages"


def test_every_logged_event_stands_on_its_page_with_its_facts() -> None:
    page = (ROOT / "docs/events.md").read_text(encoding="utf-8")

    listed = {(name, level, tuple(re.findall(r"`([^`]+)`", facts))) for name, level, facts in EVENT.findall(page)}

    assert listed == {(event.name, event.level, event.facts) for event in events()}


@pytest.mark.parametrize("error", errors(), ids=lambda error: error.name)
def test_an_error_that_says_what_happened_says_what_to_do(error: KnownError) -> None:
    assert error.states_both


def test_no_two_errors_bear_the_same_name() -> None:
    names = [error.name for error in errors()]

    assert sorted(set(names)) == names


def test_every_decision_is_one_short_page_with_its_four_parts() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))

    for page in pages:
        text = page.read_text(encoding="utf-8")
        parts = re.findall(r"^\*\*(.+?)\.\*\*", text, re.MULTILINE)
        assert parts == ["Context", "Choice", "What we gave up", "When to look again"], page.name
        assert len(text.splitlines()) <= 40, page.name
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
