"""A desktop of its own for flows on Linux: an X display that nobody sees, a window manager, accessibility."""

import secrets
import select
import shutil
import struct
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from jikimi.clock import Clock
from jikimi.rpa.drivers.atspi_program import ENDS_WITH_US
from jikimi.rpa.drivers.atspi_surface import AtspiSurface
from jikimi.rpa.drivers.gnome import Atspi, Gio, GLib
from jikimi.rpa.errors import NoSession

_SCREEN = "1280x1024x24"
_STARTS_WITHIN_S = 20.0
_CALL_MS = 2000
_FROM_THE_START = -1  # not only some time after a program has started
_A11Y = ("org.a11y.Bus", "/org/a11y/bus")
_ANY_HOST = 0xFFFF  # Xauthority's family for it
_COOKIE = b"MIT-MAGIC-COOKIE-1"
_NEEDED = ("Xvfb", "dbus-daemon", "openbox", "setpriv")


class AtspiDesktop:
    """One desktop, and one a process: libatspi stays with the first bus that it has talked to.

    Args:
        environment: what programs get, besides the display.
    """

    def __init__(self, clock: Clock, *, environment: Mapping[str, str]) -> None:
        self._clock = clock
        self._folder = Path(mkdtemp(prefix="jikimi-display-"))
        self._parts: list[subprocess.Popen[bytes]] = []
        self._environment = {
            **environment,
            "XAUTHORITY": str(self._folder / "authority"),
            "GDK_BACKEND": "x11",
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "NO_AT_BRIDGE": "0",
        }
        try:
            self._start()
        except NoSession:
            self.close()
            raise

    def _start(self) -> None:
        missing = [program for program in _NEEDED if shutil.which(program) is None]
        if missing:
            raise NoSession(why=f"not installed: {', '.join(missing)}")
        self._write_cookie()
        authority = self._environment["XAUTHORITY"]
        display = self._run(
            ["Xvfb", "-displayfd", "1", "-screen", "0", _SCREEN, "-nolisten", "tcp", "-auth", authority]
        )
        self._environment["DISPLAY"] = f":{display}"
        self._environment["DBUS_SESSION_BUS_ADDRESS"] = self._run(
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"]
        )
        self._run(["openbox"], tells=False)
        GLib.setenv("AT_SPI_BUS_ADDRESS", self._accessibility(), True)  # noqa: FBT003 - GLib's
        Atspi.init()
        Atspi.set_timeout(_CALL_MS, _FROM_THE_START)

    def surface(self) -> AtspiSurface:
        """Return a place for one program that shares nothing with earlier ones.

        Raises:
            NoSession: a part of the desktop has ended. This process cannot have another.
        """
        if not self.answers():
            raise NoSession(why="a part of the desktop has ended")
        return AtspiSurface(self._environment, self._clock)

    def answers(self) -> bool:
        """Return whether the desktop could be used now."""
        if any(part.poll() is not None for part in self._parts):
            return False
        try:
            Atspi.get_desktop(0).get_child_count()
        except GLib.Error:
            return False
        return True

    def close(self) -> None:
        """End the desktop; never raises."""
        for part in reversed(self._parts):
            part.kill()
            part.wait()
            if part.stdout is not None:
                part.stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, command: Sequence[str], *, tells: bool = True) -> str:
        """Start a part of the desktop, and return the line by which it tells that it is ready."""
        part = subprocess.Popen(
            [*ENDS_WITH_US, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if tells else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._environment,
        )
        self._parts.append(part)
        if part.stdout is None:
            return ""
        readable, _, _ = select.select([part.stdout], [], [], _STARTS_WITHIN_S)
        line = part.stdout.readline().decode().strip() if readable else ""
        if not line:
            raise NoSession(why=f"{command[0]} does not start")
        return line

    def _write_cookie(self) -> None:
        """Write the display's password: without one, everybody on this machine could look on and type."""
        cookie = secrets.token_bytes(16)
        fields = (b"", b"", _COOKIE, cookie)  # host and display: any
        entry = struct.pack(">H", _ANY_HOST) + b"".join(struct.pack(">H", len(text)) + text for text in fields)
        (self._folder / "authority").write_bytes(entry)

    def _accessibility(self) -> str:
        """Return the address of accessibility's own bus; to ask for it starts it."""
        try:
            bus = Gio.DBusConnection.new_for_address_sync(
                self._environment["DBUS_SESSION_BUS_ADDRESS"],
                Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
                None,
                None,
            )
            wanted = GLib.Variant("(ssv)", ("org.a11y.Status", "IsEnabled", GLib.Variant("b", True)))  # noqa: FBT003
            self._ask(bus, "org.freedesktop.DBus.Properties", "Set", wanted)
            address: str = self._ask(bus, "org.a11y.Bus", "GetAddress", None).unpack()[0]
            bus.close_sync(None)
        except GLib.Error as error:
            raise NoSession(why=f"accessibility does not start: {error.message}") from None
        return address

    def _ask(self, bus: Any, interface: str, method: str, what: Any) -> Any:
        flags = Gio.DBusCallFlags.NONE
        return bus.call_sync(*_A11Y, interface, method, what, None, flags, int(_STARTS_WITHIN_S * 1000), None)
