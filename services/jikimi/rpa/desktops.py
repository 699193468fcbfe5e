"""The desktop of this machine that flows of the queue "ui" are driven in."""

from collections.abc import Mapping
from typing import Protocol

from jikimi.clock import Clock
from jikimi.errors import NotWell
from jikimi.rpa.port import Surface
from jikimi.text import Text


class NoDesktop(NotWell):
    """There is nothing here that flows could work in the windows of programs with."""

    what = Text("바탕화면 프로그램을 다룰 수 없습니다: {why}", "windows of programs cannot be worked with here: {why}")
    remedy = Text(
        "컨테이너에서 실행하세요: docker compose run --rm rpa-desktop flow run 이름. "
        "또는 설치: apt install python3-gi gir1.2-atspi-2.0 gir1.2-gtk-3.0 at-spi2-core xvfb openbox",
        "run it in a container: docker compose run --rm rpa-desktop flow run NAME; "
        "or: apt install python3-gi gir1.2-atspi-2.0 gir1.2-gtk-3.0 at-spi2-core xvfb openbox",
    )


class Desktop(Protocol):
    """What shows the windows of programs."""

    def surface(self) -> Surface:
        """Return a place for one program."""
        ...

    def close(self) -> None:
        """End it."""
        ...


def open_desktop(clock: Clock, environment: Mapping[str, str]) -> Desktop:
    """Return a desktop of its own, whose programs get *environment*.

    Raises:
        NoDesktop: this system's Python has no way to it.
        NoSession: it does not start.
    """
    try:
        from jikimi.rpa.drivers.atspi import AtspiDesktop  # noqa: PLC0415 - few machines have what it needs
    except (ImportError, ValueError) as error:  # ValueError: `gi` is there without the parts that are meant
        raise NoDesktop(why=str(error)) from None
    return AtspiDesktop(clock, environment=environment)
