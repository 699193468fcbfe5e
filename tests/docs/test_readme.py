"""What the documents tell people to type exists, and both languages tell the same."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from jikimi.cli.main import COMMANDS, jikimi
from jikimi.config.home import FOLDERS, SECRET_FOLDERS
from tests.docs.pages import ROOT

ENGLISH, KOREAN = ROOT / "README.md", ROOT / "README.ko.md"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
SHOWN = re.compile(r"(?:^|`)(?:python3 start\.py|jikimi)(?=[ `\n]|$)([^`\n]*)", re.MULTILINE)
PLACE = re.compile(r"^\| `([\w<>./-]+)/` \|", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?://)([^)#]+)")
FIRST_WORDS = 60
NOT_OURS = {"", "test"}  # start.py itself takes these


def commands_in(path: Path) -> list[str]:
    """Return what follows `python3 start.py` or `jikimi` wherever the page shows one."""
    return [shown.partition("#")[0].strip() for shown in SHOWN.findall(path.read_text(encoding="utf-8"))]


def every_command() -> list[str]:
    """Return each command line of any page once, but for those in capitals: they name a place to fill."""
    found = {command for page in PAGES for command in commands_in(page)} - NOT_OURS
    return sorted(command for command in found if not command.isupper())


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that *words* call, and what follows its name."""
    command: click.Command = jikimi
    context = click.Context(jikimi)
    while words and isinstance(command, click.Group):
        inner = command.get_command(context, words[0])
        assert inner is not None, f"no such command: {words[0]}"
        command, words = inner, words[1:]
    return command, words


def paths_of(command: click.Command, *names: str) -> Iterator[tuple[str, ...]]:
    """Yield the name of *command* and of all below it."""
    yield names
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            inner = command.get_command(click.Context(command), name)
            assert inner is not None
            yield from paths_of(inner, *names, name)


@pytest.mark.parametrize("shown", every_command())
def test_a_command_that_is_shown_can_be_given(shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    command, rest = command_of(shlex.split(shown))

    command.make_context("shown", rest).close()


@pytest.mark.parametrize("path", sorted(paths_of(jikimi)), ids=" ".join)
def test_every_command_answers_a_call_for_help(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(jikimi, [*path, "--help"])

    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_both_readmes_show_the_same_commands_in_the_same_order() -> None:
    assert commands_in(KOREAN) == commands_in(ENGLISH)


@pytest.mark.parametrize("mark", [r"^#+ ", r"^\|(---\|)+$", r"^\| ", r"^\d\. ", r"^- ", r"^```"])
def test_both_readmes_have_the_same_structure(mark: str) -> None:
    counts = {len(re.findall(mark, path.read_text(encoding="utf-8"), re.MULTILINE)) for path in (ENGLISH, KOREAN)}

    assert len(counts) == 1


def test_the_readmes_show_what_most_people_need() -> None:
    named = {command.split(" ")[0] for command in commands_in(ENGLISH)}

    assert set(COMMANDS) - {"serve"} <= named


@pytest.mark.parametrize("path", [ENGLISH, KOREAN], ids=lambda path: path.name)
def test_the_first_command_comes_within_sixty_words(path: Path) -> None:
    opening = path.read_text(encoding="utf-8").partition("```")[0]

    assert len(opening.split()) <= FIRST_WORDS


@pytest.mark.parametrize("path", [ENGLISH, KOREAN], ids=lambda path: path.name)
def test_the_first_two_commands_start_it_and_test_it(path: Path) -> None:
    assert commands_in(path)[:2] == ["", "test"]


@pytest.mark.parametrize("path", [ENGLISH, KOREAN], ids=lambda path: path.name)
def test_every_folder_of_the_home_that_is_named_is_made(path: Path) -> None:
    named = {re.split(r"/(?=<|YYYY)", place)[0] for place in PLACE.findall(path.read_text(encoding="utf-8"))}

    assert named
    assert named <= {*FOLDERS, *SECRET_FOLDERS}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_within_the_project_leads_somewhere(path: Path) -> None:
    for link in LINK.findall(path.read_text(encoding="utf-8")):
        assert (path.parent / link).exists(), link


def test_the_readmes_show_no_compose_command_before_there_is_a_compose_file() -> None:
    shown = [path.name for path in (ENGLISH, KOREAN) if "docker compose up" in path.read_text(encoding="utf-8")]

    assert not shown or (ROOT / "docker-compose.yml").exists()
