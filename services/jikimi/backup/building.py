"""The new folders of a restore: taken out of the repository beside the live ones, and proved before anything moves."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from jikimi.backup.drill import databases_wrong
from jikimi.backup.keys import SafeKeys
from jikimi.backup.manifest import NAME, Manifest, compare
from jikimi.backup.parts import parts_of, stored_names, wanted_tops
from jikimi.backup.port import Damaged, NoSnapshot, Repository, Told
from jikimi.backup.scratch_redis import ScratchRedis
from jikimi.backup.switch import Kind, Part, Phase, Plan
from jikimi.backup.switch_files import STAGE, built_folders
from jikimi.backup.untar import is_wanted
from jikimi.backup.wanted import REDIS
from jikimi.config import Home
from jikimi.config.home import PRIVATE, SECRET_FOLDERS
from jikimi.errors import NotWell
from jikimi.text import Text

_ROOM = 1.2
_QUIET = ("home/jikimi.toml", "home/rules", "home/flows", "home/outputs")  # no work follows from these
_CARRIED = {"home/state": ("ports.json",), "home/erp": ("web",)}  # never saved, for they can be made anew


class NoRoomToRestore(NotWell):
    """The disk has too little room for the old and the new side by side."""

    what = Text(
        "복원할 자리가 부족합니다: {folder}에 {free} MB, 필요 {need} MB",
        "too little room to restore: {free} MB free at {folder}, {need} MB needed",
    )
    remedy = Text(
        "디스크를 비우거나(이전 복원이 남긴 *.before-restore-* 폴더) `--only`로 일부만 복원하세요",
        "free some space, such as folders *.before-restore-* of earlier restores, or restore a part with `--only`",
    )


class InTheWay(NotWell):
    """Where a new part is to be made something lies already, and it is not ours."""

    what = Text("복원할 자리에 이미 있습니다: {path}", "this lies where the restore would work: {path}")
    remedy = Text("다른 이름으로 바꾸거나 지우세요", "rename or remove it")


class OtherDisk(NotWell):
    """A part is a mount of its own, and cannot be exchanged by a rename."""

    what = Text(
        "다른 디스크에 있어 교체할 수 없습니다: {path}", "this is a disk of its own and cannot be exchanged: {path}"
    )
    remedy = Text(
        "`--only`로 그 밖의 것을 복원하고, 이것은 `jikimi backup export books.tar.zst.age`로 꺼내세요",
        "restore the others with `--only`, and take this one out by `jikimi backup export books.tar.zst.age`",
    )


class MadeByNewer(NotWell):
    """A snapshot may hold what only the version that made it, or a later one, understands."""

    what = Text(
        "더 새 지킴이({made_by})가 만든 백업입니다. 지금 것은 {version}입니다",
        "a newer Jikimi, {made_by}, made this backup; this is {version}",
    )
    remedy = Text(
        "지킴이 {made_by}로 복원하세요. 컨테이너라면 이미지 {made_by}를 쓰세요",
        "restore it with Jikimi {made_by}, in containers with its images of that version",
    )


def is_newer(made_by: str, version: str) -> bool:
    """Return whether *made_by* is a later version than *version*; what is no version is none."""
    try:
        one, other = ([int(number) for number in each.split(".")] for each in (made_by, version))
    except ValueError:
        return False
    return one > other


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


Layout = Callable[[Sequence[str], Sequence[str], str], tuple[Part, ...]]  # names, only, stamp
Make = Callable[[Part, Path, Mapping[str, int]], None]  # makes a part out of the stage; of dumps it has the rows


def home_layout(root: Path, elsewhere: Sequence[str] = ()) -> Layout:
    """Return how a home with everything in it is exchanged.

    Args:
        elsewhere: parts that this home does not keep itself, such as a Redis with an address of its own.
    """

    def layout(names: Sequence[str], only: Sequence[str], stamp: str) -> tuple[Part, ...]:
        tops = [top for top in wanted_tops(names, only) if top.split("/")[0] not in elsewhere]
        return parts_of(str(root), tops, stamp)

    return layout


class Building:
    """Plans a restore of *home* and makes its new folders.

    Args:
        redis: returns what loads a dump; asked only if there is one.
        layout: which parts there are and where they go. makers: for parts that are no files.
        version: of ourselves, "" to restore what any version made.
    """

    def __init__(
        self,
        home: Home,
        repository: Repository,
        redis: Callable[[], ScratchRedis],
        *,
        layout: Layout | None = None,
        makers: Mapping[Kind, Make] | None = None,
        version: str = "",
        free: Callable[[Path], int] = _free,
    ) -> None:
        self._root, self._repository, self._redis = home.root.resolve(), repository, redis
        self._version = version
        self._layout, self._makers, self._free = layout or home_layout(self._root), makers or {}, free

    def plan(self, snapshot: str, only: Sequence[str], stamp: str, source: str = "") -> Plan:
        """Return what a restore of *snapshot*, or of the parts *only*, exchanges.

        Raises:
            NoSnapshot, NotInSnapshot, Damaged, NoRoomToRestore, InTheWay, OtherDisk, MadeByNewer: nothing can be done.
        """
        if not snapshot:
            raise NoSnapshot(snapshot='""')
        manifest = self._manifest(self._repository.read(snapshot, NAME), snapshot)
        made_by = str(manifest.about.get("versions", {}).get("jikimi", ""))
        if self._version and is_newer(made_by, self._version):
            raise MadeByNewer(made_by=made_by, version=self._version)
        parts = self._layout(_names(manifest), only, stamp)
        pauses = any(not part.name.startswith(_QUIET) for part in parts)
        plan = Plan(snapshot, stamp, Phase.BUILDING, parts, pauses, tuple(only), source)
        names = self._stored(manifest, plan)
        size = sum(mark.size for name, mark in manifest.files.items() if is_wanted(name, names))
        if (free := self._free(self._root)) < _ROOM * size:
            raise NoRoomToRestore(folder=self._root, free=free >> 20, need=int(_ROOM * size) >> 20)
        for path in built_folders(self._root, plan):
            if os.path.lexists(path):
                raise InTheWay(path=path)
        for part in parts:
            if part.kind is Kind.FILES and os.path.lexists(part.live) and _disk(part.live) != _disk(part.new):
                raise OtherDisk(path=part.live)
        return plan

    def build(self, plan: Plan, told: Told) -> None:
        """Make and prove the new parts of *plan*.

        Raises:
            Damaged: what came back is not what was saved.
        """
        stage = self._root / STAGE
        stage.mkdir(mode=PRIVATE)
        manifest = self._manifest(self._repository.read(plan.snapshot, NAME), plan.snapshot)
        names = self._stored(manifest, plan)
        self._repository.restore(plan.snapshot, stage, names, told=told)
        self._prove(plan.snapshot, manifest, names, stage)
        for part in plan.parts:
            if not part.brings:
                continue
            if part.kind in self._makers:
                self._makers[part.kind](part, stage, manifest.about["rows"])
            else:
                self._place(part, stage)
        shutil.rmtree(stage)
        if sys.platform != "win32":
            os.sync()  # before the first rename says that it is there

    def _stored(self, manifest: Manifest, plan: Plan) -> list[str]:
        sources, brought = manifest.about["sources"], [part.name for part in plan.parts if part.brings]
        names = [name for each in brought for name in stored_names(each, sources, manifest.files)]
        return [NAME, *names, *([REDIS] if "home/redis" in brought and REDIS in manifest.files else [])]

    def _manifest(self, data: bytes, snapshot: str) -> Manifest:
        try:
            return Manifest.from_bytes(data)
        except (KeyError, TypeError, ValueError) as error:
            raise Damaged(snapshot=snapshot, why=f"{NAME}: {error}") from error

    def _prove(self, snapshot: str, manifest: Manifest, names: Sequence[str], stage: Path) -> None:
        files = {name: mark for name, mark in manifest.files.items() if is_wanted(name, names)}
        links = {name: target for name, target in manifest.links.items() if is_wanted(name, names)}
        damaged, _changed = compare(Manifest(manifest.about, files, links), stage)
        rows = {name: count for name, count in manifest.about["rows"].items() if name.partition(":")[0] in files}
        wrong = [*(f"damaged: {name}" for name in damaged), *databases_wrong(stage, rows)]
        if wrong:
            raise Damaged(snapshot=snapshot, why="; ".join(wrong[:5]), files=damaged)

    def _place(self, part: Part, stage: Path) -> None:
        new, taken = Path(part.new), stage / part.name
        new.parent.mkdir(parents=True, exist_ok=True)
        if part.name == "home/redis" and (dump := stage / REDIS).exists():
            self._redis().write_log(dump, new)
        elif os.path.lexists(taken):
            shutil.move(taken, new)  # which may be a volume of its own
        else:
            new.mkdir()
        if part.name.removeprefix("home/") in SECRET_FOLDERS:
            new.chmod(PRIVATE)
        for name in _CARRIED.get(part.name, ()):
            _carry(Path(part.live) / name, new / name)
        if part.name == "home/keys":
            SafeKeys(new / "backup").make_way_for(SafeKeys(Path(part.live) / "backup"))


def _disk(place: str) -> int:
    """Return the file system of *place* or, where nothing is yet, of what it will lie in."""
    path = Path(place)
    there = next(each for each in (path, *path.parents) if os.path.lexists(each))
    return there.lstat().st_dev


def _names(manifest: Manifest) -> list[str]:
    return [*manifest.files, *manifest.links, *manifest.about["sources"]]


def _carry(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True)
    elif source.exists():
        shutil.copy2(source, target)
