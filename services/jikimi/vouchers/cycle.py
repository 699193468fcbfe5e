"""One round of the ERP worker: claim what lies in the inbox, settle every file, answer, prove."""

from datetime import datetime
from typing import Any

import structlog

from jikimi.config.model import Ledger
from jikimi.erp.port import NotAllowed, Unavailable
from jikimi.inbox import LEAST_FREE_BYTES, Claimed, claim, claimed, ready
from jikimi.queue.port import LeaseLost, QueueAway
from jikimi.vouchers.cycle_log import CycleLog, prune_cycle_logs
from jikimi.vouchers.fileresult import FileResult, summarise
from jikimi.vouchers.filework import FileWork
from jikimi.vouchers.intake import candidates, places
from jikimi.vouchers.posting import sweep
from jikimi.vouchers.shop import Shop

log = structlog.get_logger()
_AWAY = (Unavailable, NotAllowed, LeaseLost, QueueAway)


def run_cycle(shop: Shop) -> dict[str, Any]:
    """Work through the inbox and `work/`; return the document `jikimi.cycle`.

    A ledger whose ERP or lease is away leaves its files where they are. `outcome` is "done", "away" or
    "stopped"; only an error of ours raises.
    """
    began = shop.local_now()
    folder = shop.config.home / "logs/cycles"
    ledgers = [ledger for ledger in Ledger if _has_work(shop, ledger)]
    if not ledgers:
        return _document(shop, began, [], [])
    with CycleLog(folder, began) as told:
        results: list[FileResult] = []
        away = [why for ledger in ledgers for why in _settle_ledger(shop, ledger, told, results)]
        document = _document(shop, began, results, away)
        told.end(document)
    prune_cycle_logs(folder, shop.clock.now(), shop.config.settings.keep.cycle_logs)
    return document


def _document(shop: Shop, began: datetime, results: list[FileResult], away: list[str]) -> dict[str, Any]:
    outcome = "away" if away else "stopped" if shop.watcher.stopping() else "done"
    shop.journal.add({"total": 1, "success": int(outcome == "done")})
    return {"at": began.isoformat(timespec="seconds"), "outcome": outcome, **summarise(results), "away": away}


def _settle_ledger(shop: Shop, ledger: Ledger, told: CycleLog, results: list[FileResult]) -> list[str]:
    """Settle the ledger's files under its lease; return why it is away, or nothing."""
    if shop.watcher.stopping():
        return []
    desk = shop.desk_of(ledger)
    away = []
    shop.watcher.moved(f"settling {ledger}", len(results))
    try:
        desk.lease.take()
        away = _settle_files(shop, ledger, FileWork(shop, ledger, desk, told), results)
        if not away:
            sweep(desk)
    except _AWAY as error:
        away = [str(error)]
    finally:
        desk.lease.release()
    for why in away:
        log.warning("ledger.away", ledger=ledger.value, why=why)
    return [f"{ledger}: {why}" for why in away]


def _settle_files(shop: Shop, ledger: Ledger, work: FileWork, results: list[FileResult]) -> list[str]:
    free = shop.free_bytes()
    if free < LEAST_FREE_BYTES:
        return [f"only {free // 1_000_000} MB are left on the disk: nothing is taken in"]
    for dropped in _dropped(shop, ledger):
        if claim(shop.config.home, dropped) is None:
            log.warning("file.not_claimed", file=dropped.name)
    for file in _taken(shop, ledger):
        if shop.watcher.stopping():
            break
        if not file.path.exists():
            continue  # put aside meanwhile, for the same file was dropped again
        result = work.settle(file)
        if result is not None:
            log.info("file.settled", **result.document())
            results.append(result)
        if result is not None and result.away:
            return [result.away]  # the next file would only wait for the same absence
    return []


def _has_work(shop: Shop, ledger: Ledger) -> bool:
    return bool(_taken(shop, ledger) or _dropped(shop, ledger))


def _dropped(shop: Shop, ledger: Ledger) -> list[Claimed]:
    settings = shop.config.settings
    found = ready(shop.config.home, places(settings.profiles), shop.clock.now(), settings.inbox.settle)
    return [file for file in found if _ledger_of(shop, file) is ledger]


def _taken(shop: Shop, ledger: Ledger) -> list[Claimed]:
    return [file for file in claimed(shop.config.home) if _ledger_of(shop, file) is ledger]


def _ledger_of(shop: Shop, file: Claimed) -> Ledger | None:
    """Return the ledger whose lease covers *file*; None for the folder of a profile that is no more."""
    profiles = shop.config.settings.profiles
    if not file.place:
        return next((profile.ledger for profile in candidates(profiles).values()), None)
    return profiles[file.place].ledger if file.place in profiles else None
