"""The secrets of flows: one file each below `keys/flows/`, entered by a person, read when a flow asks for it."""

import os
import re
from pathlib import Path

from jikimi.config import Home
from jikimi.config.secret import NoSecret
from jikimi.config.secret import Secret as SecretFile
from jikimi.rpa.errors import NoSuchSecret

_NAME = re.compile(r"\w[\w.-]{0,63}")
_PRIVATE_FOLDER, _PRIVATE = 0o700, 0o600


def secret_file(home: Home, name: str) -> Path:
    """Return where the secret *name* lies.

    Raises:
        NoSuchSecret: no secret can have that name.
    """
    if not _NAME.fullmatch(name):
        raise NoSuchSecret(name=name)
    return home / "keys/flows" / name


def read_secret(home: Home, name: str) -> str:
    """Return the secret *name*.

    Raises:
        NoSuchSecret: nobody has entered it.
    """
    try:
        return SecretFile(file=secret_file(home, name)).read()
    except NoSecret:
        raise NoSuchSecret(name=name) from None


def write_secret(home: Home, name: str, value: str) -> None:
    """Keep the secret *name*, readable by this user only."""
    file = secret_file(home, name)
    file.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE), "w", encoding="utf-8") as to:
        to.write(value)
    partial.replace(file)
