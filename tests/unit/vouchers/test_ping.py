"""The test job shows that queue, worker and ERP work together, and an absent ERP is no failure of it."""

from typing import Any

import pytest

from jikimi.config.model import Ledger
from jikimi.erp.port import NotAllowed, Unavailable
from jikimi.logs import JsonLines
from jikimi.unit.pulse import Pulse
from jikimi.vouchers.posting import Desk
from jikimi.vouchers.shop import Shop
from jikimi.vouchers.tasks import ErpTasks
from tests.unit.vouchers.office import Office


def ping(office: Office) -> Any:
    desk = Desk(office.company, office.leases.lease("company", "erp-worker"), office.journal.of(Ledger.COMPANY), 10)
    shop = Shop(office.config, office.clock, office.journal, lambda _: desk, office.watcher, lambda: 10**12)
    (task,) = [task for task in ErpTasks(shop, Pulse(lambda _: None)).tasks() if task.name == "ping"]
    return task.run(task.arguments())


def raising(error: Exception) -> Any:
    def find(_: object) -> None:
        raise error

    return find


def test_an_erp_that_answers_is_well(office: Office) -> None:
    assert ping(office) == {"outcome": "done"}


def test_an_erp_that_is_away_is_told_as_such(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office.company, "find", raising(Unavailable(answer="starting")))

    assert ping(office)["outcome"] == "away"


def test_an_erp_that_refuses_us_fails_the_job(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office.company, "find", raising(NotAllowed(answer="no key")))

    with pytest.raises(NotAllowed):
        ping(office)


def test_a_worker_that_begins_anew_still_tells_of_the_last_cycle(office: Office) -> None:
    told = {"at": "2026-11-24", "outcome": "done", "in": 3, "posted": 3, "proof": True, "files": 1}
    history = office.config.home / "outputs/master_orchestrator_log.jsonl"
    JsonLines(history).append(told)
    shop = Shop(office.config, office.clock, office.journal, raising(ValueError()), office.watcher, lambda: 10**12)
    pulse = Pulse(lambda _: None)

    ErpTasks(shop, pulse)

    assert pulse.last_cycle == {name: told[name] for name in ("at", "outcome", "in", "posted", "proof")}
