"""What the safe relies on in a second repository; run against the fake and against both engines."""

from datetime import timedelta
from pathlib import Path

import pytest

from jikimi.backup.port import (
    Damaged,
    NoRepository,
    NotStored,
    OffsiteRepository,
    Repository,
    RepositoryThere,
    Source,
    WrongKey,
)
from tests.contract.repository_contract import AT, look


class OffsiteWard:
    """A second repository that was created, and the first one that fills it."""

    local: Repository
    there: OffsiteRepository

    def fresh(self) -> OffsiteRepository:
        """Return one at another place, where nothing was made yet."""
        raise NotImplementedError

    def with_key(self, key: str) -> OffsiteRepository:
        """Return the same one, to be read with another key: "recovery" was added to it, "local" opens the first."""
        raise NotImplementedError

    def damage_local(self, snapshot: str) -> None:
        """Flip a bit of what the first one has stored."""
        raise NotImplementedError


class OffsiteContract:
    """A subclass gives `ward`."""

    @pytest.fixture
    def stored(self, ward: OffsiteWard, tree: Path) -> str:
        return ward.local.put([Source("home/tree", tree)], AT).snapshot

    def test_it_is_never_made_by_itself_nor_over_another(self, ward: OffsiteWard, stored: str) -> None:
        fresh = ward.fresh()
        for attempt in (fresh.identity, fresh.check_open, fresh.snapshots, lambda: fresh.take(stored)):
            with pytest.raises((NoRepository, NotStored)):
                attempt()
        with pytest.raises(NoRepository):
            fresh.identity()
        with pytest.raises(RepositoryThere):
            ward.there.create()

        fresh.create()

        assert fresh.identity() != ward.there.identity()
        assert ward.there.identity() == ward.there.identity()

    def test_a_copy_is_what_was_saved_and_says_of_which(
        self, ward: OffsiteWard, stored: str, tree: Path, tmp_path: Path
    ) -> None:
        told: list[float] = []
        ward.there.take(stored, told=told.append)

        (copy,) = ward.there.snapshots()
        assert (copy.original, copy.at) == (stored, AT)
        assert all(0 <= share <= 1 for share in told)
        ward.there.restore(copy.id, tmp_path / "out")
        assert look(tmp_path / "out/home/tree") == look(tree)
        assert ward.there.verify()

    def test_what_is_there_is_not_copied_again(self, ward: OffsiteWard, stored: str) -> None:
        for _ in range(2):
            ward.there.take(stored)

        assert len(ward.there.snapshots()) == 1

    def test_what_is_gone_here_stays_there(self, ward: OffsiteWard, stored: str, tree: Path, tmp_path: Path) -> None:
        ward.there.take(stored)
        ward.local.put([Source("home/tree", tree)], AT + timedelta(days=1))
        ward.local.delete([stored])
        ward.local.reclaim()

        (copy,) = ward.there.snapshots()
        ward.there.restore(copy.id, tmp_path / "out")
        assert look(tmp_path / "out/home/tree") == look(tree)

    def test_its_keys_are_not_those_of_the_first(self, ward: OffsiteWard, stored: str) -> None:
        ward.there.take(stored)
        (copy,) = ward.there.snapshots()

        assert ward.with_key("recovery").read(copy.id, "home/tree/secret") == b"s" * 5000
        with pytest.raises(WrongKey):
            ward.with_key("local").read(copy.id, "home/tree/secret")

    def test_damage_is_not_copied(self, ward: OffsiteWard, stored: str) -> None:
        ward.damage_local(stored)

        with pytest.raises((Damaged, NotStored)):
            ward.there.take(stored)

        assert ward.there.snapshots() == []
        assert ward.there.verify()

    def test_it_lets_go_what_it_is_told_to(self, ward: OffsiteWard, stored: str) -> None:
        ward.there.take(stored)
        ward.there.delete([one.id for one in ward.there.snapshots()])
        ward.there.reclaim()

        assert ward.there.snapshots() == []
        assert ward.there.verify()
