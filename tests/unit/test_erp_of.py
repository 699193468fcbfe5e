"""Which ERP keeps which ledger, and where a person opens it."""

from pathlib import Path

import pytest

from jikimi.cli.context import NotRunning, addresses_of, erp_of
from jikimi.config import Config, load
from jikimi.config.explain import BadFile
from jikimi.config.model import Ledger
from jikimi.erp.flow_erp import FlowErp
from jikimi.erp.tryton import Tryton
from jikimi.testing.clock import FakeClock


def loaded(root: Path, text: str) -> Config:
    root.mkdir(exist_ok=True)
    (root / "jikimi.toml").write_text(text, encoding="utf-8")
    (root / "keys").mkdir(exist_ok=True)
    return load(root, {})


def kinds(config: Config) -> list[type]:
    return [type(erp_of(config, ledger, FakeClock())) for ledger in Ledger]


def test_a_flow_keeps_the_company_s_ledger_and_never_the_practice_one(tmp_path: Path) -> None:
    url = 'url = "http://127.0.0.1:9"'

    assert kinds(loaded(tmp_path, f"[erp]\n{url}\n")) == [Tryton, Tryton]
    assert kinds(loaded(tmp_path, f'[erp]\n{url}\nflow = "booking"\n')) == [FlowErp, Tryton]


def test_a_tryton_of_ours_that_was_never_started_cannot_be_asked(tmp_path: Path) -> None:
    with pytest.raises(NotRunning):
        erp_of(loaded(tmp_path, ""), Ledger.COMPANY, FakeClock())


def test_only_a_person_knows_where_the_program_of_a_flow_is(tmp_path: Path) -> None:
    names = [one["name"] for one in addresses_of(loaded(tmp_path, '[erp]\nurl = "http://x"\nflow = "booking"\n'))]
    told = loaded(tmp_path, '[erp]\nflow = "booking"\n[pages]\nledger = "http://erp.example.com/"\n')

    assert names == ["inbox"]
    assert addresses_of(told)[0] == {"name": "ERP", "url": "http://erp.example.com/"}


@pytest.mark.parametrize("name", ["../x", "a/b", "a b", "."])
def test_a_flow_s_name_is_no_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadFile):
        loaded(tmp_path, f'[erp]\nflow = "{name}"\n')
