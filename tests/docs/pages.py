"""The pages of `docs/` that are made from the code. To write them anew: `python -m tests.docs.pages`."""

import ast
import json
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from pydantic import BaseModel

import jikimi
from jikimi.config.foreign import ForeignUnit
from jikimi.config.load import VARIABLES
from jikimi.config.model import Profile, Settings
from jikimi.config.schedule import OwnSchedule
from jikimi.errors import JikimiError
from jikimi.metrics.names import page as metrics_page
from jikimi.tables.reasons import SENTENCES
from jikimi.text import Text

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "services/jikimi"
_MADE = "<!-- made by `python -m tests.docs.pages`; change the code, not this page -->"
_OWN_SCHEDULE = ("[schedule.fresh-friday]", 'unit = "erp"', 'at = "07:30"', 'days = ["fri"]')
_LEVELS = ("debug", "info", "warning", "error", "exception", "critical")


@dataclass(frozen=True, slots=True)
class Event:
    """One structured log event; *facts* has the names that the call itself gives."""

    name: str
    level: str
    facts: tuple[str, ...]


def config_page() -> str:
    """Return the page of every setting, from the model."""
    settings = Settings()
    lines = [
        "# 설정 · Settings",
        _MADE,
        "",
        "`jikimi.toml`은 홈 폴더에 있습니다. 없는 줄은 기본값입니다.",
        "지금 값과 그 출처는 `jikimi config show`, 검사는 `jikimi config check`.",
        "검사는 규칙의 계정이 있는지 ERP에도 물어봅니다. ERP가 답하지 않으면 계정은 확인하지 못했다고 하고,",
        "종료 코드는 파일만 보고 정합니다(문제없으면 0, 있으면 64).",
        "",
        "`jikimi.toml` lies in the home folder. A line that is missing has its default.",
        "`jikimi config show` prints each value and where it comes from, `jikimi config check` looks for mistakes,",
        "and asks the ERP whether the accounts of the rules exist. If it does not answer, the check says that",
        "accounts are unknown; its exit code is that of the files alone (0 well, 64 if something is to be mended).",
        "A span is a number and a unit: `500ms`, `90s`, `30m`, `2h`, `14d`.",
        "",
        *_head("setting", "default", "설명", "explanation", "environment"),
        *_setting_rows(settings, ""),
        "",
        "## 프로필 · Profiles",
        "",
        "프로필마다 `[profiles.이름]` 표 하나와 `inbox/이름/` 폴더 하나가 있습니다.",
        "",
        "A profile is one table `[profiles.name]` and one folder `inbox/name/`.",
        "",
        *_head("setting", "default", "설명", "explanation"),
        *_profile_rows(),
        "",
        "처음 있는 프로필 · As shipped:",
        "",
        "```toml",
        *_shipped_profiles(settings),
        "```",
        "",
        "## 스스로 정한 일정 · Schedules of your own",
        "",
        "일정마다 `[schedule.이름]` 표 하나입니다. 보기: 금요일 7시 반마다 `erp`를 다시 시작합니다.",
        "",
        "A schedule is one table `[schedule.name]`. An example: `erp` is restarted at half past seven on Fridays.",
        "",
        "```toml",
        *_OWN_SCHEDULE,
        "```",
        "",
        *_head("setting", "default", "설명", "explanation"),
        *_schedule_rows(),
        "",
        "## 다른 프로그램 · Programs of others",
        "",
        "프로그램마다 `[units.이름]` 표 하나입니다. `jikimi adopt SCRIPT`가 적어 줍니다.",
        "사용법은 [adopt.ko.md](adopt.ko.md)에 있습니다.",
        "생존 신호(`heartbeat` `log` `tcp` `http` `probe`)는 꼭 하나입니다.",
        "",
        "A program is one table `[units.name]`. `jikimi adopt SCRIPT` writes it; [adopt.md](adopt.md) shows how.",
        "Exactly one sign of life is given: `heartbeat`, `log`, `tcp`, `http` or `probe`.",
        "",
        *_head("setting", "default", "설명", "explanation"),
        *_unit_rows(),
        "",
        "## 환경 변수 · Environment",
        "",
        "`JIKIMI_HOME`은 홈 폴더입니다(기본 `./home`). 나머지는 위 표에 있고, 다른 `JIKIMI_*`는 오류입니다.",
        "",
        "`JIKIMI_HOME` names the home folder (else `./home`); the others stand in the table above, and any other",
        "`JIKIMI_*` is an error.",
    ]
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    """Return the page of every error, from the tree."""
    lines = [
        "# 오류 · Errors",
        _MADE,
        "",
        "종료 코드 · exit codes: 0 well, 2 not well, 3 unknown, 64 wrong use, 70 our fault.",
        "",
        *_head("error", "code", "무슨 일 · 해결", "what · fix"),
    ]
    for error in errors():
        korean = f"{_cell(error.what.ko)}<br>→ {_cell(error.remedy.ko)}"
        english = f"{_cell(error.what.en)}<br>→ {_cell(error.remedy.en)}"
        lines.append(f"| `{error.name}` | {error.code} | {korean} | {english} |")
    return "\n".join(lines) + "\n"


def reasons_page() -> str:
    """Return the page of every reason for which a line or a file is not posted."""
    import_everything()  # each capability adds its own
    lines = [
        "# 이유 · Reasons",
        _MADE,
        "",
        "줄이나 파일이 기표되지 않은 이유입니다. 코드는 바뀌지 않으며 로그와 `--json`에 나옵니다.",
        "",
        "Why a line or a file was not posted. The code is stable; logs and `--json` have it.",
        "",
        *_head("code", "한국어", "English"),
        *(f"| `{code}` | {_cell(text.ko)} | {_cell(text.en)} |" for code, text in sorted(SENTENCES.items())),
    ]
    return "\n".join(lines) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "docs/config.md": config_page,
    "docs/errors.md": errors_page,
    "docs/metrics.md": metrics_page,
    "docs/reasons.md": reasons_page,
}


@dataclass(frozen=True, slots=True)
class KnownError:
    """One class of the tree, as the page shows it."""

    name: str
    code: int
    what: Text
    remedy: Text
    states_both: bool


def errors() -> list[KnownError]:
    """Return every error that says something of its own, by name."""
    import_everything()
    tree: list[type[JikimiError]] = [JikimiError, *_below(JikimiError)]
    found = [error for error in tree if error.__module__.startswith("jikimi.")]
    speaking = [error for error in found if "what" in vars(error) or "remedy" in vars(error)]
    return sorted((_known(error) for error in speaking), key=lambda error: error.name)


def import_everything() -> None:
    """Import every module of the package, so that every subclass is known.

    What works a desktop needs `gi` of the system, and has no error of its own.
    """
    for module in pkgutil.walk_packages(jikimi.__path__, "jikimi."):
        try:
            import_module(module.name)
        except ModuleNotFoundError as error:
            if error.name != "gi":
                raise


def calls() -> Iterator[tuple[Path, ast.Call]]:
    """Yield every call in the package's code, with its file."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield path, node


def events() -> set[Event]:
    """Return every event that the code logs: a call such as `log.info("unit.started", unit=…)`."""
    return {event for _, call in calls() if (event := _event(call))}


def _event(call: ast.Call) -> Event | None:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _LEVELS or not call.args:
        return None
    first = call.args[0]
    if not ast.unparse(call.func.value).endswith("log") or not isinstance(first, ast.Constant):
        return None
    return Event(str(first.value), call.func.attr, tuple(keyword.arg or "…" for keyword in call.keywords))


def _below(error: type[JikimiError]) -> Iterator[type[JikimiError]]:
    for child in error.__subclasses__():
        yield child
        yield from _below(child)


def _known(error: type[JikimiError]) -> KnownError:
    own = vars(error)
    both = "what" in own and "remedy" in own
    return KnownError(error.__name__, error.exit_code, error.what, error.remedy, both)


def _setting_rows(model: BaseModel, prefix: str) -> Iterator[str]:
    variables = {".".join(path): name for name, path in VARIABLES.items() if path}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _setting_rows(value, f"{prefix}{name}.")
        elif not isinstance(value, dict):
            key = f"{prefix}{name}"
            variable = f"`{variables[key]}`" if key in variables else ""
            yield f"| `{key}` | {_shown(model, name)} | {_both(key, field.description)} | {variable} |"


def _profile_rows() -> Iterator[str]:
    profile = Settings().profiles["card"]
    for name, field in Profile.model_fields.items():
        default = "—" if field.is_required() else _shown(profile, name)
        yield f"| `profiles.<name>.{name}` | {default} | {_both(name, field.description)} |"


def _unit_rows() -> Iterator[str]:
    unit = ForeignUnit(command=("program",), probe=True)
    for name, field in ForeignUnit.model_fields.items():
        default = "—" if field.is_required() else "`false`" if name == "probe" else _shown(unit, name)
        yield f"| `units.<name>.{name}` | {default} | {_both(name, field.description)} |"


def _schedule_rows() -> Iterator[str]:
    own = OwnSchedule(flow="close", at="07:30")
    for name, field in OwnSchedule.model_fields.items():
        default = "—" if field.default is None else _shown(own, name)
        yield f"| `schedule.<name>.{name}` | {default} | {_both(name, field.description)} |"


def _shipped_profiles(settings: Settings) -> Iterator[str]:
    for name, profile in settings.profiles.items():
        yield f"[profiles.{name}]"
        for key, value in profile.model_dump(mode="json", exclude_defaults=True).items():
            yield f"{key} = {json.dumps(value, ensure_ascii=False)}"


def _shown(model: BaseModel, name: str) -> str:
    value = model.model_dump(mode="json")[name]
    return "—" if value is None else f"`{json.dumps(value, ensure_ascii=False)}`"


def _both(name: str, description: str | None) -> str:
    korean, slash, english = (description or "").partition(" / ")
    if not slash:
        raise ValueError(f"{name}: its description must be 'Korean / English'")
    return f"{_cell(korean)} | {_cell(english)}"


def _head(*names: str) -> list[str]:
    return [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]


def _cell(text: str) -> str:
    """Return *text* fit for one cell of a table: what looks like a tag is shown, not taken for one."""
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("\n", "<br>")):
        text = text.replace(sign, written)
    return text


if __name__ == "__main__":
    for page, render in PAGES.items():
        (ROOT / page).write_text(render(), encoding="utf-8")
