# ruff: noqa: INP001 - a script
"""Makes the Grafana board, `monitoring/grafana/dashboards/jikimi.json`: `python -m monitoring.board`.

Every query takes its names from `jikimi.metrics.names`, so the board cannot ask for one that is gone.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from jikimi.metrics import names
from jikimi.status.reader import FRESH_S
from monitoring.panels import (
    BYTES,
    GREEN,
    GREY,
    NUMBER,
    ORANGE,
    RATIO,
    RED,
    SECONDS,
    UNIT_STATES,
    YELLOW,
    Panel,
    bars_panel,
    framed,
    lines_panel,
    of,
    stat_panel,
    timeline_panel,
    variable,
)

BOARD = Path(__file__).parent / "grafana/dashboards/jikimi.json"
SCRAPE_S = 5
STALE_S = FRESH_S + SCRAPE_S  # what `status` calls old, and the scrape that this has waited for
UP = 'up{job="jikimi",instance=~"$instance"}'  # 0 where a scrape fails
_WIDTH, _ROW = 24, 8
_MOST = 20  # lines in one graph; more cannot be told apart
Panels = Iterator[Panel]


def board() -> str:
    """Return the board as JSON, always the same text."""
    parts = (_now, _units, _healing, _vouchers, _queues, _resources, _supervisor, _checks)
    made = {
        "uid": "jikimi",
        "title": "Jikimi 지킴이",
        "tags": ["jikimi"],
        "schemaVersion": 41,  # of Grafana 12.0; a newer one brings it up to its own
        "editable": False,
        "timezone": "browser",
        "time": {"from": "now-3h", "to": "now"},
        "refresh": "10s",
        "graphTooltip": 1,  # one cursor in all graphs
        "annotations": {"list": []},
        "templating": {
            "list": [
                variable("instance", "감독자 · supervisor", names.TICK_AT),
                variable("unit", "유닛 · unit", names.UNIT_STATE),
            ]
        },
        "panels": [panel for part in parts for panel in part()],
    }
    return json.dumps(made, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _now() -> Panels:
    red, seen = of(names.CHECK_STATE, 'state="ng"'), of(names.TICK_AT)
    is_well = f"(sum by (instance) ({red}) == bool 0)"
    is_fresh = f"(time() - max by (instance) ({seen}) < bool {STALE_S:g})"
    well = stat_panel({0: ("이상 · not well", RED), 1: ("정상 · all well", GREEN)}, no_value="알 수 없음 · unknown")
    yield framed(
        well,
        (1, 0, 0, 4, 5),
        "모두 정상 · All well",
        "빨간 점검이 없고 감독자가 방금 둘러보았습니다. / No check is red, and the supervisor has looked just now.",
        NUMBER,
        (f"min({is_well} * {is_fresh}) * min({UP})", "well"),
    )
    yield framed(
        stat_panel({0: ("없음 · none", GREEN), 1: ("보류 중 · held", YELLOW)}),
        (2, 4, 0, 4, 5),
        "보류 · Hold",
        "점검이나 큰 장애 동안 감독자는 아무것도 하지 않습니다. / During maintenance or a wide outage nothing is done.",
        NUMBER,
        (f"max({of(names.HOLD)})", "hold"),
    )
    yield framed(
        bars_panel(),
        (3, 8, 0, 8, 5),
        "상태별 유닛 · Units by state",
        "지금 각 상태에 있는 유닛 수. / How many units are in each state now.",
        NUMBER,
        (f"sum by (state) ({of(names.UNIT_STATE)}) > 0", "{{state}}"),
    )
    yield framed(
        stat_panel(limits={1: YELLOW}),
        (4, 16, 0, 4, 5),
        "기다리는 줄 · Open lines",
        "대기(waiting)와 확인 필요(unknown)인 줄. / Lines that wait, and lines to be looked at.",
        NUMBER,
        (f"sum by (outcome) ({of(names.LINES_OPEN)})", "{{outcome}}"),
    )
    yield framed(
        stat_panel(limits={STALE_S: RED}),
        (5, 20, 0, 4, 5),
        "마지막 둘러보기 · Last look",
        "감독자가 마지막으로 둘러본 뒤로. 오래되면 다른 값도 낡았습니다. / When old, so is all else on this board.",
        SECONDS,
        (f"time() - min({seen})", "age"),
    )


def _units() -> Panels:
    code = f"on (instance, state) group_left () {of(names.UNIT_STATE_CODE)}"
    yield framed(
        timeline_panel(UNIT_STATES),
        (6, 0, 5, _WIDTH, _ROW),
        "유닛 상태 · Unit states",
        "유닛마다 한 줄. / One row a unit; of more than 50, those of the highest codes.",
        NUMBER,
        (f"topk(50, sum by (instance, unit) ({of(names.UNIT_STATE)} * {code}))", "{{unit}}"),
    )
    yield framed(
        lines_panel(limits={1: RED}),
        (7, 0, 13, 12, _ROW),
        "생존 신호 / 한도 · Beat age / limit",
        "100%가 되면 다시 시작합니다. / At 100 % the unit is restarted.",
        RATIO,
        (f"topk({_MOST}, {of(names.UNIT_BEAT_AGE)} / ({of(names.UNIT_BEAT_LIMIT)} > 0))", "{{unit}}"),
    )
    yield framed(
        lines_panel(limits={1: RED}),
        (8, 12, 13, 12, _ROW),
        "진척 / 예산 · Progress age / budget",
        "일하는 유닛만. 100%가 되면 그 작업을 끝냅니다. / Busy units only. At 100 % the job's process is ended.",
        RATIO,
        (f"topk({_MOST}, {of(names.UNIT_PROGRESS_AGE)} / ({of(names.UNIT_PROGRESS_BUDGET)} > 0))", "{{unit}}"),
    )


def _healing() -> Panels:
    restarts = of(names.UNIT_RESTARTS)
    yield framed(
        bars_panel(),
        (9, 0, 21, 8, _ROW),
        "까닭별 재시작 · Restarts by reason",
        "고른 기간 동안, 어림값. / In the range that is shown; an estimate.",
        NUMBER,
        (f"sum by (reason) (increase({restarts}[$__range]))", "{{reason}}"),
    )
    yield framed(
        lines_panel(as_bars=True),
        (10, 8, 21, 8, _ROW),
        "유닛별 재시작 · Restarts by unit",
        "그때마다 다시 시작한 횟수, 어림값. / Restarts as they came; an estimate.",
        NUMBER,
        (f"topk({_MOST}, sum by (unit) (increase({restarts}[$__rate_interval])))", "{{unit}}"),
    )
    yield framed(
        lines_panel(limits={3: ORANGE, 5: RED}),
        (11, 16, 21, 8, _ROW),
        "소용없던 재시작 · Fruitless restarts",
        "10분 안의 수. 3이면 심각, 5를 넘으면 격리. / Within 10 minutes: 3 is critical, more than 5 is quarantine.",
        NUMBER,
        (f"topk({_MOST}, {of(names.UNIT_FRUITLESS)})", "{{unit}}"),
    )


def _vouchers() -> Panels:
    yield framed(
        lines_panel(as_bars=True),
        (12, 0, 29, 12, _ROW),
        "결과별 줄 · Lines by outcome",
        "기표 posted, 이미 있음 already, 거절 rejected. 어림값. / As they came to an end; an estimate.",
        NUMBER,
        (f"sum by (outcome) (increase({of(names.LINES)}[$__rate_interval]))", "{{outcome}}"),
    )
    yield framed(
        lines_panel(),
        (13, 12, 29, 6, _ROW),
        "대기와 확인 필요 · Waiting and unknown",
        "아직 끝나지 않은 줄. / Lines that have not come to an end.",
        NUMBER,
        (f"sum by (outcome) ({of(names.LINES_OPEN)})", "{{outcome}}"),
    )
    yield framed(
        stat_panel(),
        (14, 18, 29, 6, _ROW),
        "취소와 중복 · Cancellations, duplicates",
        "고른 기간의 역분개 전표와 중복 파일, 어림값. / Reversals and repeated files in the range; an estimate.",
        NUMBER,
        (f"sum(increase({of(names.REVERSALS)}[$__range]))", "취소 · cancellations"),
        (f"sum(increase({of(names.DUPLICATE_FILES)}[$__range]))", "중복 파일 · duplicate files"),
    )


def _queues() -> Panels:
    yield framed(
        lines_panel(),
        (15, 0, 37, 12, _ROW),
        "대기열 · Queue depth",
        "기다리는 작업과 일하는 유닛. / Jobs that wait, and units that work.",
        NUMBER,
        (f"sum by (queue) ({of(names.QUEUE_JOBS)})", "{{queue}}"),
        (f"sum({of(names.UNIT_BUSY)})", "일하는 유닛 · busy units"),
    )
    yield framed(
        lines_panel(),
        (16, 12, 37, 12, _ROW),
        "가장 오래된 작업 · Oldest job",
        "가장 오래 기다린 작업의 대기 시간. / How long the oldest job has waited.",
        SECONDS,
        (f"max by (queue) ({of(names.QUEUE_AGE)})", "{{queue}}"),
    )


def _resources() -> Panels:
    yield framed(
        lines_panel(),
        (17, 0, 45, 12, _ROW),
        "메모리 · Memory",
        "유닛과 그 아래 모든 프로세스. / Of each unit and all below it.",
        BYTES,
        (f"topk({_MOST}, {of(names.UNIT_MEMORY)})", "{{unit}}"),
    )
    yield framed(
        lines_panel(),
        (18, 12, 45, 12, _ROW),
        "프로세서 · CPU",
        "코어 하나가 100%. / 100 % is one core.",
        RATIO,
        (f"topk({_MOST}, rate({of(names.UNIT_CPU)}[$__rate_interval]))", "{{unit}}"),
    )


def _supervisor() -> Panels:
    spent, count = (f"rate({of(names.TICKS, suffix=end)}[$__rate_interval])" for end in ("_sum", "_count"))
    yield framed(
        lines_panel(limits={STALE_S: RED}),
        (19, 0, 53, 12, _ROW),
        "감독자 · Supervisor",
        "마지막 둘러보기의 나이와 걸린 시간. / The age of the last look, and how long looks take.",
        SECONDS,
        (f"time() - min by (instance) ({of(names.TICK_AT)})", "나이 · age"),
        (f"{spent} / {count}", "평균 · mean"),
        (of(names.TICK_LAST), "마지막 · last"),
    )
    yield framed(
        lines_panel(),
        (20, 12, 53, 12, _ROW),
        "조회 · Scrapes",
        "조회가 되면 1, 그리고 유닛을 읽지 못한 조회. / 1 while scrapes succeed, and those that were told of no unit.",
        NUMBER,
        (UP, "up"),
        (f"increase({of(names.FAILED_READINGS)}[$__rate_interval])", "읽지 못함 · failed"),
    )


def _checks() -> Panels:
    warn, ng, unknown = (
        f"sum by (check) ({of(names.CHECK_STATE, f'state={state}')})" for state in ('"warn"', '"ng"', '"unknown"')
    )
    shown = {
        0: ("정상 · ok", GREEN),
        1: ("주의 · warn", YELLOW),
        2: ("이상 · ng", RED),
        3: ("알 수 없음 · unknown", ORANGE),
    }
    yield framed(
        timeline_panel(shown),
        (21, 0, 61, 12, _ROW),
        "점검 · Checks",
        "점검마다 한 줄. 까닭과 해결은 status에. / One row a check; the status page says why, and the cure.",
        NUMBER,
        (f"{warn} + 2 * {ng} + 3 * {unknown}", "{{check}}"),
    )
    yield framed(
        timeline_panel({0: ("없음 · none", GREY), 1: ("보류 · held", YELLOW)}),
        (22, 12, 61, 12, _ROW),
        "보류 · Holds",
        "아무것도 하지 않은 때와 그 까닭. / When nothing was done, and why.",
        NUMBER,
        (f"max by (cause) ({of(names.HOLD)})", "{{cause}}"),
    )


if __name__ == "__main__":
    BOARD.write_text(board(), encoding="utf-8")
