"""The secrets of a stack of containers: made once, and each given only to the services that use it.

Every service mounts one folder with its own copies. There is no master copy: whatever copy is left makes the others
again, so losing one folder loses nothing.
"""

import hashlib
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

OWN, POSTGRES, GRAFANA = 10001, 999, 472  # the users that these images run as
USERS = {"erp-db": POSTGRES, "grafana": GRAFANA}
_BYTES = 32
_SHARED_BY_WORKERS = "~rq:workers ~rq:queues ~rq:clean_groups ~rq:group* %R~rq:*"
_SAFE = (
    "resetchannels -@all +@read +@write +@connection +@transaction -@scripting -@dangerous -@admin"
    " +eval +evalsha +script|load +script|exists +info +time"
)


def _queue(name: str) -> str:
    return f"~rq:*:{name} ~rq:*:{name}:* ~rq:*:{name}-* {_SHARED_BY_WORKERS}"


# service -> what it may do in Redis. The beats of all units share one index, so `jk:due` is everybody's. Whoever saves
# is sent everything, as a replica is, and puts it back.
_MAY = {
    "supervisor": f"~* {_SAFE} +client|list",
    "erp-worker": f"{_queue('erp')} ~jk:* {_SAFE} +client|list",
    "rpa-worker": (
        f"{_queue('rpa')} ~jk:handed:rpa-* ~jk:probe ~jk:refused ~jk:u:rpa-worker ~jk:due {_SAFE} +client|list"
    ),
    "backup": (
        f"{_queue('backup')} ~jk:handed:backup-* ~jk:probe ~jk:refused ~jk:u:backup ~jk:due {_SAFE} +client|list +sync"
        " ~rq:queue:control ~rq:*:control-backup-* (~rq:* ~jk:* -@all +restore +unlink)"
    ),
    "scheduler": f"~rq:* ~jk:u:scheduler ~jk:due ~jk:refused ~jk:sched:* ~jk:fired ~jk:missed {_SAFE}",
}
# who has an actor's key: the supervisor, which verifies it, and the service that gives its orders
_ORDERED = ("supervisor",)
_HAVE_ORDERS_OF = {"schedule": (*_ORDERED, "scheduler"), "backup": (*_ORDERED, "backup")}


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret and the services that have it."""

    name: str
    services: tuple[str, ...]
    make: Callable[[], str]


def key() -> str:
    """Return a new random key as hexadecimal digits."""
    return secrets.token_hex(_BYTES)


def secrets_of(actors: Sequence[str]) -> list[Secret]:
    """Return what every service is given.

    Args:
        actors: who may give orders to the supervisor; each has a key of its own.
    """
    return [
        Secret("signing", ("supervisor", "erp-worker", "rpa-worker", "scheduler", "backup"), lambda: f"{key()}\n"),
        *(Secret(f"control-{actor}", _HAVE_ORDERS_OF.get(actor, _ORDERED), lambda: f"{key()}\n") for actor in actors),
        Secret("erp-application", ("erp-worker", "erp"), lambda: f"{key()}{key()}"),
        *(Secret("redis", (service,), key) for service in _MAY),
        Secret("postgres", ("erp-db", "erp", "backup"), key),
        Secret("admin-password", ("grafana",), lambda: secrets.token_urlsafe(12)),
    ]


def give_all(folder: Path, wanted: Sequence[Secret]) -> list[str]:
    """Make what is missing in `folder/SERVICE/NAME`, for that service's user alone; return what was made."""
    made = []
    for secret in wanted:
        paths = [folder / service / secret.name for service in secret.services]
        value = next((text for path in paths if (text := _text(path))), "")
        if not value:
            value = secret.make()
            made.append(f"{secret.services[0]}/{secret.name}")
        for service, path in zip(secret.services, paths, strict=True):
            write_for(service, path, value)
    password = _text(folder / "erp/postgres")
    for service in ("erp", "backup"):
        write_for(service, folder / service / "pgpass", f"erp-db:5432:*:jikimi:{password}\n")
    rules = [_acl(service, _text(folder / service / "redis")) for service in _MAY]
    write_for("redis", folder / "redis/users.acl", "\n".join([_NOBODY, _HEALTH, *rules, ""]))
    return made


# Nobody can be `default`, yet Redis itself is when it reads its own file at a start: one that may do nothing there
# loses every transaction that was written.
_NOBODY = "user default off resetpass ~* &* +@all"
# whoever asks whether Redis lives needs no password and can do nothing else
_HEALTH = "user health on nopass resetchannels -@all +ping"


def write_for(service: str, path: Path, text: str) -> None:
    """Write a file that only the user of *service* may read, whole or not at all; leave one that says the same."""
    user = USERS.get(service, OWN)
    path.parent.mkdir(parents=True, exist_ok=True)
    if _text(path) != text:
        partial = path.with_name(f".{path.name}.partial")
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o400)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    for place, mode in ((path.parent, 0o700), (path, 0o400)):
        os.chown(place, user, user)
        place.chmod(mode)


def _acl(service: str, password: str) -> str:
    return f"user {service} on #{hashlib.sha256(password.encode()).hexdigest()} {_MAY[service]}"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
