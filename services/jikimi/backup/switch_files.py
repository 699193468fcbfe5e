"""The journal of a restore, `home/restore.json`, and what a switch does to files: renames, each of them on the disk."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import structlog

from jikimi.backup.port import Damaged, Told, nobody
from jikimi.backup.switch import (
    Do,
    Kind,
    Part,
    Phase,
    Plan,
    Seen,
    Step,
    aborted,
    as_document,
    built,
    from_document,
    next_step,
    resumed,
)
from jikimi.config import Home
from jikimi.errors import NotWell
from jikimi.text import Text

log = structlog.get_logger()
Build = Callable[[Plan, Told], None]
JOURNAL, PAUSED, STAGE = "restore.json", "restored.json", "restore.new"


class RestoreUnfinished(NotWell):
    """A restore was interrupted, and until it is finished or undone nothing may run."""

    what = Text(
        "복원이 끝나지 않았습니다 ({snapshot}). 섞인 상태로 실행하지 않습니다",
        "a restore of {snapshot} is not finished, and nothing runs on a mix of old and new",
    )
    remedy = Text(
        "마치려면 `jikimi restore --resume`, 되돌리려면 `jikimi restore --abort`",
        "finish it with `jikimi restore --resume`, or undo it with `jikimi restore --abort`",
    )


class JournalBroken(NotWell):
    """The journal of a restore cannot be read."""

    what = Text("복원 기록을 읽을 수 없습니다: {path}", "the journal of a restore cannot be read: {path}")
    remedy = Text(
        "더 새 지킴이가 쓴 것인지 보세요. *.before-restore-* 폴더에 이전 자료가 있습니다",
        "see whether a newer Jikimi wrote it; what was there before lies in the folders *.before-restore-*",
    )


class Undone(NotWell):
    """A restore that is being undone cannot go forward any more."""

    what = Text("이 복원은 이미 되돌리는 중입니다", "this restore is being undone already")
    remedy = Text("되돌리기를 마치세요: jikimi restore --abort", "let it end: jikimi restore --abort")


class Store(Protocol):
    """Where parts of one kind are: three places of a part, and what can be done to one of them."""

    def exists(self, place: str) -> bool:
        """Return whether there is something."""
        ...

    def move(self, source: str, target: str) -> None:
        """Have at *target* what is at *source*, and nothing there any more; done or not done, whenever it is killed."""
        ...

    def remove(self, place: str) -> None:
        """Have nothing there."""
        ...


class Files:
    """What is done to the file system, one effect a call."""

    def exists(self, place: str) -> bool:
        """Return whether there is something, and be it a link that leads nowhere."""
        return os.path.lexists(place)

    def move(self, source: str, target: str) -> None:
        """Rename, and have it on the disk."""
        there, here = Path(source), Path(target)
        here.parent.mkdir(parents=True, exist_ok=True)
        there.rename(here)
        on_disk(here.parent)
        on_disk(there.parent)

    def write(self, path: Path, document: Mapping[str, Any]) -> None:
        """Replace the file at *path*, and have it on the disk."""
        partial = path.with_name(f".{path.name}.partial")
        with partial.open("w", encoding="utf-8") as out:
            json.dump(document, out, ensure_ascii=False)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
        on_disk(path.parent)

    def remove(self, place: str) -> None:
        """Remove a file, or a folder with all that is in it."""
        path = Path(place)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


class Switch:
    """Carries a plan out, forward or back, and can be ended at any moment.

    Args:
        stores: where the parts are that are no files.
    """

    def __init__(self, home: Home, files: Files | None = None, stores: Mapping[Kind, Store] | None = None) -> None:
        self._root, self._files = home.root.resolve(), files or Files()
        self._stores: dict[Kind, Store] = {Kind.FILES: self._files, **(stores or {})}
        self._did = 0

    def begin(self, plan: Plan) -> None:
        """Write the journal: from here on nothing starts.

        Raises:
            RestoreUnfinished: there is one already.
        """
        if (other := pending(self._root)) is not None:
            raise RestoreUnfinished(snapshot=other.snapshot)
        self._write(plan)
        log.info("restore.begun", snapshot=plan.snapshot, parts=[part.name for part in plan.parts])

    def forward(self, plan: Plan, build: Build, told: Told = nobody) -> None:
        """Finish *plan*; if its new folders cannot be made, leave everything as it was.

        Args:
            build: makes and proves the new folders.

        Raises:
            Undone: it is being undone. Any error of *build*.
        """
        if plan.phase is Phase.SWEEPING:
            raise Undone
        if plan.phase is Phase.UNDOING:
            if any(part.kind is Kind.QUEUE and not (one.new or one.old) for part, one in self._seen(plan)):
                raise Undone  # the queue of today is back already, and the other one is in it no more
            plan = resumed(plan)
            self._write(plan)
        if plan.phase is Phase.BUILDING:
            plan = self._built(plan, build, told)
        self._run(plan)
        log.info("restore.ended", snapshot=plan.snapshot, is_paused=plan.pauses)

    def back(self, plan: Plan) -> None:
        """Undo *plan*: everything is as it was."""
        plan = aborted(plan)
        self._write(plan)
        self._run(plan)
        log.info("restore.undone", snapshot=plan.snapshot)

    def _built(self, plan: Plan, build: Build, told: Told) -> Plan:
        try:
            self._clear(plan)  # a killed run may have left halves
            build(plan, told)
            self._check_built(plan)
        except (Exception, KeyboardInterrupt):
            self.back(plan)
            raise
        plan = built(plan, self._look(plan))
        self._write(plan)
        return plan

    def _check_built(self, plan: Plan) -> None:
        missing = [part.name for part in plan.parts if part.brings and not self._stores[part.kind].exists(part.new)]
        if missing:  # what is not there would count as being in its place already
            raise Damaged(snapshot=plan.snapshot, why=f"not built: {', '.join(missing)}")

    def _run(self, plan: Plan) -> None:
        while True:
            step = next_step(plan, self._look(plan), is_paused=self._is_paused(plan))
            if step.do is Do.END:
                self._clear(plan)
                self._files.remove(str(self._root / JOURNAL))
                on_disk(self._root)
                return
            plan = self._do(plan, step)
            self._did += 1
            self._write(plan)

    def _do(self, plan: Plan, step: Step) -> Plan:
        files, part = self._files, step.part
        if step.do is Do.PAUSE:
            files.write(self._root / PAUSED, {"v": 1, "snapshot": plan.snapshot, "stamp": plan.stamp})
        elif step.do is Do.SWEEP and plan.phase is Phase.UNDOING:
            return replace(plan, phase=Phase.SWEEPING)
        elif step.do is Do.SWEEP:
            self._clear(plan)
            if self._is_paused(plan):
                files.remove(str(self._root / PAUSED))
        elif part is not None:
            stray = f"{part.old}.stray-{self._did}"
            source, target = {
                Do.SET_ASIDE: (part.live, part.old),
                Do.PUT_IN: (part.new, part.live),
                Do.TAKE_OUT: (part.live, part.new),
                Do.PUT_BACK: (part.old, part.live),
                Do.CLEAR_STRAY: (part.live, stray),
            }[step.do]
            self._stores[part.kind].move(source, target)
        return plan

    def _is_paused(self, plan: Plan) -> bool:
        """Return whether the mark stands; going back, whether it is this restore's own."""
        mark = self._root / PAUSED
        if plan.phase is Phase.SWITCHING:
            return mark.exists()
        try:
            return bool(json.loads(mark.read_text(encoding="utf-8"))["stamp"] == plan.stamp)
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def _clear(self, plan: Plan) -> None:
        """Remove what was built and is not in its place."""
        for folder in built_folders(self._root, plan):
            if os.path.lexists(folder):
                self._files.remove(str(folder))
        for part in plan.parts:
            if part.kind is not Kind.FILES:
                self._stores[part.kind].remove(part.new)

        if plan.phase is Phase.SWEEPING:  # the queue is as it was, and its dump holds what not everybody may read
            for part in plan.parts:
                if part.kind is Kind.QUEUE:
                    self._stores[part.kind].remove(part.old)

    def _seen(self, plan: Plan) -> list[tuple[Part, Seen]]:
        return list(zip(plan.parts, self._look(plan), strict=True))

    def _look(self, plan: Plan) -> list[Seen]:
        return [
            Seen(*(self._stores[part.kind].exists(place) for place in (part.live, part.new, part.old)))
            for part in plan.parts
        ]

    def _write(self, plan: Plan) -> None:
        self._files.write(self._root / JOURNAL, {**as_document(plan), "did": self._did})


def built_folders(root: Path, plan: Plan) -> list[Path]:
    """Return the folders and files in which new parts are made: right below the home, or in the place of a part."""
    return [root / STAGE, *dict.fromkeys(_top(part) for part in plan.parts if part.kind is Kind.FILES)]


def _top(part: Part) -> Path:
    """Return where the way to the new part leaves the one to the live part."""
    base = Path(os.path.commonpath((part.live, part.new)))
    return base / Path(part.new).relative_to(base).parts[0]


def pending(root: Path) -> Plan | None:
    """Return the restore of the home at *root* that is not finished, None if there is none.

    Raises:
        JournalBroken: its journal cannot be read.
    """
    path = root / JOURNAL
    try:
        return from_document(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, KeyError, TypeError, ValueError):
        raise JournalBroken(path=path) from None


def on_disk(folder: Path) -> None:
    """Have the names in *folder* on the disk, where a system can be asked for that."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
