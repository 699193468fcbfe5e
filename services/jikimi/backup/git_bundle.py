"""A clone with its uncommitted work as one bundle. The clone may be read-only: not a byte of it changes.

All is done in an empty repository beside it that borrows the clone's objects and has an index of its own.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from jikimi.backup.port import NotStored
from jikimi.config.load import inherited

WORK_REF = "refs/jikimi/worktree"
_TIMEOUT_S = 300.0
_WHO = {
    "GIT_AUTHOR_NAME": "Jikimi",
    "GIT_AUTHOR_EMAIL": "jikimi@localhost",
    "GIT_COMMITTER_NAME": "Jikimi",
    "GIT_COMMITTER_EMAIL": "jikimi@localhost",
}


def is_clone(folder: Path) -> bool:
    """Return whether there is something to bundle, and a git to do it."""
    return (folder / ".git").exists() and shutil.which("git") is not None


def bundle(clone: Path, target: Path) -> None:
    """Write every branch and tag of *clone*, and its files as they are now under `refs/jikimi/worktree`.

    Files that git ignores are not in it.

    Raises:
        NotStored: git said why.
    """
    with tempfile.TemporaryDirectory(dir=target.parent) as place:
        own = Path(place) / "own.git"
        asked = Path(_git(["-C", str(clone), "rev-parse", "--git-path", "index"], {}))
        index = asked if asked.is_absolute() else clone / asked
        common = Path(_git(["-C", str(clone), "rev-parse", "--path-format=absolute", "--git-common-dir"], {}))
        _git(["init", "--bare", "--quiet", str(own)], {})
        (own / "objects/info/alternates").write_text(f"{common / 'objects'}\n", encoding="utf-8")
        if (common / "info/exclude").exists():
            (own / "info").mkdir(exist_ok=True)
            shutil.copyfile(common / "info/exclude", own / "info/exclude")
        refs = _git(["-C", str(clone), "for-each-ref", "--format=%(objectname) %(refname)"], {})
        for line in refs.splitlines():
            name, _, ref = line.partition(" ")
            if ref.startswith(("refs/heads/", "refs/tags/")):
                _git([f"--git-dir={own}", "update-ref", ref, name], {})
        where = {"GIT_DIR": str(own), "GIT_WORK_TREE": str(clone), "GIT_INDEX_FILE": str(own / "index")}
        if index.exists():
            shutil.copy2(index, own / "index")
        _git(["-C", str(clone), "add", "--all"], where)
        tree = _git(["-C", str(clone), "write-tree"], where)
        head = _git(["-C", str(clone), "rev-parse", "--verify", "--quiet", "HEAD"], {}, may_fail=True)
        parent = ["-p", head] if head else []
        commit = _git(["commit-tree", tree, *parent, "-m", "the work that was not committed"], {**where, **_WHO})
        _git([f"--git-dir={own}", "update-ref", WORK_REF, commit], {})
        _git([f"--git-dir={own}", "bundle", "create", "--quiet", str(target.absolute()), "--all"], {})


def bundle_problem(path: Path) -> str:
    """Return what git finds wrong with a bundle, "" if nothing; it is unpacked, for `verify` reads only its head."""
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as place:
            _git(["init", "--bare", "--quiet", place], {})
            _git([f"--git-dir={place}", "bundle", "verify", "--quiet", str(path.absolute())], {})
            _git([f"--git-dir={place}", "fetch", "--quiet", str(path.absolute()), "+refs/*:refs/*"], {})
            _git([f"--git-dir={place}", "rev-parse", "--verify", "--quiet", WORK_REF], {})
    except NotStored as error:
        return str(error.facts["why"])
    return ""


def _git(arguments: list[str], extra: Mapping[str, str], *, may_fail: bool = False) -> str:
    # a clone may belong to another user than this process: it is only read
    command = ["git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-c", "gc.auto=0", *arguments]
    environment = {name: value for name, value in inherited().items() if not name.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **extra}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotStored(doing="git", why=str(error)) from error
    if done.returncode and not may_fail:
        raise NotStored(doing="git", why=done.stderr.strip() or f"exit code {done.returncode}")
    return done.stdout.strip()
