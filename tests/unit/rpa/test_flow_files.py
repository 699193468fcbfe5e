from pathlib import Path

import pytest

from jikimi.rpa import flow
from jikimi.rpa.errors import FlowBroken, NoSuchFlow
from jikimi.rpa.flow_files import load_flow, load_flows
from jikimi.rpa.proposals import proposals
from jikimi.rpa.secret import HIDDEN, Masks, Secret
from jikimi.rpa.starter import NoMain, starter_file, wrapped_file

GOOD = "from jikimi.rpa import flow\n\n@flow(attempts=2)\ndef {name}(item, ui):\n    '''Does it.'''\n    return {{}}\n"


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_what_was_saved_is_what_is_loaded_next(tmp_path: Path) -> None:
    write(tmp_path, "a.py", GOOD.format(name="first"))
    assert load_flow(tmp_path, "first").attempts == 2

    write(tmp_path, "a.py", GOOD.format(name="second").replace("attempts=2", "attempts=7"))

    assert load_flow(tmp_path, "second").attempts == 7
    with pytest.raises(NoSuchFlow, match="second"):
        load_flow(tmp_path, "first")


@pytest.mark.parametrize(
    ("text", "line"),
    [("x = (\n", 1), ("\n\nimport nothing_of_that_name\n", 3), ("raise SystemExit(1)\n", 1), ("\n1 / 0\n", 2)],
)
def test_a_broken_file_is_told_with_its_line_and_hides_only_its_own_flows(tmp_path: Path, text: str, line: int) -> None:
    write(tmp_path, "good.py", GOOD.format(name="good"))
    write(tmp_path, "bad.py", text)

    assert load_flow(tmp_path, "good").name == "good"
    with pytest.raises(FlowBroken, match=rf"bad\.py:{line}:"):
        load_flow(tmp_path, "bad")


def test_two_flows_of_one_name_are_told_and_the_first_file_s_counts(tmp_path: Path) -> None:
    write(tmp_path, "a.py", GOOD.format(name="same"))
    write(tmp_path, "b.py", GOOD.format(name="same"))

    flows, broken = load_flows(tmp_path)

    assert list(flows) == ["same"]
    assert [path.name for path in broken] == ["b.py"]


def test_files_that_begin_with_a_line_below_are_for_the_flows_themselves(tmp_path: Path) -> None:
    write(tmp_path, "_shared.py", "raise ValueError\n")

    assert load_flows(tmp_path) == ({}, {})
    write(tmp_path, "_words_of_this_test.py", "TIMES = 4\n")
    used = GOOD.format(name="uses").replace("attempts=2", "attempts=TIMES")
    write(tmp_path, "uses.py", f"from _words_of_this_test import TIMES\n{used}")
    assert load_flow(tmp_path, "uses").attempts == 4


def test_a_new_flow_can_be_used_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, "voucher.py", starter_file("voucher"))

    made = load_flow(tmp_path, "voucher")

    assert made.has_probe
    assert made.attempts == 3


def test_a_script_is_wrapped_with_its_main(tmp_path: Path) -> None:
    script = tmp_path / "old script.py"
    script.write_text("def main():\n    return {'rows': 3}\n", encoding="utf-8")
    (tmp_path / "flows").mkdir()
    write(tmp_path / "flows", "old.py", wrapped_file("old", script))

    assert load_flow(tmp_path / "flows", "old").attempts == 1
    (tmp_path / "none.py").write_text("print(1)\n", encoding="utf-8")
    with pytest.raises(NoMain):
        wrapped_file("none", tmp_path / "none.py")


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"stall": "10m"}, {"stall": "0s"}, {"timeout": "soon"}])
def test_limits_that_cannot_be_meant_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"attempts|stall|number"):
        flow(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "written",
    [
        "p@ss w0rd/값",
        "p%40ss%20w0rd%2F%EA%B0%92",
        "p%40ss+w0rd%2F%EA%B0%92",
        "p@ss w0rd/\\uac12",
        "cEBzcyB3MHJkL+qwkg==",
    ],
)
def test_a_secret_is_hidden_in_every_form_in_which_it_is_written(written: str) -> None:
    masks = Masks(["p@ss w0rd/값"])

    assert masks.hide(f"a {written} b") == f"a {HIDDEN} b"


def test_a_secret_prints_as_dots_and_one_of_three_letters_hides_nothing() -> None:
    secret = Secret("bank", "s3cret")

    assert f"{secret}" == HIDDEN
    assert "s3cret" not in repr(secret)
    assert Masks(["abc"]).hide("abc") == "abc"
    assert Masks(["a<b>&c"]).hide("a&lt;b&gt;&amp;c") == HIDDEN


def test_each_thing_on_a_page_is_named_as_a_flow_names_it_but_for_those_that_share_a_name() -> None:
    tree = '- textbox "금액"\n- button "저장"\n- link "명세서":\n- button "같음"\n- button "같음"\n- paragraph: 말\n'

    assert [selector for _, selector in proposals(tree)] == [
        'field("금액")', 'button("저장")', 'role("link", "명세서")', "", "", "",
    ]  # fmt: skip
