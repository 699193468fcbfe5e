"""Somebody else's site in a container of its own, beside the stack, with what a flow needs to work in it."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.docker.compose import ROOT, ComposeStack
from tests.docker.conftest import PERSON

_IMAGE = "python:3.13-slim-trixie"
_PORT = 8080


@contextmanager
def office_site(stack: ComposeStack, folder: Path) -> Iterator[Path]:
    """Run the site of the examples, whose address the stack has; enter its password, and yield its folder."""
    folder.mkdir()
    name, network = f"{stack.project}-office", f"{stack.project}_outside"
    limits = stack.engine.create_host_config(
        binds=[f"{ROOT}/examples/office:/office:ro", f"{folder}:/site"], network_mode=network, read_only=True
    )
    command = ["python3", "-B", "/office/site.py", "--folder", "/site", "--listen", "0.0.0.0", "--port", str(_PORT)]  # noqa: S104 - in a container
    stack.engine.create_container(_IMAGE, command, name=name, host_config=limits)
    try:
        stack.engine.start(name)
        stack.until((folder / "password").exists, 30.0)
        shutil.copy(ROOT / "examples/flows/office.py", stack.home / "flows/office.py")
        password = (folder / "password").read_text(encoding="utf-8")
        enter = ("exec", "-T", "rpa-worker", "jikimi", "flow", "secret", "office-password")
        said = stack.compose(*enter, told=f"{password}\n")
        assert said.returncode == 0, said.stderr
        yield folder
    finally:
        stack.engine.remove_container(name, force=True)


def handed_in(stack: ComposeStack, *keys: str) -> None:
    """Drop a file of vouchers into the inbox of the site's flow."""
    rows = [f"{key},2026-11-27,소모품비,알파문구,{number}000" for number, key in enumerate(keys, 1)]
    dropped(stack, "office_voucher", keys[0], "\n".join(["key,일자,계정,거래처,금액", *rows, ""]))


def dropped(stack: ComposeStack, flow: str, name: str, text: str) -> None:
    """Drop a file into a flow's inbox, as its person does."""
    inbox = stack.home / "inbox/flows" / flow
    inbox.mkdir(parents=True, exist_ok=True)
    for path in (inbox.parent, inbox):
        os.chown(path, PERSON, 10001)
        path.chmod(0o2775)
    partial = inbox / f".{name}.part"
    partial.write_text(text, encoding="utf-8")
    partial.rename(inbox / f"{name}.csv")


def item(stack: ComposeStack, key: str) -> Mapping[str, Any]:
    """Return how an item stands, as anybody may read it; nothing of it while it is unknown."""
    file = stack.home / "outputs/items.json"
    document = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"items": []}
    return next((one for one in document["items"] if one["key"] == key), {"state": "", "attempts": 0})


def processes(stack: ComposeStack) -> list[tuple[int, int, str, str]]:
    """Return pid, uid, state and command of all in the container with the browser, its first process first."""
    rows = stack.engine.top(stack.container("rpa-worker"), ps_args="-eo pid,uid,stat,args")["Processes"]
    return sorted((int(pid), int(uid), stat, args) for pid, uid, stat, args in rows)


def namespaces(pid: int) -> dict[str, str]:
    """Return the namespaces of a process that Chromium's sandbox is made of; empty if it has ended."""
    with suppress(OSError):
        return {name: str((Path("/proc") / str(pid) / "ns" / name).readlink()) for name in ("user", "pid", "net")}
    return {}


def kill_attempt(stack: ComposeStack) -> None:
    """Kill the child whose attempt runs now; a spare one beside it is left alone."""
    attempt = json.loads((stack.state / "rpa-attempt.json").read_text(encoding="utf-8"))
    stack.compose("exec", "-T", "rpa-worker", "sh", "-c", f"kill -9 {attempt['pid']}")
