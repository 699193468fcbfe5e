"""What a command leaves with: never 1, for `docker compose exec` uses that for its own failures."""

from pathlib import Path

import click
import pytest

from jikimi.cli import main


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["config", "check"], 0),
        (["down"], 2),
        (["no-such-command"], 64),
        (["preview", "no-such-file.csv"], 64),
        (["--no-such-option"], 64),
    ],
)
def test_a_command_leaves_with_its_code(arguments: list[str], code: int, tmp_path: Path) -> None:
    assert main.run(["--home", str(tmp_path / "home"), *arguments]) == code


def test_a_fault_of_ours_leaves_with_its_own_code_and_its_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(main, "jikimi", broken)

    assert main.run([]) == 70
    assert "ZeroDivisionError" in capsys.readouterr().err
