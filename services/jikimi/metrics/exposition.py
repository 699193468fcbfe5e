"""What Prometheus reads: the series of a reading, and the server that gives them out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock, Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import (
    CollectorRegistry,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
    start_http_server,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from jikimi.metrics import names
from jikimi.metrics.names import NAMES, STATE_CODES, Kind, Name
from jikimi.metrics.reading import (
    CANCELLATIONS,
    CHECK_STATES,
    DUPLICATES,
    ENDED,
    HOLDS,
    OPEN,
    REASONS,
    STATES,
    Reading,
    TickReading,
    UnitReading,
)

Series = Iterator[tuple[Name, tuple[str, ...], float]]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; *port* is where it listens."""

    port: int
    _server: WSGIServer
    _thread: Thread

    def close(self) -> None:
        """Take no connections any more, and free the port."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Exposition:
    """Shows what *read* returns at each scrape, and the process that it runs in.

    Args:
        read: returns the newest reading at once; it is called in a thread of each scrape, so it must not wait for the
            loop that looks at the units. If it raises, the scrape shows the last look's time and no unit at all.
    """

    def __init__(self, read: Callable[[], Reading]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Readings(read))
        ProcessCollector(registry=self._registry)  # shows nothing where there is no /proc
        PlatformCollector(registry=self._registry)

    def text(self) -> bytes:
        """Return what a scrape reads, in Prometheus's text format, UTF-8."""
        return generate_latest(self._registry)

    def serve(self, host: str, port: int) -> Server:
        """Give it out at `http://host:port/metrics`, in threads that end with the process; port 0 takes a free one.

        Raises:
            OSError: the port is taken, or *host* is no address of this machine.
        """
        server, thread = start_http_server(port, host, self._registry)
        return Server(server.server_port, server, thread)


class _Readings(Collector):
    """Makes the families anew at each scrape, so that nothing outlives the reading it came from."""

    def __init__(self, read: Callable[[], Reading]) -> None:
        self._read = read
        self._lock = Lock()  # two scrapes may come at once
        self._failures = 0
        self._tick: TickReading | None = None

    def describe(self) -> list[Metric]:
        """Return the families without series, so that the registry need not ask for a reading."""
        return [*_families().values(), _summary()]

    def collect(self) -> list[Metric]:
        """Return every family with its series, those without any as well."""
        families, summary = _families(), _summary()
        for name, labels, value in self._series():
            families[name].add_metric(labels, value)
        with self._lock:
            failures, tick = self._failures, self._tick
        families[names.FAILED_READINGS].add_metric((), failures)
        if tick is not None:
            families[names.TICK_AT].add_metric((), tick.at)
            families[names.TICK_LAST].add_metric((), tick.duration_s)
            summary.add_metric((), tick.count, tick.total_s)
        return [*families.values(), summary]

    def _series(self) -> Series:
        try:
            reading = self._read()
        except Exception:  # noqa: BLE001 - whatever went wrong: the age of the last look must go out all the same
            with self._lock:
                self._failures += 1
            return
        with self._lock:
            self._tick = reading.tick
        for unit in reading.units:
            yield from _unit(unit)
        yield from _restarts(reading)
        yield from _stack(reading)


def _families() -> dict[Name, CounterMetricFamily | GaugeMetricFamily]:
    kinds: dict[Kind, type[CounterMetricFamily | GaugeMetricFamily]] = {
        Kind.COUNTER: CounterMetricFamily,
        Kind.GAUGE: GaugeMetricFamily,
    }
    return {name: kinds[name.kind](name.name, name.help.en, labels=name.labels) for name in NAMES if name.kind in kinds}


def _summary() -> SummaryMetricFamily:
    return SummaryMetricFamily(names.TICKS.name, names.TICKS.help.en, labels=names.TICKS.labels)


def _unit(unit: UnitReading) -> Series:
    for state in _with(STATES, unit.state):
        yield names.UNIT_STATE, (unit.name, state), state == unit.state
    values = (
        (names.UNIT_BEAT_AGE, unit.beat_age_s),
        (names.UNIT_BEAT_LIMIT, unit.beat_limit_s),
        (names.UNIT_PROGRESS_AGE, unit.progress_age_s),
        (names.UNIT_PROGRESS_BUDGET, unit.progress_budget_s),
        (names.UNIT_BUSY, unit.is_busy),
        (names.UNIT_FRUITLESS, unit.restarts_fruitless),
        (names.UNIT_MEMORY, unit.rss_bytes),
        (names.UNIT_CPU, unit.cpu_s),
    )
    for name, value in values:
        if value is not None:
            yield name, (unit.name,), value


def _restarts(reading: Reading) -> Series:
    known = {(unit.name, reason): 0 for unit in reading.units for reason in REASONS}
    for labels, count in (known | dict(reading.restarts)).items():
        yield names.UNIT_RESTARTS, labels, count


def _stack(reading: Reading) -> Series:
    for state, code in STATE_CODES.items():
        yield names.UNIT_STATE_CODE, (state,), code
    counts = reading.vouchers
    if counts:
        for family, outcomes in ((names.LINES, ENDED), (names.LINES_OPEN, OPEN)):
            for outcome in outcomes:
                yield family, (outcome,), counts.get(outcome, 0)
        yield names.REVERSALS, (), counts.get(CANCELLATIONS, 0)
        yield names.DUPLICATE_FILES, (), counts.get(DUPLICATES, 0)
    for queue in reading.queues:
        yield names.QUEUE_JOBS, (queue.name,), queue.depth
        yield names.QUEUE_AGE, (queue.name,), queue.oldest_job_age_s
    for check, is_in in reading.checks.items():
        for state in _with(CHECK_STATES, is_in):
            yield names.CHECK_STATE, (check, state), state == is_in
    for cause in _with(HOLDS, reading.hold or HOLDS[0]):
        yield names.HOLD, (cause,), cause == reading.hold


def _with(words: tuple[str, ...], word: str) -> tuple[str, ...]:
    return words if word in words else (*words, word)
