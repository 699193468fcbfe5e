"""The file of a new home sets what the defaults are, and shows every setting there is."""

import re
import tomllib
from pathlib import Path

from pydantic import BaseModel

from jikimi.config import Settings, load
from jikimi.config.load import flatten
from jikimi.config.model import Profile
from jikimi.config.shipped import shipped_file


def test_the_shipped_file_is_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "jikimi.toml").write_text(shipped_file(), encoding="utf-8")

    assert load(tmp_path, {}).settings == Settings()


def test_the_shipped_file_sets_nothing_but_the_profiles() -> None:
    found = tomllib.loads(shipped_file())

    assert {name for name, value in found.items() if value} == {"profiles"}


def uncommented() -> str:
    return re.sub(r"^# ([a-z_]+ = )", r"\1", shipped_file(), flags=re.MULTILINE)


def test_every_value_that_is_shown_is_the_default_once_its_mark_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / "jikimi.toml").write_text(uncommented(), encoding="utf-8")

    settings = load(tmp_path, {}).settings

    assert settings.model_copy(update={"language": None}) == Settings()


def test_every_setting_is_shown_with_its_explanation_in_two_languages() -> None:
    shown = tomllib.loads(uncommented())
    lines = shipped_file().splitlines()
    for name in flatten(Settings()):
        if not name.startswith("profiles."):
            *tables, last = name.split(".")
            assert last in (shown[tables[0]] if tables else shown)
            place = next(number for number, line in enumerate(lines) if line.startswith(f"# {last} = "))
            assert re.fullmatch(r"# .+ / .+", lines[place - 1])


def described(model: type[BaseModel]) -> list[str]:
    return [f"{name}: {field.description}" for name, field in model.model_fields.items()]


def test_every_setting_of_a_profile_is_explained_once() -> None:
    text = shipped_file()

    for line in described(Profile):
        assert " / " in line
        assert text.count(f"#   {line}\n") == 1


def test_no_setting_is_without_an_explanation() -> None:
    for name, field in Settings.model_fields.items():
        model = getattr(Settings(), name)
        described_fields = type(model).model_fields if isinstance(model, BaseModel) else {name: field}
        if name != "profiles":
            assert all(" / " in str(inner.description) for inner in described_fields.values())
