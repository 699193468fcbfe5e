"""How the safe stands, for the snapshot: read from its receipts now and then, whoever saves."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jikimi.backup.receipts import Receipts
from jikimi.backup.snapshot import newest_good
from jikimi.backup.standing import freshness, key_standing, offsite_freshness
from jikimi.cli.context import Context
from jikimi.cli.offsite_safe import offsite_note
from jikimi.cli.safe import key_dates, safe_keys, safe_place
from jikimi.status.document import Check
from jikimi.status.reader import as_called
from jikimi.text import Text

_READ_EACH_S = 30.0
_CURE_OFFSITE = Text("지금 하려면: jikimi backup offsite run", "to do it now: jikimi backup offsite run")
_CURE = Text("지금 하려면: jikimi backup run", "to make one now: jikimi backup run")


class SafeWatch:
    """Reads the receipts of a home."""

    def __init__(self, context: Context) -> None:
        config = context.config
        self._context = context
        self._receipts = Receipts(safe_place(config).folder, config.home / "state/backup")
        self._read_at = float("-inf")
        self.backup: Mapping[str, Any] = {"last_good": None, "verified": None}
        self.checks: Sequence[Check] = ()

    def look(self) -> None:
        """Read them again if that was long ago."""
        clock = self._context.clock
        if clock.ticks() - self._read_at < _READ_EACH_S:
            return
        self._read_at = clock.ticks()
        now, (made, confirmed) = clock.now(), key_dates(self._context.config)
        last = newest_good(self._receipts.read(), now)
        self.backup = {
            "last_good": last.at.isoformat() if last else None,
            "verified": last.verified and last.drilled if last else None,
        }
        fresh = freshness(last.at if last else None, made, now)
        keys = key_standing(made, confirmed, now)
        self.checks = [
            self._check("backup", fresh.state, fresh.message, _CURE, hours=fresh.hours),
            self._check("recovery-sheet", keys.state, keys.message, None, days=keys.days_left),
        ]
        if self._context.config.settings.backup.offsite.to:
            self.checks = [*self.checks, self._offsite(now)]

    def _offsite(self, now: datetime) -> Check:
        config = self._context.config
        noted, late = offsite_note(config).read(), config.settings.backup.offsite.late
        is_made = noted.is_made or bool(safe_keys(config).offsite_id())  # a note may be lost, keys be out of sight
        found = offsite_freshness(noted.newest, now, late, is_made=is_made, is_damaged=noted.is_damaged)
        why = f": {noted.why}" if noted.why else ""
        cure = _CURE_OFFSITE if is_made else None
        return self._check("offsite", found.state, found.message, cure, hours=found.hours, why=why)

    def _check(self, name: str, state: str, message: Text | None, cure: Text | None, **facts: object) -> Check:
        lang, called = self._context.lang, self._context.called
        said = as_called(message.say(lang, **facts), called) if message else ""
        return Check(name, state, said, as_called(cure.say(lang), called) if message and cure else "")
