"""One round of the ERP worker: claim what lies in the inbox, settle every file, answer, prove."""

from typing import Any

import structlog

from jikimi.config.model import Ledger
from jikimi.erp.port import NotAllowed, Unavailable
from jikimi.queue.port import LeaseLost, QueueAway
from jikimi.vouchers.fileresult import FileResult, summarise
from jikimi.vouchers.filework import FileWork
from jikimi.vouchers.intake import Claimed, candidates, claim, claimed, ready
from jikimi.vouchers.posting import Desk, sweep
from jikimi.vouchers.shop import Shop

log = structlog.get_logger()
_AWAY = (Unavailable, NotAllowed, LeaseLost, QueueAway)


def run_cycle(shop: Shop) -> dict[str, Any]:
    """Work through the inbox and `work/`; return the document `jikimi.cycle`.

    A ledger whose ERP or lease is away leaves its files where they are. `outcome` is "done", "away" or
    "stopped"; only an error of ours raises.
    """
    results: list[FileResult] = []
    away: list[str] = []
    for ledger in Ledger:
        if not shop.watcher.stopping() and _work(shop, ledger):
            away += _settle_ledger(shop, ledger, results)
    outcome = "away" if away else "stopped" if shop.watcher.stopping() else "done"
    shop.journal.add({"total": 1, "success": int(outcome == "done")})
    at = shop.local_now().isoformat(timespec="seconds")
    return {"at": at, "outcome": outcome, **summarise(results), "away": away}


def _settle_ledger(shop: Shop, ledger: Ledger, results: list[FileResult]) -> list[str]:
    """Settle the ledger's files under its lease; return why it is away, or nothing."""
    desk = shop.desk_of(ledger)
    away = []
    try:
        desk.lease.take()
        away = _settle_files(shop, ledger, desk, results)
        sweep(desk)
    except _AWAY as error:
        away = [str(error)]
    finally:
        desk.lease.release()
    for why in away:
        log.warning("ledger.away", ledger=ledger.value, why=why)
    return [f"{ledger}: {why}" for why in away]


def _settle_files(shop: Shop, ledger: Ledger, desk: Desk, results: list[FileResult]) -> list[str]:
    for dropped in _dropped(shop, ledger):
        if claim(shop.config.home, dropped) is None:
            log.warning("file.not_claimed", file=dropped.name)
    work = FileWork(shop, ledger, desk)
    for file in _taken(shop, ledger):
        if shop.watcher.stopping():
            break
        desk.lease.check()
        result = work.settle(file)
        if result is not None:
            log.info("file.settled", **result.document())
            results.append(result)
        if result is not None and result.away:
            return [result.away]  # the next file would only wait for the same absence
    return []


def _work(shop: Shop, ledger: Ledger) -> bool:
    return bool(_taken(shop, ledger) or _dropped(shop, ledger))


def _dropped(shop: Shop, ledger: Ledger) -> list[Claimed]:
    settings = shop.config.settings
    found = ready(shop.config.home, settings.profiles, shop.clock.now(), settings.inbox.settle)
    return [file for file in found if _ledger_of(shop, file) is ledger]


def _taken(shop: Shop, ledger: Ledger) -> list[Claimed]:
    return [file for file in claimed(shop.config.home) if _ledger_of(shop, file) is ledger]


def _ledger_of(shop: Shop, file: Claimed) -> Ledger | None:
    """Return the ledger whose lease covers *file*; None for the folder of a profile that is no more."""
    profiles = shop.config.settings.profiles
    if not file.profile:
        return next((profile.ledger for profile in candidates(profiles).values()), None)
    return profiles[file.profile].ledger if file.profile in profiles else None
