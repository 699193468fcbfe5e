"""Old watchdogs of a program that was adopted: whatever else still starts or restarts it would fight with the keeper.

They are only named, for a person to switch off. Nothing here ends anything.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

_WATCHES = re.compile(
    r"watch|guard|keep[-_ ]?alive|monitor|supervis|restart|respawn|heal|감시|재시작|\bnssm\b|\bpm2\b|\bmonit\b",
    re.IGNORECASE,
)
_PROGRAM = re.compile(r"\.(?:py|pyw|bat|cmd|sh|ps1|vbs|js|exe|conf|ini)$", re.IGNORECASE)
_INTERPRETER = re.compile(
    r"(?:py|python[\d.]*w?|cmd|bash|sh|dash|zsh|node|java|powershell|pwsh|wscript|cscript|uv|env)(?:\.exe)?",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\s*(?:#|;|::|REM\b|')", re.IGNORECASE)
_HERE = re.compile(r"%~dp0|%cd%|\$PSScriptRoot", re.IGNORECASE)  # stands right before a name, as a folder
_MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Suspect:
    """Something that looks like an old watchdog.

    Attributes:
        where: the timetable or file that it stands in, or "process 417". line: what stands there, or how it is run.
        pid: of a process.
    """

    where: str
    line: str
    pid: int | None = None


def program_of(command: Sequence[str]) -> str:
    """Return the file name that tells this program from others: the script's, not its interpreter's."""
    names = [_file_name(word) for word in command if not word.startswith("-") and not re.fullmatch(r"/[a-zA-Z]", word)]
    told = [name for name in names if name and not _INTERPRETER.fullmatch(name)]
    return told[0] if told else _file_name(command[0])


def old_watchdogs(
    command: Sequence[str],
    beside: Iterable[str],
    processes: Mapping[int, Sequence[str]],
    texts: Mapping[str, str],
) -> list[Suspect]:
    """Return what looks like an old watchdog of the program that *command* runs.

    Args:
        beside: the names of the files in the program's folder.
        processes: command lines by process id, without those of the unit itself.
        texts: timetables and files that may start it, such as a crontab, a list of scheduled tasks, or a batch file
            beside it, by the name that a person knows them by.
    """
    program = program_of(command)
    watchers = [name for name in beside if name != program and _WATCHES.search(name) and _PROGRAM.search(name)]
    mentions = _mentioning([program, *watchers])
    running = [Suspect(f"process {pid}", " ".join(words), pid) for pid, words in processes.items()]
    written = [
        Suspect(where, line.strip())
        for where, text in texts.items()
        for line in text.splitlines()
        if not _COMMENT.match(line)
    ]
    found = [suspect for suspect in [*running, *written] if mentions.search(_HERE.sub("/", suspect.line))]
    return list(dict.fromkeys(replace(suspect, line=suspect.line[:_MOST_SHOWN]) for suspect in found))


def _mentioning(names: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for any of the file *names*, as a whole."""
    return re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, names))})(?![\w-])", re.IGNORECASE)


def _file_name(word: str) -> str:
    return re.split(r"[/\\]", word)[-1]
