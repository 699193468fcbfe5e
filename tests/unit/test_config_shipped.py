"""The file of a new home sets what the defaults are, and shows every setting there is."""

import re
import tomllib
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

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

    profiles = found.pop("profiles")
    assert profiles
    assert not leaves(found)


def leaves(tables: dict[str, Any]) -> list[object]:
    found: list[object] = []
    for value in tables.values():
        found += leaves(value) if isinstance(value, dict) else [value]
    return found


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
            assert last in reduce(lambda table, inner: table[inner], tables, shown)
            place = next(number for number, line in enumerate(lines) if line.startswith(f"# {last} = "))
            assert re.fullmatch(r"# .+ / .+", lines[place - 1])


def described(model: type[BaseModel]) -> list[str]:
    return [f"{name}: {field.description}" for name, field in model.model_fields.items()]


def test_every_setting_of_a_profile_is_explained_once() -> None:
    text = shipped_file()

    for line in described(Profile):
        assert " / " in line
        assert text.count(f"#   {line}\n") == 1


def descriptions(model: BaseModel) -> Iterator[str]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from descriptions(value)
        elif name != "profiles":
            yield str(field.description)


def test_no_setting_is_without_an_explanation() -> None:
    assert all(" / " in text for text in descriptions(Settings()))
