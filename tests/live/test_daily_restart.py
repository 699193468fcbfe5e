"""The timetable's restart of everything, on a real stack with a batch under way."""

import json
from typing import Any

from tests.conftest import Until
from tests.live.stack import LiveStack
from tests.live.test_redis_faults import restarts

LINES = 200
UNITS = ("redis", "erp", "erp-worker", "scheduler", "backup")


def reports(stack: LiveStack) -> list[dict[str, Any]]:
    try:
        text = (stack.root / "outputs/watchdog_log.jsonl").read_text(encoding="utf-8")
    except OSError:
        return []
    lines = map(json.loads, text.splitlines())
    return [line for line in lines if line["step"] in ("restarted", "not done")]


def test_with_a_batch_under_way_nothing_is_lost_and_every_unit_is_seen_to_work(stack: LiveStack, until: Until) -> None:
    before = {name: stack.unit(name)["life"] for name in UNITS}
    stack.drop_lines(LINES)
    until(lambda: sum(stack.posted().values()) > 10, 60.0)

    stack.document("schedule", "run", "restart")
    until(lambda: reports(stack), 300.0)

    (report,) = reports(stack)
    print(f"\ndaily restart with a batch of {LINES} lines: {report['seconds']}, {report['total_s']} s")  # noqa: T201
    assert (report["step"], report["why"]) == ("restarted", "")
    assert set(report["units"]) - {"rpa-worker"} == set(UNITS)  # that one is there where a browser is
    stack.wait_for_file("card.csv")
    assert sorted(stack.posted().values()) == [1] * LINES
    assert all(stack.unit(name)["life"] != life for name, life in before.items())
    assert set(restarts(stack).values()) == {0}
    assert stack.document("incidents")["incidents"] == []
