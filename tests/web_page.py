"""A web page as somebody finds things in it who sees only labels and roles."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring


class WebPage:
    """Reads HTML that is well-formed XML as well; anything else is an error."""

    def __init__(self, html: str) -> None:
        self._root: Element = fromstring(html)

    @property
    def language(self) -> str:
        return self._root.get("lang", "")

    @property
    def heading(self) -> str:
        (heading,) = self.texts("h1")
        return heading

    @property
    def links(self) -> dict[str, str]:
        return {text_of(link): link.get("href", "") for link in self._root.iter("a")}

    @property
    def scripts(self) -> str:
        return "\n".join(self.texts("script"))

    def texts(self, tag: str) -> list[str]:
        return [text_of(found) for found in self._root.iter(tag)]

    def role(self, role: str) -> list[str]:
        return [text_of(found) for found in self._root.iter() if found.get("role") == role]

    def field(self, label: str) -> Element:
        """Return the only field that *label* is bound to."""
        (bound,) = [found.get("for") for found in self._root.iter("label") if text_of(found) == label]
        (field,) = [found for found in self._root.iter() if found.get("id") == bound]
        return field

    def form(self, button: str) -> tuple[Element, dict[str, str]]:
        """Return the form that has this button, and what its fields hold now, each name with its value."""
        (form,) = [found for found in self._root.iter("form") if button in map(text_of, found.iter("button"))]
        return form, dict(_values(form))

    def rows(self) -> list[dict[str, str]]:
        """Return the rows of the only table, each by its column names."""
        (table,) = self._root.iter("table")
        names = [text_of(name) for name in table.iter("th")]
        rows = [[text_of(cell) for cell in row.iter("td")] for row in table.iter("tr")]
        return [dict(zip(names, row, strict=True)) for row in rows if row]


def text_of(element: Element) -> str:
    return "".join(element.itertext()).strip()


def _values(form: Element) -> Iterator[tuple[str, str]]:
    for field in form.iter():
        if field.tag == "input":
            yield field.get("name", ""), field.get("value", "")
        if field.tag == "select":
            chosen = [option for option in field if option.get("selected")] or list(field)
            yield field.get("name", ""), chosen[0].get("value", "")
