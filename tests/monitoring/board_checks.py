"""Judges a Grafana board without Grafana: by its panels alone, and by asking a Prometheus every one of its queries."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import urllib3

WIDTH = 24
WINDOWS = {"$__rate_interval", "$__range"}
_SELECTOR = re.compile(r"[a-zA-Z_:][\w:]*\{[^{}]*\}")
_METRIC = re.compile(r"\b(?:jikimi|process|python|prometheus)_\w+|\bup\b")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_WINDOW = re.compile(r"\[([^\]]+)\]")
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")
_LABEL_VALUES = re.compile(r"label_values\((.+),\s*(\w+)\)")
_SPECIAL = re.compile(r"[$^*{}\[\]'+?.()|]")
_FIXED = {"editable": False, "refresh": "10s", "timezone": "browser", "time": {"from": "now-3h", "to": "now"}}

Board = dict[str, Any]
Variables = Mapping[str, str]


class Prometheus:
    """Asks a running Prometheus; *scrape_s* is its scrape interval, *range_s* how far back a board looks."""

    def __init__(self, url: str, scrape_s: float, range_s: float) -> None:
        self.scrape_s, self.range_s = scrape_s, range_s
        self._url, self._pool = url, urllib3.PoolManager()

    def get(self, path: str, **fields: str) -> Any:
        """Return the answer's data.

        Raises:
            ValueError: Prometheus refused, with what it said.
        """
        answer = self._pool.request("GET", f"{self._url}/api/v1/{path}", fields=fields)
        document = answer.json()
        if document["status"] != "success":
            raise ValueError(document["error"])
        return document["data"]

    def now(self) -> float:
        """Return Prometheus's own time, in seconds since 1970."""
        _, value = self.get("query", query="time()")["result"]
        return float(value)

    def at_once(self, expression: str) -> list[list[float]]:
        """Return the values of each series at this moment, one each."""
        result = self.get("query", query=expression)["result"]
        return [[float(series["value"][1])] for series in result]

    def over_time(self, expression: str) -> list[list[float]]:
        """Return the values of each series over the range, a scrape apart."""
        now = self.now()
        span = {"start": str(now - self.range_s), "end": str(now), "step": str(self.scrape_s)}
        result = self.get("query_range", query=expression, **span)["result"]
        return [[float(value) for _, value in series["values"]] for series in result]

    def substituted(self, expression: str, variables: Variables) -> str:
        """Return *expression* as Grafana would send it."""
        step_s = self.scrape_s
        own = {
            "__rate_interval": f"{max(4 * self.scrape_s, step_s + self.scrape_s):g}s",
            "__range": f"{self.range_s:g}s",
        }
        return _VARIABLE.sub(lambda found: (own | dict(variables))[found[1]], expression)


def escaped(value: str) -> str:
    """Return *value* as Grafana writes it into a regular expression inside a PromQL string."""
    return _SPECIAL.sub(r"\\\\\g<0>", value.replace("\\", "\\" * 4))


def selectors(expression: str) -> list[str]:
    """Return the selectors in *expression*, without their windows."""
    return _SELECTOR.findall(expression)


def metrics_of(board: Board) -> set[str]:
    """Return the name of every metric that the board asks for."""
    return {selector.partition("{")[0] for _, query in queries(board) for selector in selectors(query["expr"])}


def queries(board: Board) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each query with its panel's title."""
    for panel in board["panels"]:
        for query in panel.get("targets", []):
            yield f"{panel['title']} {query['refId']}", query


def panel_findings(board: Board, source_uid: str) -> list[str]:
    """Return what breaks a rule, without asking anybody."""
    panels = board["panels"]
    found = [f"the board's {key} is not {value}" for key, value in _FIXED.items() if board.get(key) != value]
    found += [f"{key} needs a person to import it" for key in ("__inputs", "__requires", "${DS_") if key in str(board)]
    ids = [panel.get("id") for panel in panels]
    if len(set(ids)) != len(ids) or not all(isinstance(number, int) and number > 0 for number in ids):
        found.append(f"the panels' ids are not unique: {ids}")
    for one, other in combinations(panels, 2):
        if _overlap(one["gridPos"], other["gridPos"]):
            found.append(f"{one['title']} and {other['title']} overlap")
    for panel in panels:
        found += [f"{panel.get('title')}: {what}" for what in _of_panel(panel, source_uid)]
    for where, query in queries(board):
        found += [f"{where}: {what}" for what in _of_query(query, board, source_uid)]
    return found


def _of_panel(panel: Mapping[str, Any], source_uid: str) -> Iterator[str]:
    place, targets = panel["gridPos"], panel.get("targets", [])
    if not re.fullmatch(r".*[가-힣].* · .*[a-zA-Z].*", panel.get("title", "")):
        yield "its title is not 'Korean · English'"
    if not re.fullmatch(r".*[가-힣].* / .*[a-zA-Z].*", panel.get("description", "")):
        yield "its description is not 'Korean / English'"
    if not panel["fieldConfig"]["defaults"].get("unit"):
        yield "it has no unit"
    if place["x"] < 0 or place["x"] + place["w"] > WIDTH or place["w"] < 1 or place["h"] < 1:
        yield "it does not fit the grid"
    if panel.get("datasource", {}).get("uid") != source_uid:
        yield "it asks another data source"
    if not targets or len({query["refId"] for query in targets}) != len(targets):
        yield "it has no query, or two of one name"


def _of_query(query: Mapping[str, Any], board: Board, source_uid: str) -> Iterator[str]:
    expression = query["expr"]
    known = {variable["name"] for variable in board["templating"]["list"]} | {name[1:] for name in WINDOWS}
    bare = _STRING.sub('""', _SELECTOR.sub("", expression))
    if unknown := set(_VARIABLE.findall(expression)) - known:
        yield f"nothing gives a value to {unknown}"
    if naked := _METRIC.findall(bare):
        yield f"{naked} is asked for without labels"
    for selector in selectors(expression):
        if 'job="jikimi"' not in selector or 'instance=~"$instance"' not in selector:
            yield f"{selector} may be of another job or instance"
    for window in _WINDOW.findall(expression):
        if window not in WINDOWS and not re.fullmatch(r"\d+[smhdw]", window):
            yield f"the window {window} depends on the screen"
    if not query.get("legendFormat"):
        yield "its series have no legend"
    if query.get("datasource", {}).get("uid") != source_uid:
        yield "it asks another data source"


def _overlap(one: Mapping[str, int], other: Mapping[str, int]) -> bool:
    return (
        one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    )


def query_findings(board: Board, prometheus: Prometheus) -> list[str]:
    """Return what a person would miss on the board: every query is asked, and so is each selector alone.

    A selector alone, because a sum with `or vector(0)` or a ratio hides a metric that is gone.
    """
    found: list[str] = []
    variables: dict[str, str] = {}
    for variable in board["templating"]["list"]:
        values = _values(variable, prometheus)
        if not values or not variable.get("allValue"):
            found.append(f"${variable['name']} has no value, or none for all")
        variables[variable["name"]] = f"({'|'.join(map(escaped, values))})"
    everything = {variable["name"]: variable.get("allValue", "") for variable in board["templating"]["list"]}
    for where, query in queries(board):
        for chosen in (variables, everything):
            try:
                found += [f"{where}: {what}" for what in _asked(query, chosen, prometheus)]
            except ValueError as refusal:
                found.append(f"{where}: {refusal}")
    return found


def _values(variable: Mapping[str, Any], prometheus: Prometheus) -> list[str]:
    called = _LABEL_VALUES.fullmatch(variable["query"]["query"])
    if called is None:
        return []
    values: list[str] = prometheus.get(f"label/{called[2]}/values", **{"match[]": called[1]})
    return values


def _asked(query: Mapping[str, Any], variables: Variables, prometheus: Prometheus) -> Iterator[str]:
    expression = prometheus.substituted(query["expr"], variables)
    for selector in selectors(expression):
        if not prometheus.at_once(selector):
            yield f"nothing is there for {selector}"
    series = prometheus.at_once(expression) if query.get("instant") else prometheus.over_time(expression)
    if all(math.isnan(value) for values in series for value in values):
        yield f"nothing but holes comes of {expression}"


def changed(board: Board, old: str, new: str) -> Board:
    """Return a copy of *board* in whose queries *old* has become *new*.

    Raises:
        ValueError: no query has *old*.
    """
    copy: Board = json.loads(json.dumps(board))
    hits = [query for _, query in queries(copy) if old in query["expr"]]
    if not hits:
        raise ValueError(f"no query has {old}")
    for query in hits:
        query["expr"] = query["expr"].replace(old, new)
    return copy
