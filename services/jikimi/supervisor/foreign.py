"""Programs that are not ours as units: from their tables in `jikimi.toml` to what the keeper takes."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from jikimi.clock import Clock
from jikimi.config import Config
from jikimi.config.foreign import ForeignUnit
from jikimi.config.unit_values import host_and_port
from jikimi.probe import VARIABLE
from jikimi.runtime.port import Priority, Running, UnitSpec
from jikimi.runtime.process_list import is_below, list_processes, process_of
from jikimi.supervisor.leftovers import Leftovers
from jikimi.supervisor.ports import answers_http, takes_connections
from jikimi.supervisor.rules import Rule
from jikimi.supervisor.watch_heartbeat_file import HeartbeatFileWatch
from jikimi.supervisor.watch_log import LogWatch
from jikimi.supervisor.watch_probe_file import ProbeFileWatch
from jikimi.supervisor.watch_probes import ProbeWatch, pause_of
from jikimi.supervisor.watched import Watch, Watched


@dataclass(frozen=True, slots=True)
class Place:
    """Where one program that is not ours lies: its paths, all of them absolute."""

    folder: Path
    command: tuple[str, ...]
    locks: tuple[Path, ...]
    probe: Path
    log: Path

    def __truediv__(self, name: str) -> Path:
        return self.folder / name


def place_of(config: Config, name: str, unit: ForeignUnit) -> Place:
    """Return where the unit lies; nothing need be there yet."""
    folder = (config.home.root / Path(unit.folder).expanduser()).resolve()
    program = folder / unit.command[0]  # "./run.sh" counts from its folder, not from ours; "python" is found on PATH
    is_path = any(sign in unit.command[0] for sign in "/\\") and program.exists()
    command = (str(program), *unit.command[1:]) if is_path else unit.command
    locks = tuple(folder / lock for lock in unit.clear)
    return Place(folder, command, locks, config.home / f"state/probes/{name}.json", config.home / f"logs/{name}.out")


def foreign_units(config: Config, clock: Clock, ours: Collection[str]) -> list[Watched]:
    """Return the programs of the settings as units, in the order in which they stand there.

    Args:
        ours: the names of our own units that are run here; what has an address elsewhere nobody waits for.
    """
    units = {name: unit for name, unit in config.settings.units.items() if unit.command}
    known = {*ours, *units}
    return [_watched(config, clock, name, unit, known) for name, unit in units.items()]


def _watched(config: Config, clock: Clock, name: str, unit: ForeignUnit, known: Collection[str]) -> Watched:
    place = place_of(config, name, unit)
    spec = UnitSpec(
        name,
        place.command,
        place.log,
        environment={VARIABLE: str(place.probe)},
        folder=place.folder,
        priority=Priority(unit.priority),
        memory_mb=unit.memory,
    )
    rule = Rule(
        name,
        needs=tuple(other for other in unit.needs if other in known),
        silent_s=unit.silent.total_seconds(),
        boot_s=(unit.starts_within or unit.silent).total_seconds(),
        grace_s=unit.grace.total_seconds(),
        beats=False,
        failures=unit.errors_in_a_row,
        observe_s=unit.observe.total_seconds(),
    )
    return Watched(spec, rule, _watch(unit, place, clock))


def _watch(unit: ForeignUnit, place: Place, clock: Clock) -> Watch:
    every_s = pause_of(unit.silent.total_seconds())
    if unit.heartbeat:
        return HeartbeatFileWatch(place / unit.heartbeat, is_below)
    if unit.log:
        return LogWatch(place / unit.log)
    if unit.tcp:
        return ProbeWatch(takes_connections(*host_and_port(unit.tcp)), clock, every_s)
    if unit.http:
        return ProbeWatch(answers_http(unit.http), clock, every_s)
    return ProbeFileWatch(place.probe, is_below)


def before_start(
    config: Config, running: Mapping[str, Running], is_running: Callable[[Running], bool]
) -> Callable[[str], None]:
    """Return what is to be called with a unit's name before each of its starts, while it does not run.

    It makes room for its probe and clears the locks that its last life has left.

    Args:
        running: the last process of each unit that was started or found, as `Hands.running`. is_running: the runtime's.
    """
    units = {name: unit for name, unit in config.settings.units.items() if unit.command}
    places = {name: place_of(config, name, unit) for name, unit in units.items()}
    leftovers = Leftovers(
        {name: place.locks for name, place in places.items()},
        {name: place.command for name, place in places.items()},
        last=running.get,
        is_running=is_running,
        process_of=process_of,
        processes=list_processes,
    )

    def prepare(name: str) -> None:
        if name in places:
            places[name].probe.parent.mkdir(parents=True, exist_ok=True)
            places[name].probe.unlink(missing_ok=True)
            leftovers.before_start(name)

    return prepare
