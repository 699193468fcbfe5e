"""Say how all stands, from the snapshot alone: standard library only, so that it answers when all else is dead.

A snapshot that is too old is never shown as well: its age decides first.
"""

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

FRESH_S = 10.0
WELL, NOT_WELL, UNKNOWN = 0, 2, 3
_LEAST_PAUSE_S = 0.2
_CLEAR = "\x1b[H\x1b[2J"
_ALWAYS_NEW = ("at", "age_s", "units", "last_cycle")
_COMMAND = re.compile(r"(?<! supervisor )(?<! backup )(?<! rpa-worker )(?<!/)\bjikimi (?=([a-z]+))")
_STACK = re.compile(r"\bjikimi (up|down)(?: --detach)?\b")
_AT_HOME = {"backup": "backup", "restore": "backup", "flow": "rpa-worker", "inspect": "rpa-worker"}
_COMPOSE = {"up": "docker compose up -d", "down": "docker compose down"}
_VERDICTS = {
    "ko": {"ok": "정상", "ng": "이상", "unknown": "알 수 없음"},
    "en": {"ok": "OK", "ng": "NG", "unknown": "UNKNOWN"},
}
_WORDS = {
    "ko": {
        "posted": "기표",
        "already": "이미 있음",
        "rejected": "거절",
        "waiting": "대기",
        "unknown": "확인 필요",
        "duplicates": "중복 파일",
        "nothing": "할 일이 없습니다",
        "working": "일하는 중입니다",
        "left": ", 약 {left}초 남음",
        "missing": "상태 파일이 없습니다. 켜려면: jikimi up",
        "stale": "상태가 {age:.0f}초 전 것입니다. 지킴이가 멈춘 것 같습니다. 켜려면: jikimi up",
        "proof": "마지막 사이클 검증",
    },
    "en": {
        "posted": "posted",
        "already": "already",
        "rejected": "rejected",
        "waiting": "waiting",
        "unknown": "unknown",
        "duplicates": "duplicate files",
        "nothing": "nothing to do",
        "working": "at work",
        "left": ", about {left} s left",
        "missing": "there is no snapshot; to start: jikimi up",
        "stale": "the snapshot is {age:.0f} s old: nothing keeps it up; to start: jikimi up",
        "proof": "proof of the last cycle",
    },
}


def read(file: Path, now: float) -> dict[str, Any]:
    """Return the document with `age_s` and `exit_code`; its verdict is "unknown" when it is missing or too old."""
    document: dict[str, Any]
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        age = abs(now - datetime.fromisoformat(document["at"]).timestamp())  # a clock set back proves nothing either
        _ = [document[name] for name in ("verdict", "units", "checks", "vouchers", "addresses")]
    except (OSError, ValueError, KeyError, TypeError):
        return {"schema": "jikimi.status", "schema_version": 1, "verdict": "unknown", "age_s": None, "exit_code": 3}
    document["age_s"] = round(age, 1)
    if age > FRESH_S:
        document["verdict"] = "unknown"
    document["exit_code"] = {"ok": WELL, "ng": NOT_WELL}.get(document["verdict"], UNKNOWN)
    return document


def render(document: dict[str, Any], lang: str) -> str:
    """Return the document as a few lines for a person."""
    words = _WORDS[lang]
    lines = [f"● {_VERDICTS[lang][document['verdict']]}"]
    if document["age_s"] is None:
        return "\n".join([*lines, words["missing"]])
    if document["age_s"] > FRESH_S:
        lines.append(words["stale"].format(age=document["age_s"]))
    for unit in document["units"]:
        restarts = f"  ↻ {unit['restarts']}" if unit["restarts"] else ""
        # a snapshot of before has neither
        far = "" if unit.get("percent") is None else f" {unit['percent']} %"
        left = "" if unit.get("left_s") is None else words["left"].format(left=round(unit["left_s"]))
        phase = f"{unit['phase'] or ''}{far}{left}"
        lines.append(f"  {unit['name']:<12} {unit['state']:<11} {unit['mode'] or '':<5} {phase}{restarts}")
    lines += [f"  ! {check['message']}  {check['cure']}" for check in document["checks"] if check["state"] != "ok"]
    vouchers = document["vouchers"]
    names = ("posted", "already", "rejected", "waiting", "unknown", "duplicates")
    lines.append("  " + "  ".join(f"{words[name]} {vouchers[name]}" for name in names))
    if cycle := document.get("last_cycle"):
        lines.append(f"  {words['proof']}: {'✓' if cycle['proof'] else '✗'}  {cycle['at']}")
    if any(unit["mode"] == "busy" for unit in document["units"]):
        lines.append(f"  {words['working']}")
    elif not vouchers["waiting"] + vouchers["unknown"]:
        lines.append(f"  {words['nothing']}")
    for address in document["addresses"]:
        login = f"   ({address['login']})" if address.get("login") else ""
        lines.append(f"  {address['name']}: {address['url']}{login}")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Print the status; return the exit code."""
    arguments = [part for word in arguments for part in (word.split("=", 1) if word.startswith("--") else [word])]
    try:
        if "--watch" in arguments:
            return _watch(arguments)
        document = _read(arguments)
        print(_shown(document, arguments), flush=True)  # noqa: T201 - a command's output
    except BrokenPipeError:  # whoever read it has seen enough; python would complain once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return WELL
    return int(document["exit_code"])


def _watch(arguments: list[str]) -> int:
    """Redraw until Ctrl-C; into a file or a pipe goes one JSON line for each change."""
    document = _read(arguments)
    try:
        for document in _every(_pause_s(arguments), arguments):
            if sys.stdout.isatty():
                print(f"{_CLEAR}{_shown(document, arguments)}", flush=True)  # noqa: T201 - a command's output
            else:
                print(json.dumps(document, ensure_ascii=False), flush=True)  # noqa: T201 - a command's output
    except KeyboardInterrupt:
        pass
    return int(document["exit_code"])


def _pause_s(arguments: list[str]) -> float:
    try:
        return max(_LEAST_PAUSE_S, float(_option(arguments, "--watch") or ""))
    except ValueError:
        return 1.0


def _every(seconds: float, arguments: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the document now and again: each time for a terminal, else when more than its age has changed."""
    last: object = None
    while True:
        document = _read(arguments)
        said = {name: value for name, value in document.items() if name not in _ALWAYS_NEW}
        said["units"] = [(unit["name"], unit["state"], unit["restarts"]) for unit in document.get("units", [])]
        if sys.stdout.isatty() or said != last:
            yield document
        last = said
        time.sleep(seconds)  # noqa: TID251 - stands alone


def _read(arguments: list[str]) -> dict[str, Any]:
    now = datetime.now().timestamp()  # noqa: DTZ005, TID251 - stands alone, and compares instants only
    return read(_file(arguments), now)


def _shown(document: dict[str, Any], arguments: list[str]) -> str:
    if "--json" in arguments:
        return json.dumps(document, ensure_ascii=False)
    called = _option(arguments, "--called") or os.environ.get("JIKIMI_CALLED") or ""  # noqa: TID251 - alone
    return as_called(render(document, _language(arguments, document)), called)


def as_called(text: str, called: str) -> str:
    """Return *text* with every command of ours as *called* would run it."""
    if not called:
        return text
    if not called.startswith("docker compose"):
        return _COMMAND.sub(lambda _: f"{called} ", text)
    # a container can neither start nor end the stack that it is part of
    text = _STACK.sub(lambda found: _COMPOSE[found[1]], text)
    # one container has the repository, and one the browser
    return _COMMAND.sub(lambda found: f"{_in_container(found[1]) or called} ", text)


def _in_container(command: str) -> str:
    """Return how a command is called that can be run in one container only, else ""."""
    return f"docker compose exec {_AT_HOME[command]} jikimi" if command in _AT_HOME else ""


def _file(arguments: list[str]) -> Path:
    run, home = os.environ.get("JIKIMI_RUN"), _option(arguments, "--home")  # noqa: TID251 - stands alone
    if named := _option(arguments, "--file"):
        return Path(named)
    if run and not home:
        return Path(run) / "status.json"
    return Path(home or os.environ.get("JIKIMI_HOME") or "home") / "state/status.json"  # noqa: TID251 - alone


def _language(arguments: list[str], document: dict[str, Any]) -> str:
    names = ("JIKIMI_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    said = [os.environ.get(name) for name in names]  # noqa: TID251 - stands alone
    tags = [_option(arguments, "--lang"), document.get("lang"), *said]
    return "ko" if next((tag for tag in tags if tag), "").startswith("ko") else "en"


def _option(arguments: list[str], name: str) -> str | None:
    for place, argument in enumerate(arguments):
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
        if argument == name and place + 1 < len(arguments):
            return arguments[place + 1]
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
