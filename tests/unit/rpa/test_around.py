"""What stands around flows: the check in the status, the way into the inbox, and what a restore leaves for them."""

from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from jikimi.backup.restored import go_on, waits_for_resume
from jikimi.backup.switch_files import PAUSED
from jikimi.cli.context import Context
from jikimi.cli.desk import NotAValue, values_of
from jikimi.cli.serve.flow_watch import FlowWatch
from jikimi.cli.stack import make_folders
from jikimi.clock import SystemClock
from jikimi.config import Config, load
from jikimi.rpa.adding import add_item
from jikimi.rpa.delivery import NoSuchProfile, deliver
from jikimi.rpa.errors import NoSuchSecret
from jikimi.rpa.flow import flow
from jikimi.rpa.flow_files import flow_names
from jikimi.rpa.item import Item, State
from jikimi.rpa.reading import read_items
from jikimi.rpa.runner import Desk, Runner
from jikimi.rpa.secret_files import read_secret, secret_file, write_secret
from jikimi.rpa.snapshot import FILE, items_document, write_snapshot
from jikimi.rpa.starter import starter_file
from jikimi.rpa.store import RESTORED, ItemStore
from jikimi.rpa.tasks import ItemArguments, RpaTasks
from jikimi.testing.clock import FakeClock
from jikimi.text import Lang


def states(context: Context) -> dict[str, str]:
    watch = FlowWatch(context)
    watch.look()
    return {check.name: check.state for check in watch.checks}


def test_items_that_wait_for_a_person_are_a_warning(config: Config) -> None:
    context = Context(config.home.root, Lang.EN)
    assert states(context)["items-in-doubt"] == "ok"
    store = ItemStore(config.home / "state/items.sqlite")
    store.put(Item("f", "A", {}, State.IN_DOUBT), Item("f", "B", {}, State.FAILED), Item("f", "C", {}, State.DONE))

    write_snapshot(config.home / FILE, items_document(store, FakeClock().now()))

    found = states(context)
    assert (found["items-in-doubt"], found["items-failed"]) == ("warn", "warn")


def test_a_machine_without_a_browser_is_told_with_the_cure_and_containers_bring_their_own(config: Config) -> None:
    config.home.config_file.write_text('[rpa]\nbrowser = "no-such-browser"\n', encoding="utf-8")
    context = Context(config.home.root, Lang.EN)

    watch = FlowWatch(context)
    watch.look()

    check = next(check for check in watch.checks if check.name == "browser")
    assert check.state == "warn"
    assert "install" in (check.cure or "")
    config.home.config_file.write_text('[engine]\nurl = "tcp://proxy:2375"\n', encoding="utf-8")
    assert states(Context(config.home.root, Lang.EN))["browser"] == "ok"


def test_what_a_flow_has_fetched_goes_into_the_inbox_beside_what_lies_there(config: Config, tmp_path: Path) -> None:
    names = []
    for text in ("one", "two"):
        file = tmp_path / "card.csv"
        file.write_text(text, encoding="utf-8")
        names.append(deliver(config, file, "card"))

    assert names == ["card.csv", "card (2).csv"]
    assert (config.home / "inbox/card/card (2).csv").read_text(encoding="utf-8") == "two"
    with pytest.raises(NoSuchProfile, match="card"):
        deliver(config, tmp_path / "card.csv", "nowhere")


def test_a_secret_is_kept_for_this_user_only_and_its_name_is_no_path(config: Config) -> None:
    write_secret(config.home, "bank", "값 1")

    assert read_secret(config.home, "bank") == "값 1"
    assert secret_file(config.home, "bank").stat().st_mode & 0o777 == 0o600
    for name in ("other", "../signing", ""):
        with pytest.raises(NoSuchSecret):
            read_secret(config.home, name)


def test_who_lets_the_work_go_on_after_a_restore_leaves_word_that_the_items_are_old(tmp_path: Path) -> None:
    home = load(tmp_path / "home", {}).home
    home.make()

    go_on(home)
    assert not (home / RESTORED).exists()
    (home.root / PAUSED).parent.mkdir(parents=True, exist_ok=True)
    (home.root / PAUSED).touch()
    go_on(home)

    assert (home / RESTORED).exists()
    assert not waits_for_resume(home)


def test_values_on_the_command_line_are_names_and_values_and_one_is_the_key() -> None:
    assert values_of(["key=A-1", "금액=1=2", "적요="]) == ("A-1", {"금액": "1=2", "적요": ""})
    assert values_of([])[0] == "desk"
    for word in ("alone", "=value"):
        with pytest.raises(NotAValue):
            values_of([word])


def test_a_file_that_nobody_takes_is_told(config: Config) -> None:
    context = Context(config.home.root, Lang.EN)
    folder = config.home / "inbox/flows/voucher"
    folder.mkdir(parents=True)
    (folder / "orders.csv").touch()
    context.clock = FakeClock(SystemClock().now())
    assert states(context)["items-inbox"] == "ok"

    context.clock = FakeClock(SystemClock().now() + timedelta(seconds=601))

    assert states(context)["items-inbox"] == "warn"


def test_a_ledger_whose_flow_nobody_has_written_is_told(config: Config) -> None:
    context = Context(config.home.root, Lang.EN)
    assert states(context)["ledger-flow"] == "ok"

    config.home.config_file.write_text('[erp]\nflow = "order"\n', encoding="utf-8")
    assert states(Context(config.home.root, Lang.EN))["ledger-flow"] == "warn"

    (config.home / "flows").mkdir(exist_ok=True)
    (config.home / "flows/a.py").write_text(starter_file("order"), encoding="utf-8")
    assert states(Context(config.home.root, Lang.EN))["ledger-flow"] == "ok"


def test_each_flow_has_its_folder_in_the_inbox_and_no_file_is_run_to_know_them(config: Config) -> None:
    (config.home / "flows/a.py").write_text(f"raise SystemExit\n\n{starter_file('order')}", encoding="utf-8")
    (config.home / "flows/broken.py").write_text("def (", encoding="utf-8")

    make_folders(config)

    assert (config.home / "inbox/flows/order").is_dir()
    assert flow_names(config.home / "flows") == ["order"]


def test_an_item_is_handed_in_by_a_program(config: Config) -> None:
    file = add_item("voucher", "A-1", {"금액": "12000"}, config.home.root)

    assert file.parent == config.home / "inbox/flows/voucher"
    (item,) = read_items(file.read_bytes()).items
    assert (item.key, dict(item.cells)) == ("A-1", {"금액": "12000"})


def test_a_flow_for_a_desktop_leaves_its_items_waiting_and_says_why(config: Config) -> None:
    store = ItemStore(config.home / "state/items.sqlite")
    store.put(Item("windows", "A", {}))
    made = flow(queue="ui")(lambda _item, _ui: {})
    clock = FakeClock()
    desk = Desk(nothing, nothing, config.home.root, config.home.root, Unwatched(), clock)
    tasks = RpaTasks(store, Runner(store, desk), clock, lambda _name: made, lambda _item: None)

    answer = tasks.item(ItemArguments(flow="windows", key="A"))

    item = store.get("windows", "A")
    assert item is not None
    assert (answer["outcome"], item.state, item.attempts) == ("waiting", State.QUEUED, 0)
    assert "desktop" in item.reason
    assert item.next_at > clock.now().timestamp()


def nothing(*_: object) -> NoReturn:
    raise AssertionError("nothing is opened and no secret read")


class Unwatched:
    def moved(self, phase: str, budget_s: float) -> None:
        """Nobody watches."""
