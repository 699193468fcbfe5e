"""Our module in Tryton, beyond what its REST shows."""

import subprocess

from jikimi.config.model import Ledger
from jikimi.embedded.tryton_server import SCRIPTS, VENV, erp_config
from tests.conftest import TrytonServer
from tests.contract.erp_contract import voucher

# A request that looked before the other one was done sees nothing posted: so does a search that finds nothing.
_POST_UNSEEN = """
import sys
sys.path.insert(0, sys.argv[1])
import opening
opening.open_config(sys.argv[2])
from trytond.exceptions import UserError
from trytond.pool import Pool
Pool.start()
Pool("company").init()
def work(transaction):
    move = Pool().get("account.move")
    move.search = classmethod(lambda *_, **__: [])
    try:
        move.post(move.browse([int(sys.argv[3])]))
    except UserError as refused:
        transaction.rollback()
        print("refused:", refused)
opening.in_transaction("company", work)
"""


def test_a_key_that_was_posted_in_between_is_refused_by_the_database_and_said_as_a_refusal(
    tryton: TrytonServer,
) -> None:
    erp = tryton.empty_ledger()
    first, second = erp.stage([voucher("jk2-a"), voucher("jk2-a")])
    erp.post([first])

    config = erp_config(tryton.config.home)
    command = [str(VENV / "bin/python"), "-c", _POST_UNSEEN, str(SCRIPTS), str(config), str(second.id)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=60)

    assert done.stdout.startswith("refused: "), done.stderr
    assert "posted already: jk2-a" in done.stdout
    rows = tryton.execute(Ledger.COMPANY, "SELECT id, state FROM account_move ORDER BY id")
    assert rows == [(first.id, "posted"), (second.id, "draft")]
