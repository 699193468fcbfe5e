# ruff: noqa: INP001 - beside a script
"""The kinds of panel that the board is made of, and the selectors in their queries, as Grafana's own JSON.

Plain values, because the library that makes boards in Python calls this form outdated, while Grafana reads no newer
one from a file. What it makes of the same panels is what stands here.
"""

from collections.abc import Mapping
from typing import Any

from jikimi.metrics.names import STATE_CODES, Name

SOURCE = {"type": "prometheus", "uid": "jikimi-prometheus"}
GREEN, YELLOW, ORANGE, RED, BLUE, GREY = "green", "yellow", "orange", "red", "blue", "#8e8e8e"
# The units of Grafana that are used here.
NUMBER, SECONDS, BYTES, RATIO = "short", "s", "bytes", "percentunit"
_OF_ONE_MOMENT = ("stat", "bargauge")

Panel = dict[str, Any]
Words = Mapping[int, tuple[str, str]]  # what is shown for a value, and its colour
Limits = Mapping[float, str]  # from which value on which colour
Query = tuple[str, str]  # the expression, and the legend

UNIT_STATES: Words = {
    STATE_CODES["starting"]: ("시작 중 · starting", BLUE),
    STATE_CODES["healthy"]: ("정상 · healthy", GREEN),
    STATE_CODES["suspect"]: ("의심 · suspect", YELLOW),
    STATE_CODES["stale"]: ("멈춤 · stale", ORANGE),
    STATE_CODES["recovering"]: ("복구 중 · recovering", BLUE),
    STATE_CODES["draining"]: ("마무리 중 · draining", BLUE),
    STATE_CODES["held"]: ("보류 · held", YELLOW),
    STATE_CODES["paused"]: ("일시 정지 · paused", GREY),
    STATE_CODES["quarantined"]: ("격리 · quarantined", RED),
    STATE_CODES["stopped"]: ("정지 · stopped", GREY),
    STATE_CODES["unknown"]: ("알 수 없음 · unknown", ORANGE),
}


def framed(
    panel: Panel, place: tuple[int, int, int, int, int], title: str, description: str, unit: str, *queries: Query
) -> Panel:
    """Return *panel* with all that every panel has, and its queries.

    Args:
        place: its number, which must never change, then x, y, width and height in a grid that is 24 wide.
        description: in Korean, then in English.
        queries: at most three; a panel that shows one moment asks for that moment alone.
    """
    number, x, y, width, height = place
    is_of_now = panel["type"] in _OF_ONE_MOMENT
    panel["fieldConfig"]["defaults"]["unit"] = unit
    return panel | {
        "id": number,
        "title": title,
        "description": description,
        "datasource": SOURCE,
        "gridPos": {"x": x, "y": y, "w": width, "h": height},
        "targets": [
            {
                "refId": letter,
                "datasource": SOURCE,
                "expr": expression,
                "legendFormat": legend,
                "instant": is_of_now,
                "range": not is_of_now,
            }
            for letter, (expression, legend) in zip("ABC", queries, strict=False)
        ],
    }


def of(name: Name, *matchers: str, suffix: str = "") -> str:
    """Return the selector of *name*'s series, of the chosen units alone where it has any."""
    chosen = ['job="jikimi"', 'instance=~"$instance"', *(['unit=~"$unit"'] if "unit" in name.labels else []), *matchers]
    return f"{name.name}{suffix}{{{','.join(chosen)}}}"


def variable(name: str, label: str, source: Name) -> dict[str, Any]:
    """Return the choice among the values that the label *name* has on the series of *source*; at first, all."""
    values = f'label_values({source.name}{{job="jikimi"}},{name})'
    return {
        "type": "query",
        "name": name,
        "label": label,
        "datasource": SOURCE,
        "definition": values,
        "query": {"qryType": 1, "query": values, "refId": name},
        "refresh": 2,  # when the time range changes
        "sort": 1,  # by the alphabet
        "multi": True,
        "includeAll": True,
        "allValue": ".+",  # else Grafana would write out every name
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
    }


def stat_panel(words: Words | None = None, limits: Limits | None = None, *, no_value: str = "") -> Panel:
    """Return a panel of large figures, or of *words* in their place; *no_value* is said when there is none."""
    shown = {
        "colorMode": "background",
        "graphMode": "none",
        "justifyMode": "auto",
        "orientation": "auto",
        "percentChangeColorMode": "standard",
        "reduceOptions": {"calcs": ["lastNotNull"]},
        "showPercentChange": False,
        "textMode": "auto",
        "wideLayout": True,
    }
    defaults = {"mappings": _mappings(words or {}), "thresholds": _thresholds(limits or {})}
    return _panel("stat", shown, defaults | ({"noValue": no_value} if no_value else {}))


def bars_panel() -> Panel:
    """Return a panel of one bar a series."""
    shown = {
        "displayMode": "gradient",
        "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": False},
        "maxVizHeight": 300,
        "minVizHeight": 16,
        "minVizWidth": 8,
        "namePlacement": "auto",
        "orientation": "horizontal",
        "reduceOptions": {"calcs": ["lastNotNull"]},
        "showUnfilled": True,
        "sizing": "auto",
        "valueMode": "color",
    }
    return _panel("bargauge", shown, {"min": 0, "thresholds": _thresholds({})})


def lines_panel(limits: Limits | None = None, *, as_bars: bool = False) -> Panel:
    """Return a panel of values over time, none below 0, with a dashed line at each of *limits* in its colour."""
    shown = {
        "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    drawn = {
        "drawStyle": "bars" if as_bars else "line",
        "fillOpacity": 80 if as_bars else 0,
        "thresholdsStyle": {"mode": "dashed" if limits else "off"},
    }
    return _panel("timeseries", shown, {"custom": drawn, "min": 0, "thresholds": _thresholds(limits or {})})


def timeline_panel(words: Words) -> Panel:
    """Return a panel of one row a series, in the colours of its *words*."""
    shown = {
        "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": False},
        "tooltip": {"mode": "single", "sort": "asc"},
        "alignValue": "left",
        "mergeValues": True,
        "perPage": 20,
        "rowHeight": 0.9,
        "showValue": "auto",
    }
    return _panel(
        "state-timeline", shown, {"custom": {"fillOpacity": 70, "lineWidth": 0}, "mappings": _mappings(words)}
    )


def _panel(kind: str, shown: dict[str, Any], defaults: dict[str, Any]) -> Panel:
    return {"type": kind, "options": shown, "fieldConfig": {"defaults": defaults, "overrides": []}}


def _thresholds(limits: Limits) -> dict[str, Any]:
    # Said even when there is none: Grafana's own default turns red at 80.
    steps = [{"color": GREEN, "value": None}, *({"color": colour, "value": value} for value, colour in limits.items())]
    return {"mode": "absolute", "steps": steps}


def _mappings(words: Words) -> list[dict[str, Any]]:
    shown = {
        str(value): {"color": colour, "index": index, "text": text}
        for index, (value, (text, colour)) in enumerate(words.items())
    }
    return [{"type": "value", "options": shown}] if shown else []
