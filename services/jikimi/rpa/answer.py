"""The answer to a file of work items: a page that opens by a double click, and the rows to mend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from jikimi.config import Config, Home
from jikimi.inbox import own_page
from jikimi.rpa.evidence import Place
from jikimi.rpa.item import WORDS, Item, State
from jikimi.rpa.reading import Wanted
from jikimi.tables import FileRefused
from jikimi.tables.errors_csv import write_errors
from jikimi.text import Lang
from jikimi.whole_file import replace_text

_PAGES = Environment(loader=PackageLoader("jikimi.rpa"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


@dataclass(frozen=True, slots=True)
class Answered:
    """A row as it was wanted, and the item that it became; None for one that could be none."""

    wanted: Wanted
    item: Item | None

    def reason(self, lang: Lang) -> str:
        """Return why it is not done, "" if it is."""
        if self.wanted.problem is not None:
            return self.wanted.problem.say(lang)
        return self.item.reason if self.item and self.item.state is not State.DONE else ""


def write_answer(
    config: Config, file: tuple[str, str], flow: str, header: Sequence[str], answered: Sequence[Answered]
) -> Path:
    """Write `outputs/results/<file>.html`, and the rows that are not done for a person to mend; return the page.

    *file* is its name and its id; the answers to another file of that name are kept.
    """
    home, lang, (name, own) = config.home, config.lang, file
    to_mend = [(one.wanted.cells, reason) for one in answered if (reason := one.reason(lang))]
    errors = write_errors(home, name, header or _columns(to_mend), to_mend, of=own).name if to_mend else ""
    page = _PAGES.get_template("items.html").render(
        name=name,
        file_id=own,
        flow=flow,
        lang=lang,
        errors=errors,
        refusal="",
        rows=[_shown(home, flow, one, lang) for one in answered],
    )
    path = own_page(home, name, own)
    replace_text(path, page)
    return path


def write_refusal(home: Home, file: tuple[str, str], refusal: FileRefused, lang: Lang) -> Path:
    """Write the page of a file that could not be read at all."""
    name, own = file
    path, said = own_page(home, name, own), refusal.explain(lang)
    page = _PAGES.get_template("items.html").render(
        name=name, file_id=own, flow="", lang=lang, errors="", rows=[], refusal=said
    )
    replace_text(path, page)
    return path


def _columns(rows: Sequence[tuple[Mapping[str, str], str]]) -> list[str]:
    return list(dict.fromkeys(name for cells, _ in rows for name in cells))


def _shown(home: Home, flow: str, one: Answered, lang: Lang) -> dict[str, str]:
    evidence = home / "outputs/evidence"
    place = Place.of(evidence, flow, one.wanted.key)
    state = one.item.state if one.item else State.BUSINESS
    result = ", ".join(f"{name}: {value}" for name, value in one.item.result.items()) if one.item else ""
    shot = place.folder / str(place.attempts()) / "screen.png"
    return {
        "row": str(one.wanted.row),
        "key": one.wanted.key,
        "state": state.value,
        "word": WORDS[state].say(lang),
        "result": result,
        "reason": one.reason(lang),
        "shot": f"../evidence/{shot.relative_to(evidence).as_posix()}" if shot.exists() else "",
    }
