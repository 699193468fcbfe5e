"""Which parts of a home a snapshot brings back, and where each goes: values only."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import PurePath
from zoneinfo import ZoneInfo

from jikimi.backup.snapshot import Outcome, Receipt, local_day
from jikimi.backup.switch import Part
from jikimi.errors import WrongUse
from jikimi.text import Text

# what belongs together: a snapshot without one of these had none of it, and none is what comes back
DATA = ("inbox", "work", "done", "rejected", "duplicate", "outputs", "state", "erp", "redis")
SETTINGS = ("jikimi.toml", "rules", "flows", "keys")
_REDIS_DUMP = "redis.rdb"
_COMPANIONS = ("-wal", "-shm", "-journal")
_DATABASES = ("state", "erp")


class NotInSnapshot(WrongUse):
    """The snapshot has nothing of that name."""

    what = Text("이 백업에 없습니다: {name}", "the snapshot has no such part: {name}")
    remedy = Text(
        "홈에서 본 이름을 적으세요. 예: erp, rules/card.toml. 이 백업의 부분: {there}",
        "give its name as seen from the home, such as erp or rules/card.toml; it has: {there}",
    )


def newest_not_later(receipts: Iterable[Receipt], day: date, zone: ZoneInfo, now: datetime) -> Receipt | None:
    """Return the newest good receipt that is not later than *day*; one dated after *now* had a wrong clock."""
    good = [one for one in receipts if one.outcome is Outcome.GOOD and local_day(one.at, zone) <= day and one.at <= now]
    return max(good, key=lambda one: one.at, default=None)


def tops(names: Iterable[str]) -> list[str]:
    """Return the parts of which a snapshot with the files *names* has something, in a set order."""
    there = {name.split("/")[1] for name in names if name.startswith("home/") and "/" in name}
    there |= {"redis"} if _REDIS_DUMP in names else set()
    return [top for top in (*SETTINGS, *DATA) if top in there]


def wanted_tops(names: Sequence[str], only: Sequence[str]) -> list[str]:
    """Return the parts to exchange, as paths below the home: all of them, or those that *only* names.

    Raises:
        NotInSnapshot: one of *only* is not there.
    """
    there = tops(names)
    if not only:
        return [top for top in (*SETTINGS, *DATA) if top in there or top in DATA]
    found = []
    for each in only:
        name = each.removeprefix("home/").strip("/")
        first = name.partition("/")[0]
        known = name in there or any(one == f"home/{name}" or one.startswith(f"home/{name}/") for one in names)
        if first not in (*SETTINGS, *DATA) or not known or ".." in PurePath(name).parts or name == "redis/":
            raise NotInSnapshot(name=each, there=", ".join(there))
        found.append(name)
    # a part within another that is asked for as well comes with it
    return [one for one in dict.fromkeys(found) if not any(one.startswith(f"{other}/") for other in found)]


def parts_of(root: str, tops_wanted: Sequence[str], stamp: str) -> tuple[Part, ...]:
    """Return where each part of the home at *root* lives, where it is built, and where the old one is kept."""
    return tuple(part for top in tops_wanted for part in _parts(PurePath(root), top, stamp))


def _parts(root: PurePath, top: str, stamp: str) -> Iterator[Part]:
    first, _, rest = top.partition("/")

    def part(ending: str, *, brings: bool) -> Part:
        live, new, old = (
            str(root / name / f"{rest}{ending}") if rest else str(root / name)
            for name in (first, f"{first}.new", f"{first}.before-restore-{stamp}")
        )
        return Part(f"home/{top}{ending}", live, new, old, brings=brings)

    yield part("", brings=True)
    if first in _DATABASES and rest.endswith(".sqlite"):
        for ending in _COMPANIONS:
            yield part(ending, brings=False)


def stored_names(name: str, sources: Iterable[str], files: Iterable[str] = ()) -> list[str]:
    """Return under which names a repository has *name*: one of its sources, what lies in one, or several of them.

    Args:
        files: of the snapshot. What is no part of the home may have none: a ledger without attachments.
    """
    known = list(sources)
    if any(name == one or name.startswith(f"{one}/") for one in known):
        is_there = name.startswith("home/") or any(file == name or file.startswith(f"{name}/") for file in files)
        return [name] if is_there else []
    return [one for one in known if one.startswith(f"{name}/")]
