"""Fetch Tryton's web client, so that a person can look into the books with a browser.

It is GPL software of Tryton's makers: fetched beside us when wanted, never part
of us. Every package has one version and one digest here; what does not fit is
refused. Only the files that its page names are kept, with their licences. The
folder appears by one rename, so a fetch that is killed leaves no half client.
"""

import argparse
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

EX_DATAERR, EX_UNAVAILABLE, EX_CANTCREAT = 65, 69, 73
_WAIT_SECONDS = 300

CLIENT = "tryton-sao"
# name: (version, sha512 as npm writes it); the client's series is the server's.
PACKAGES = {
    CLIENT: ("8.0.11", "RoDeizE/srwG+iAqTA3DBteB5yJAq3LnNqr6BT9DTwgbH5UeNKe9mZotGfGKNh3pi4kZInfCl4tHAz8idjG75w=="),
    "jquery": ("3.8.0", "AOYt0viqPysMUTq45O8gF9DuOnBT3Il/8WtM/TT8z/2QeGsZ70ImwSJtNFxznn2R71v8yIgaEunOGo82OY/f0g=="),
    "bootstrap": ("3.4.1", "yN5oZVmRCwe5aKwzRj6736nSmKDX7pLYwsXiCj/EYmo16hODaBiT4En5btW/jhBF/seV+XMx3aYwukYC3A49DA=="),
    "moment": ("2.31.0", "0acOTfMiWOheYS4eoWb80yYMb/JLvVv9SHbs2PehaDzfUG0Bw855SKyk0IKTnPGa5+U2bmi3W68l1+sGLX/pvw=="),
    "gettext.js": ("2.0.3", "11gyttZWBUBkenEVgPMqJTL9TIKaH4PW6ZCMZr+lNXrgiYHXBg+bOGAc8OjfLE8lvi0dgwtqrSfScd310PlKJw=="),
    "d3": ("7.9.2", "ZKb/mONPVKzaO5UlcWcwN8bS4ezvQaYu+bsou+XgNABdGC800kwH651ADTbbTxMPHW13UlvbQafdmJQDk1w7Mg=="),
    "billboard.js": (
        "3.18.0",
        "aci69MLwOX0HfdmQHk+v/iA7L4R+wG53hW9VwhkYzMOyqemWLjscf229XsQRrTau9EJSVyOHnr/rpVukoqppXw==",
    ),
    "papaparse": ("5.7.1", "qOR+UDWv6D3hMxnWWOk0ZpBdCkd+kw5Yh7aXOaNSQU8A+73EA2bhW7EiUix/hY0yulUi5FRvt7PpYSI2VDvY0g=="),
    "fullcalendar": (
        "3.10.5",
        "JGWpECKgza/344bbF5QT0hBJpx04DZ/7QGPlR1ZbAwrG6Yz6mWEkQd+NnZUh1sK6HCBIPnPRW2x53aJxeLGvvQ==",
    ),
    "mousetrap": ("1.6.5", "QNo4kEepaIBwiT8CDhP98umTetp+JNfQYBWvC1pc6/OAibuXtRcxZ58Qz8skvEHYvURne/7R8T5VoOI7rDsEUA=="),
    "sortablejs": (
        "1.15.7",
        "Kk8wLQPlS+yi1ZEf48a4+fzHa4yxjC30M/Sr2AnQu+f/MPwvvX9XjZ6OWejiz8crBsLwSq8GHqaxaET7u6ux0A==",
    ),
}
_OF_CLIENT = re.compile(r"index\.html|LICENSE|COPYRIGHT|package\.json|(dist|images|sounds)/.+|locale/[^/]+\.json")
_OF_ALL = re.compile(r"package\.json|LICEN[CS]E[^/]*|COPYING[^/]*")


class Unfetched(Exception):
    """The client could not be fetched; `exit_code` says what kind of trouble it was."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def say(fact: dict[str, Any]) -> None:
    """Tell the parent process one fact, as one line of JSON."""
    sys.stdout.write(json.dumps(fact, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def pack(npm: str, name: str, into: Path) -> Path:
    """Let npm fetch one package as it was published, and check its digest."""
    version, digest = PACKAGES[name]
    command = [npm, "pack", "--silent", "--ignore-scripts", f"{name}@{version}"]
    try:
        done = subprocess.run(
            command,
            cwd=into,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_WAIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unfetched(f"npm did not fetch {name} within {_WAIT_SECONDS} seconds", EX_UNAVAILABLE) from None
    archive = into / f"{name}-{version}.tgz"
    if done.returncode or not archive.is_file():
        told = done.stderr.strip() or done.stdout.strip() or "npm said nothing; is the network there?"
        raise Unfetched(f"npm could not fetch {name} {version}: {told}", EX_UNAVAILABLE)
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != digest:
        raise Unfetched(f"{name} {version} is not the package that we know: its digest is {found}", EX_DATAERR)
    return archive


def unpack(archive: Path, into: Path, wanted: Callable[[str], bool]) -> None:
    """Write the wanted plain files of *archive* below *into*."""
    with tarfile.open(archive) as tar:
        for member in tar:
            name = member.name.partition("/")[2]
            content = tar.extractfile(member) if member.isfile() and ".." not in name.split("/") else None
            if content is None or not wanted(name):
                continue
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.read())


def build(npm: str, packs: Path, client: Path) -> None:
    """Put the whole client together in the folder *client*."""
    names = list(PACKAGES)
    unpack(pack(npm, CLIENT, packs), client, lambda name: bool(_OF_CLIENT.fullmatch(name)))
    page = (client / "index.html").read_text(encoding="utf-8")
    named = set(re.findall(r'"node_modules/([^"]+)"', page))
    say({"step": "webclient", "done": 1, "of": len(names)})
    for done, package in enumerate(names[1:], start=2):
        mine = {path.removeprefix(f"{package}/") for path in named if path.startswith(f"{package}/")}
        unpack(
            pack(npm, package, packs),
            client / "node_modules" / package,
            # The icons of the client are a font of Bootstrap, named by the style sheet.
            lambda name, mine=mine: name in mine or bool(_OF_ALL.fullmatch(name)) or name.startswith("fonts/"),
        )
        say({"step": "webclient", "done": done, "of": len(names)})
    missing = [path for path in named if not (client / "node_modules" / path).is_file()]
    if missing:
        raise Unfetched(f"the page of the client names files that no package has: {', '.join(missing)}", EX_DATAERR)


def fetch(into: Path) -> bool:
    """Fetch the client into the folder *into*; answer whether there was anything to do."""
    if (into / "index.html").is_file():
        return False
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise Unfetched(f"{into} is in the way: it is neither empty nor the web client", EX_CANTCREAT)
    npm = shutil.which("npm")
    if npm is None:
        raise Unfetched(
            "npm is not on PATH; the web client needs it (https://nodejs.org), the ERP does not", EX_UNAVAILABLE
        )
    aside = into.parent / f".fetching-{into.name}"
    shutil.rmtree(aside, ignore_errors=True)
    try:
        (aside / "packs").mkdir(parents=True)
        build(npm, aside / "packs", aside / "client")
        if into.exists():
            into.rmdir()
        (aside / "client").rename(into)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return True


def main() -> int:
    """Fetch the client, or say why not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, required=True, help="the folder that Tryton's [web] root names")
    args = parser.parse_args()
    try:
        fetched = fetch(args.into.absolute())
    except Unfetched as trouble:
        sys.stderr.write(f"{trouble}\n")
        return trouble.exit_code
    except OSError as trouble:
        sys.stderr.write(f"the web client could not be written: {trouble}\n")
        return EX_CANTCREAT
    say({"step": "ready", "done": 1, "of": 1, "built": fetched})
    return 0


if __name__ == "__main__":
    sys.exit(main())
