"""A program on a Linux desktop keeps the contract of all surfaces.

It runs where GNOME's libraries are: in the image `rpa-desktop` (tests/docker/test_desktop.py), or on a machine that has
python3-gi. It needs nothing of the tests' own environment but pytest, so that the image has to have no more.
"""

import os
import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jikimi.clock import SystemClock
from jikimi.config.load import inherited
from jikimi.rpa.port import Health
from jikimi.rpa.selector import button, field
from tests.contract.surface_contract import SOON, SurfaceContract

gi = pytest.importorskip("gi", reason="python3-gi is missing")
gi.require_version("GdkPixbuf", "2.0")

from gi.repository import GdkPixbuf  # noqa: E402 - the version is chosen before

from jikimi.rpa.drivers.atspi import AtspiDesktop  # noqa: E402 - only where there is python3-gi
from jikimi.rpa.drivers.atspi_surface import AtspiSurface  # noqa: E402 - the same

PROGRAM = Path(__file__).with_name("surface_gtk.py")
_OPENS_WITHIN_S = 30.0
_HANG_TOLD_WITHIN_S = 5.0


class Desktop:
    """The screen of the contract on a desktop."""

    def __init__(self, desktop: AtspiDesktop) -> None:
        self.address = shlex.join([sys.executable, str(PROGRAM)])
        self.surface: AtspiSurface = desktop.surface()
        self.surface.open(self.address, _OPENS_WITHIN_S)

    @property
    def pid(self) -> int:
        return self.surface._program.pid

    def hang(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def end(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)


@pytest.fixture(scope="module")
def desktop() -> Iterator[AtspiDesktop]:
    desktop = AtspiDesktop(SystemClock(), environment=inherited())
    yield desktop
    desktop.close()


@pytest.fixture
def ward(desktop: AtspiDesktop) -> Iterator[Desktop]:
    ward = Desktop(desktop)
    yield ward
    ward.surface.close()


class TestAtspiSurface(SurfaceContract):
    def test_a_password_is_black_in_the_picture_and_nowhere_in_what_can_be_read(self, ward: Desktop) -> None:
        ward.surface.find(field("비밀번호"), SOON).set("s3cret")

        place = ward.surface._one(field("비밀번호"), SOON).place()
        shot = ward.surface.shot()

        assert shot is not None
        loader = GdkPixbuf.PixbufLoader()
        loader.write(shot)
        loader.close()
        part = loader.get_pixbuf().new_subpixbuf(place.x, place.y, place.width, place.height)
        row = part.get_width() * part.get_n_channels()
        pixels, stride = part.get_pixels(), part.get_rowstride()
        assert not any(any(pixels[top : top + row]) for top in range(0, stride * part.get_height(), stride))
        assert "s3cret" not in ward.surface.tree() + ward.surface.text()

    def test_before_a_program_is_opened_there_is_nothing_to_be_seen(self, desktop: AtspiDesktop) -> None:
        surface = desktop.surface()

        assert (surface.dialogs(), surface.notices(), surface.text()) == ([], [], "")
        assert surface.health() is Health.OK
        surface.close()

    def test_a_program_that_was_stopped_is_known_to_hang_and_goes_on_when_it_is_let(self, ward: Desktop) -> None:
        clock = SystemClock()
        ward.hang()
        began = clock.ticks()

        assert ward.surface.health() is Health.HUNG
        took = clock.ticks() - began

        print(f"\na stopped program is known to hang after {took:.1f} s")  # noqa: T201 - a figure for the log
        assert took < _HANG_TOLD_WITHIN_S
        os.kill(ward.pid, signal.SIGCONT)
        ward.surface.find(field("일자"), SOON).set("2026-11-29")
        assert ward.surface.health() is Health.OK

    def test_a_program_may_be_opened_again_in_the_place_of_one_that_hangs(self, ward: Desktop) -> None:
        ward.hang()

        ward.surface.open(ward.address, _OPENS_WITHIN_S)

        assert ward.surface.shows(button("저장"))

    def test_nobody_without_the_display_s_password_may_look_at_it(self, desktop: AtspiDesktop, tmp_path: Path) -> None:
        keyless = {**desktop._environment, "XAUTHORITY": str(tmp_path / "none")}
        surface = AtspiSurface(keyless, SystemClock())

        with pytest.raises(Exception, match="did not come up"):
            surface.open(shlex.join([sys.executable, str(PROGRAM)]), _OPENS_WITHIN_S)
        surface.close()
