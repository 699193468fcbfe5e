"""Which places are ours, and which profiles a loose file may belong to."""

from collections.abc import Iterable, Mapping

from jikimi.config import Profile
from jikimi.config.model import Ledger
from jikimi.inbox import LOOSE


def places(profiles: Iterable[str]) -> tuple[str, ...]:
    """Return where statements are dropped: the inbox itself, and the folder of each profile."""
    return (LOOSE, *profiles)


def candidates(profiles: Mapping[str, Profile]) -> dict[str, Profile]:
    """Return the profiles that a loose file may belong to: practice is entered by its folder only."""
    return {name: profile for name, profile in profiles.items() if profile.ledger is not Ledger.PRACTICE}
