"""Which selector a flow would use for each thing on a screen, from the screen's tree: pure."""

import re

_LINE = re.compile(r'^\s*- (?P<role>[a-z]+) "(?P<name>(?:[^"\\]|\\.)*)"')
_FIELDS = ("textbox", "combobox", "checkbox", "radio", "spinbutton", "searchbox", "slider", "switch")
_NO_USE = ("text", "option", "row", "group")  # nobody works with these themselves


def proposals(tree: str) -> list[tuple[str, str]]:
    """Return each line of *tree* with the selector for what it shows, "" where there is none.

    A name that two things share gets none either: a flow that used it would fail.
    """
    found = [(line, _proposal(line)) for line in tree.splitlines() if line.strip()]
    selectors = [selector for _, selector in found]
    return [(line, selector if selectors.count(selector) == 1 else "") for line, selector in found]


def _proposal(line: str) -> str:
    match = _LINE.match(line)
    if match is None or not match["name"] or match["role"] in _NO_USE:
        return ""
    role, name = match["role"], match["name"]
    if role in _FIELDS:
        return f'field("{name}")'
    return f'button("{name}")' if role == "button" else f'role("{role}", "{name}")'
