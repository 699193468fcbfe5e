"""The `jikimi.toml` of a new home: every setting with its explanation, commented out, so that it is its default."""

import json
from collections.abc import Iterator

from pydantic import BaseModel

from jikimi.config.model import Profile, Settings

_HEAD = """\
# 지킴이 설정 / Jikimi's settings
# 줄을 지우면 기본값이 됩니다. 확인: jikimi config check
# A line that is missing or commented out has the value shown. To check: jikimi config check
"""


def shipped_file() -> str:
    """Return the file's text: TOML that sets nothing but the profiles."""
    settings = Settings()
    return "\n".join([_HEAD, *_plain(settings), *_tables(settings), *_profiles(settings)]) + "\n"


def _plain(model: BaseModel) -> Iterator[str]:
    for name, field in type(model).model_fields.items():
        value = model.model_dump(mode="json")[name]
        if not isinstance(value, dict):
            yield f"# {field.description}"
            yield f"# {name} = {json.dumps(value if value is not None else 'ko', ensure_ascii=False)}"


def _tables(model: BaseModel, above: str = "") -> Iterator[str]:
    for name in type(model).model_fields:
        table = getattr(model, name)
        if isinstance(table, BaseModel):
            yield from [f"\n[{above}{name}]", *plain] if (plain := list(_plain(table))) else []
            yield from _tables(table, f"{above}{name}.")


def _profiles(settings: Settings) -> Iterator[str]:
    yield "\n# 프로필: inbox/<이름>/ 폴더 하나 / profiles: one folder inbox/<name>/ each"
    for name, field in Profile.model_fields.items():
        yield f"#   {name}: {field.description}"
    for name, profile in settings.profiles.items():
        yield f"\n[profiles.{name}]"
        for key, value in profile.model_dump(mode="json", exclude_defaults=True).items():
            yield f"{key} = {json.dumps(value, ensure_ascii=False)}"
