"""What the engine says of a few containers, kept current: looks are the truth, events only say when to look."""

import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, cast

import docker
import requests
import structlog
import urllib3
from docker.errors import APIError, DockerException, NotFound

log = structlog.get_logger()
API_VERSION = "1.44"  # the oldest with start_interval, which our compose file asks for
CALL_WITHIN_S = 10.0
_LOOKS_EACH_S, _POLLS_EACH_S = 30.0, 3.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 5.0
_SIGNAL_BASE = 128
_LONGEST_WHY = 200
# What a call may end with when the door or the engine is away or speaks nonsense. A stream that ends is one of the
# normal signs of an engine that restarts, and raises nothing at all.
AWAY = (DockerException, requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Container:
    """One container at one look.

    Attributes:
        made: its id: another one means that it was made anew.
        started: when its present or last life began, in seconds since 1970.
        exit_code: negative for a signal.
        is_new: it has been made and was never started: whoever made it is about to.
    """

    made: str
    is_running: bool
    is_paused: bool
    started: float
    exit_code: int
    ran_out_of_memory: bool
    is_new: bool = False


def client_of(url: str) -> docker.APIClient:
    """Return a client that asks nothing before its first call; names alone may be used with it, never ids."""
    client = docker.APIClient(base_url=url, version=API_VERSION, timeout=CALL_WITHIN_S)
    client.trust_env = False  # the door is next to us: no proxy of the company stands before it
    return client


def reason_of(error: Exception) -> str:
    """Return what went wrong: the engine's own words, else the end of what a library says, where the cause stands."""
    said = str(getattr(error, "explanation", None) or error)
    return said if len(said) <= _LONGEST_WHY else f"…{said[-_LONGEST_WHY:]}"


def container_from(document: Mapping[str, Any]) -> Container:
    """Return what an inspection says.

    Raises:
        ValueError: it is of no shape that we know.
    """
    try:
        state = document["State"]
        code = int(state["ExitCode"])
        return Container(
            made=str(document["Id"]),
            is_running=bool(state["Running"]) and not state.get("Restarting"),
            is_paused=bool(state["Paused"]),
            started=datetime.fromisoformat(state["StartedAt"]).timestamp(),
            exit_code=_SIGNAL_BASE - code if code > _SIGNAL_BASE else code,
            ran_out_of_memory=bool(state.get("OOMKilled")),
            is_new=state.get("Status") == "created",
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"no inspection: {error!r}") from None


class Containers:
    """Keeps what is known of the containers of *names* (unit -> container), in two threads.

    Args:
        connect: returns a client; each thread has its own.
        unheard: units of whose containers the door lets no event through, since they are not this stack's.

    Attributes:
        is_away: the engine, or the way to it, does not answer.
    """

    def __init__(
        self, names: Mapping[str, str], connect: Callable[[], docker.APIClient], unheard: Collection[str] = ()
    ) -> None:
        self._unheard = unheard
        self._units = {container: unit for unit, container in names.items()}
        self._names, self._connect = dict(names), connect
        self._known: dict[str, Container] = {}
        self._aside: set[str] = set()  # units that somebody else has stopped, paused or removed
        self._ours: dict[str, int] = {}  # units with calls of ours under way
        self._awaited: dict[str, int] = {}  # "stop" events that our own calls will cause, and that may come late
        self._refused: set[str] = set()  # units whose names the door does not know
        self._lock = threading.Lock()
        self._wake, self._is_closed = threading.Event(), threading.Event()
        self._stream: Any = None
        self.is_away = True
        self.looks = 0
        self.look()
        self._threads = [
            threading.Thread(target=work, name="engine", daemon=True) for work in (self._look_again, self._listen)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End both threads."""
        self._is_closed.set()
        self._wake.set()
        if self._stream is not None:
            with suppress(*AWAY):
                self._stream.close()
        for thread in self._threads:
            thread.join(CALL_WITHIN_S)

    def get(self, unit: str) -> Container | None:
        """Return what is known of the unit's container; None means that there is none."""
        with self._lock:
            return self._known.get(unit)

    def is_set_aside(self, unit: str) -> bool:
        """Return whether somebody else has stopped, paused or removed it."""
        with self._lock:
            return unit in self._aside

    def acting(self, unit: str, by: int, *, stops: bool = False) -> None:
        """Say that a call of ours on the unit begins (1) or has ended (-1): what it causes is nobody else's doing."""
        with self._lock:
            if stops and by > 0:
                self._awaited[unit] = 1
            self._ours[unit] = self._ours.get(unit, 0) + by
            self._aside.discard(unit)

    def awaits_no_stop(self, unit: str) -> None:
        """Say that our call has stopped nothing: the next "stop" of the unit is somebody else's."""
        with self._lock:
            self._awaited.pop(unit, None)

    def look(self, unit: str = "", client: docker.APIClient | None = None) -> None:
        """Ask the engine for one unit or for all of them."""
        try:
            found = self._ask(client, [unit] if unit else list(self._names))
        except AWAY as error:
            if not self.is_away:
                log.warning("engine.away", why=reason_of(error))
            self.is_away = True
            return
        with self._lock:
            for name, container in found.items():
                if container is None:
                    self._known.pop(name, None)
                else:
                    self._known[name] = container
        if self.is_away:
            log.info("engine.back", units=len(found))
        self.is_away = False
        self.looks += 1

    def _ask(self, client: docker.APIClient | None, units: list[str]) -> dict[str, Container | None]:
        """Return what the engine says of *units*; nothing of one whose name the door does not know, if it knows any."""
        own = client or self._connect()
        found: dict[str, Container | None] = {}
        refused: APIError | None = None
        try:
            for unit in units:
                try:
                    found[unit] = _inspected(own, self._names[unit])
                except APIError as error:
                    if error.status_code != HTTPStatus.FORBIDDEN:
                        raise
                    refused = error
                    self._tell_refused(unit, error)
        finally:
            if client is None:
                own.close()
        if refused and len(units) > 1:
            if not found:  # it knows none of ours: a door that is not ready says nothing about the engine
                raise refused
            found |= dict.fromkeys(set(units) - set(found))
        return found

    def _tell_refused(self, unit: str, error: APIError) -> None:
        """Tell once of a name that the door does not know yet: `init` gives it to the door at the next `up`."""
        if unit not in self._refused:
            self._refused.add(unit)
            log.warning("container.refused", unit=unit, container=self._names[unit], why=reason_of(error))

    def _look_again(self) -> None:
        pause_s, since_s = _FIRST_PAUSE_S, 0.0
        with closing(self._connect()) as client:
            while True:
                wait_s = pause_s if self.is_away else _POLLS_EACH_S if self._unheard else _LOOKS_EACH_S
                is_woken = self._wake.wait(wait_s)
                self._wake.clear()
                if self._is_closed.is_set():
                    return
                since_s += wait_s
                if is_woken or self.is_away or since_s >= _LOOKS_EACH_S:
                    self.look(client=client)
                    since_s = 0.0
                else:
                    for unit in self._unheard:
                        self.look(unit, client)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S) if self.is_away else _FIRST_PAUSE_S

    def _listen(self) -> None:
        while not self._is_closed.is_set():
            with closing(self._connect()) as client:
                try:
                    self._stream = client.events(decode=True)
                    self._wake.set()  # what happened before it was open is seen by a look
                    for event in self._stream:
                        self._take(event, client)
                except AWAY as error:
                    log.info("events.ended", why=reason_of(error))
            self._wake.set()  # a stream has ended: the engine is going away, or has come back
            self._is_closed.wait(_FIRST_PAUSE_S)

    def _take(self, event: object, client: docker.APIClient) -> None:
        """Take one event; one that we do not understand says nothing."""
        try:
            document = cast("dict[str, Any]", event)
            unit = self._units[document["Actor"]["Attributes"]["name"]]
            action = str(document["Action"])
        except (KeyError, TypeError):
            return
        with self._lock:
            is_by_others = not self._ours.get(unit)
            if action == "stop" and self._awaited.pop(unit, 0):
                is_by_others = False
            elif action == "start":
                self._awaited.pop(unit, None)
        self.look(unit, client)
        with self._lock:
            if action in ("stop", "pause", "destroy") and is_by_others:
                self._aside.add(unit)
            elif action in ("start", "unpause"):  # a "die" may come after the "stop" that caused it
                self._aside.discard(unit)


def _inspected(client: docker.APIClient, name: str) -> Container | None:
    try:
        return container_from(client.inspect_container(name))
    except NotFound:
        return None
