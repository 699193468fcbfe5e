"""Ten thousand units in Redis: what a beat costs, what finding the silent ones costs, and how much memory it takes.

python benchmarks/beats.py
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median

sys.path[0] = str(Path(__file__).resolve().parents[1] / "services")  # `queue.py` beside this file would hide another

from jikimi.beats.beat import Beat
from jikimi.broker import connect
from jikimi.clock import SystemClock
from jikimi.config import load
from jikimi.embedded.redis_server import redis_part, redis_url
from jikimi.queue.redis_sink import RedisSink, stale_units
from jikimi.runtime.process import ProcessRuntime

UNITS = 10_000
QUERIES = 500
CLOCK = SystemClock()


def main() -> None:
    """Fill one Redis with units, and print a table."""
    runtime = ProcessRuntime()
    with tempfile.TemporaryDirectory() as folder:
        config = load(Path(folder) / "home", {})
        config.home.make()
        part = redis_part(config.home)
        running = runtime.start(part.spec)
        while not part.ready(running.pid):
            CLOCK.wait(0.05)
        try:
            print("| units | beats/s | bytes a unit | query, none silent, us | query, 5 silent, us |")
            print("|---|---|---|---|---|")
            for units in (10, UNITS):
                print(f"| {units} | {' | '.join(measure(redis_url(config.home), units))} |")
        finally:
            runtime.stop(running, 5)


def measure(url: str, units: int) -> list[str]:
    """Return the figures for so many units."""
    with connect(url, retries=0) as redis:
        redis.flushall()
        before = int(redis.info("memory")["used_memory"])
        sink, beat = RedisSink(redis), Beat(unit="", pid=1, seq=1, at="2026-11-24T00:00:00+00:00", phase="posting")
        began = CLOCK.ticks()
        for number in range(units):
            sink.send(replace(beat, unit=f"unit-{number}"))
        rate = units / (CLOCK.ticks() - began)
        held = int(redis.info("memory")["used_memory"]) - before
        redis.zadd("jk:due", {f"unit-{number}": 4e12 for number in range(units)})
        none = query(redis)
        seconds, _ = redis.time()
        redis.zadd("jk:due", {f"unit-{number}": seconds * 1000 - 1 for number in range(5)})
        return [f"{rate:.0f}", f"{held / units:.0f}", f"{none:.0f}", f"{query(redis):.0f}"]


def query(redis: object) -> float:
    """Return the median of a query in microseconds."""
    spent = []
    for _ in range(QUERIES):
        began = CLOCK.ticks()
        stale_units(redis)  # type: ignore[arg-type] - the client that connect has made
        spent.append(CLOCK.ticks() - began)
    return 1e6 * median(spent)


if __name__ == "__main__":
    main()
