"""A run is good only if its snapshot was read back and restored."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from jikimi.backup.port import ALL, Repository, Share, Stored, Told, Verified, nobody
from jikimi.backup.snapshot import Outcome
from jikimi.testing.backup import FakeDisk, FakeRepository
from tests.live.safe_home import SafeHome


class Lies(FakeRepository):
    """Gives back another content of the same size and time."""

    def restore(self, snapshot: str, into: Path, only: Sequence[str] = (), *, told: Told = nobody) -> None:
        super().restore(snapshot, into, only, told=told)
        path = into / "home/rules/card.toml"
        when = path.stat().st_mtime_ns
        path.write_bytes(b"# rulez\n")
        os.utime(path, ns=(when, when))


class Forgets(FakeRepository):
    """Leaves a database out."""

    def restore(self, snapshot: str, into: Path, only: Sequence[str] = (), *, told: Told = nobody) -> None:
        super().restore(snapshot, into, only, told=told)
        (into / "home/erp/company.sqlite").unlink()


class IsBroken(FakeRepository):
    """Is damaged for good."""

    def verify(self, share: Share = ALL) -> Verified:
        return Verified(("a pack",), said="damaged")


def run(folder: Path, repository: FakeRepository) -> tuple[SafeHome, Outcome, tuple[str, ...]]:
    home = SafeHome(folder, "file")
    repository.create()
    receipt = home.run(replace(home.safe(), repository=repository))
    return home, receipt.outcome, receipt.reasons


def test_one_that_is_as_it_should_be_is_good(tmp_path: Path) -> None:
    assert run(tmp_path, FakeRepository(FakeDisk()))[1:] == (Outcome.GOOD, ())


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Lies, "drill: damaged: home/rules/card.toml"),
        (Forgets, "drill: missing: home/erp/company.sqlite"),
        (IsBroken, "damaged: a pack"),
    ],
)
def test_one_that_cannot_be_proved_is_failed(tmp_path: Path, kind: type[FakeRepository], reason: str) -> None:
    home, outcome, reasons = run(tmp_path, kind(FakeDisk()))

    assert outcome is Outcome.FAILED
    assert reason in reasons
    assert [receipt.outcome for receipt in home.safe().receipts.read()] == [Outcome.FAILED]


def test_what_could_not_be_read_makes_it_partial_and_deletes_nothing(tmp_path: Path) -> None:
    home = SafeHome(tmp_path, "file")
    good = home.run()

    class Partly(FakeRepository):
        def put(self, *given: object, **named: object) -> Stored:
            return replace(super().put(*given, **named), unreadable=("home/rules/card.toml",))  # type: ignore[arg-type]

    repository: Repository = Partly(FakeDisk())
    repository.create()
    home.clock.advance(86_400)
    receipt = home.run(replace(home.safe(), repository=repository))

    assert receipt.outcome is Outcome.PARTIAL
    assert receipt.reasons == ("unreadable: home/rules/card.toml",)
    assert [one.id for one in home.repository.snapshots()] == [good.snapshot]
