"""Which parts of a stack of containers a snapshot brings back, and where each goes: values only.

A volume is a mount and cannot be renamed, so what is exchanged lies one step below: the worker's databases in `state`,
the folder of each ledger among the attachments. The supervisor lives on through a restore and keeps its own memory. The
keys of the services stay too: the ERP takes the one that it finds at its start.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jikimi.backup.parts import NotInSnapshot, parts_of, tops, wanted_tops
from jikimi.backup.postgres import ENDING, FOLDER
from jikimi.backup.switch import Kind, Part
from jikimi.backup.wanted import ATTACHMENTS, REDIS
from jikimi.config import Home

ERP, QUEUE, STATE = "erp", "redis", "state"
_NOT_FOLDERS = (ERP, QUEUE, STATE, "keys")
_OF_THE_SUPERVISOR = frozenset({"outbox.sqlite"})
_STATE = "home/state/"


@dataclass(frozen=True, slots=True)
class Places:
    """Where a stack of containers has what is no folder of the home.

    Attributes:
        ledgers: the databases of its own ERP; none if it has no ERP.
    """

    home: Path
    state: Path
    attachments: Path
    ledgers: tuple[str, ...] = ()


def places_of(home: Home, ledgers: tuple[str, ...]) -> Places:
    """Return the places as the container of the safe sees them."""
    return Places(home.root.resolve(), (home / "state").resolve(), (home / ATTACHMENTS).resolve(), ledgers)


def container_parts(names: Sequence[str], only: Sequence[str], places: Places, stamp: str) -> tuple[Part, ...]:
    """Return what a restore exchanges.

    Args:
        names: of the snapshot's files, links and sources.
        only: `erp`, `redis`, `state`, or names as seen from the home; nothing for all.

    Raises:
        NotInSnapshot: one of *only* is not there, or a ledger is not: today's books beside the inbox of another day
            would be a mix.
    """
    wanted = set(only) or {STATE, *([ERP] if places.ledgers else []), *([QUEUE] if REDIS in names else [])}
    there = sorted({*tops(names), *(name for name in names if name.startswith(f"{FOLDER}/"))})
    of_home = [name for name in only if name not in _NOT_FOLDERS]
    found = list[Part]()
    if of_home or not only:
        wanted_here = [top for top in wanted_tops(names, of_home) if top.partition("/")[0] not in _NOT_FOLDERS]
        found += parts_of(str(places.home), wanted_here, stamp)
    found += _state(names, places, stamp) if STATE in wanted else ()
    found += _erp(names, places, stamp) if ERP in wanted else ()
    if QUEUE in wanted:
        if REDIS not in names:
            raise NotInSnapshot(name=QUEUE, there=", ".join(there))
        new, old = (str(places.home / f"redis.{word}.rdb") for word in ("new", f"before-restore-{stamp}"))
        found.append(Part(REDIS, "", new, old, kind=Kind.QUEUE))
    if "keys" in only or not found:
        raise NotInSnapshot(name=", ".join(only), there=", ".join(there))
    return tuple(found)


def _state(names: Sequence[str], places: Places, stamp: str) -> Iterator[Part]:
    files = sorted({name.removeprefix(_STATE) for name in names if name.startswith(_STATE)})
    bases = [name for name in files if name.endswith(".sqlite") and name not in _OF_THE_SUPERVISOR]
    yield from parts_of(str(places.state.parent), [f"{places.state.name}/{base}" for base in bases], stamp)


def _erp(names: Sequence[str], places: Places, stamp: str) -> Iterator[Part]:
    if not places.ledgers:
        raise NotInSnapshot(name=ERP, there="")
    for base in places.ledgers:
        name = f"{FOLDER}/{base}{ENDING}"
        if name not in names:
            raise NotInSnapshot(name=name, there=", ".join(sorted(each for each in names if each.startswith(FOLDER))))
        ending = stamp.replace("-", "_")
        yield Part(name, base, f"{base}_new", f"{base}_before_restore_{ending}", kind=Kind.DATABASE)
        new, old = (str(places.attachments / f"{base}.{word}") for word in ("new", f"before-restore-{stamp}"))
        yield Part(f"{ATTACHMENTS}/{base}", str(places.attachments / base), new, old)
