"""Every problem of a file is told at once, on its line, with what to write instead."""

from datetime import timedelta
from typing import Annotated

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from jikimi.config.explain import BadFile, Problem, check, decode, lines_of, parse_toml
from jikimi.config.model import Settings
from jikimi.text import Lang


def problems(text: str, model: type[BaseModel] = Settings) -> list[str]:
    with pytest.raises(BadFile) as caught:
        check(model, parse_toml(text, "f.toml"), text, "f.toml")
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("timezon = 'UTC'", "f.toml:1: timezon: no such setting; did you mean 'timezone'?"),
        ("qqqqqqqq = 1", "f.toml:1: qqqqqqqq: no such setting; remove it"),
        ("[posting]\nbach = 5", "f.toml:2: posting.bach: no such setting; did you mean 'batch'?"),
        ("posting.bach = 5", "f.toml:1: posting.bach: no such setting; did you mean 'batch'?"),
        (
            "[profiles.card]\nkind = 'card'\nledgr = 'company'",
            "f.toml:3: profiles.card.ledgr: no such setting; did you mean 'ledger'?",
        ),
        ("[profiles.card]\nledger = 'company'", "f.toml:1: profiles.card.kind: missing"),
        (
            "[profiles.card]\nkind = 'cash'",
            "f.toml:2: profiles.card.kind: must be 'card', 'bank' or 'journal' (got 'cash')",
        ),
        ("language = 'fr'", "f.toml:1: language: must be 'ko' or 'en' (got 'fr')"),
        (
            "timezone = 'Seoul'",
            "f.toml:1: timezone: no such time zone; write one such as \"Asia/Seoul\" (got 'Seoul')",
        ),
        (
            "[inbox]\npoll = 5",
            'f.toml:2: inbox.poll: write a number and a unit, such as "90s", "30m", "2h" or "14d" (got 5)',
        ),
        (
            "# one\n\n[posting]\nbatch = 101",
            "f.toml:4: posting.batch: Input should be less than or equal to 100 (got 101)",
        ),
    ],
)
def test_a_problem_is_told_on_its_line_with_its_cure(text: str, problem: str) -> None:
    assert problems(text) == [problem]


def test_a_profile_with_a_name_that_is_no_folder_s_is_told() -> None:
    (problem,) = problems("[profiles.'A b']\nkind = 'card'\n")

    assert problem.startswith("f.toml:1: profiles.A b: ")


def test_a_profile_with_the_name_of_the_folder_of_flows_is_told() -> None:
    text = "[profiles.flows]\nkind = 'card'\n"

    assert problems(text) == [
        "f.toml:1: profiles.flows: a folder of that name is used for flows; choose another name (got 'flows')"
    ]


def test_all_problems_are_told_and_counted_in_both_languages() -> None:
    bad = BadFile([Problem("f.toml", 1, "a", "x"), Problem("f.toml", None, "", "y")])

    assert str(bad) == "2 to mend:\nf.toml:1: a: x\nf.toml: y"
    assert bad.explain(Lang.KO).startswith("2곳을 고쳐야 합니다:\nf.toml:1: a: x\nf.toml: y\n")
    assert bad.exit_code == 64


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    weight: int | None = None


class Outer(BaseModel):
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()
    listed: list[Inner] = Field(default_factory=list)
    odd: Annotated[int, AfterValidator(lambda value: value)] = 1


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[inner]\nweigh = 1", "inner.weigh"),
        ("[[many]]\nweight = 1\n[[many]]\nweigh = 1", "many.1.weigh"),
        ("[[listed]]\nweigh = 1", "listed.0.weigh"),
    ],
)
def test_the_name_that_was_meant_is_looked_for_where_it_stands(text: str, key: str) -> None:
    line = len(text.splitlines())

    assert problems(text, Outer) == [f"f.toml:{line}: {key}: no such setting; did you mean 'weight'?"]


def test_a_value_that_stands_nowhere_in_the_file_is_told_without_a_line() -> None:
    with pytest.raises(BadFile) as caught:
        check(Settings, {"timezone": "x"}, "", "f.toml")

    assert str(caught.value.problems[0]).startswith("f.toml: timezone: ")


@pytest.mark.parametrize(("text", "line"), [("a = 1\nb = \n", 2), ("a = 1\na = 2\n", 2), ("[a\n", 1)])
def test_what_is_no_toml_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(BadFile) as caught:
        parse_toml(text, "f.toml")

    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (line, "")
    assert str(problem).startswith(f"f.toml:{line}: not valid TOML: ")
    assert "(at" not in str(problem)


def test_toml_that_breaks_off_is_told_though_it_has_no_line() -> None:
    with pytest.raises(BadFile) as caught:
        parse_toml('a = """', "f.toml")

    assert str(caught.value.problems[0]).startswith("f.toml: not valid TOML: ")


def test_text_is_read_without_its_byte_order_mark() -> None:
    assert decode(b"\xef\xbb\xbfa", "f") == "a"


@pytest.mark.parametrize(("data", "line"), [(b"\xb0", 1), (b"a\n\xb0", 2), (b"a\nb\n\xb0\n\n", 3)])
def test_what_is_not_utf8_is_told_with_the_first_line_that_is_not(data: bytes, line: int) -> None:
    with pytest.raises(BadFile) as caught:
        decode(data, "f")

    assert caught.value.problems[0].line == line


def test_the_lines_of_keys_and_tables_are_known() -> None:
    text = """\
a = 1
b.c = 2
"d e" = 3
[t]  # a table
x = 1 # [no]
[t.'u']
y = "[z]"
[[r]]
k = 1

[[r]]
k = 2
[r.sub]
m = 1
"""
    assert lines_of(text) == {
        ("a",): 1,
        ("b", "c"): 2,
        ("d e",): 3,
        ("t",): 4,
        ("t", "x"): 5,
        ("t", "u"): 6,
        ("t", "u", "y"): 7,
        ("r", 0): 8,
        ("r", 0, "k"): 9,
        ("r", 1): 11,
        ("r", 1, "k"): 12,
        ("r", "sub"): 13,
        ("r", "sub", "m"): 14,
    }


def test_the_defaults_are_without_fault() -> None:
    assert check(Settings, {}, "", "f.toml").inbox.settle == timedelta(seconds=3)
