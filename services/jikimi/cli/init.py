"""Make a home, and for a stack of containers also what lies in its volumes."""

import os
from pathlib import Path

import click

from jikimi.cli.context import Context
from jikimi.cli.examples import HISTORY, drop_example, shipped_examples
from jikimi.cli.stack import make_folders, make_home
from jikimi.compose.names import door_list
from jikimi.compose.rights import check_as_services, give_to_services, open_folder, open_home
from jikimi.compose.secrets import give_all, secrets_of, write_for
from jikimi.config import Config
from jikimi.config.model import Ledger
from jikimi.embedded.tryton_server import PRACTICE_COMPANY
from jikimi.supervisor.reception import ALLOWED
from jikimi.text import Text

_MADE = Text("홈을 만들었습니다: {home}", "made the home: {home}")
_THERE = Text("홈이 이미 있습니다: {home}", "the home is there already: {home}")
_KEYS = Text("새로 만든 비밀: {names}", "made new secrets: {names}")


@click.command()
@click.option(
    "--volumes",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Where the volumes of a stack of containers are mounted: they are made ready as well.",
)
@click.pass_obj
def command(context: Context, volumes: Path | None) -> None:
    """Make the home folder with its settings, rules, inboxes and keys, where they are missing. Safe to run again.

    \b
    Examples:
      jikimi init
    """
    is_new = not (context.home / HISTORY).exists()
    if volumes is None:
        make_home(context.config)
    else:
        _make_for_containers(context.config, volumes, is_new=is_new)
    context.say(_MADE if is_new else _THERE, home=context.home.root)
    if made := _give(context.config, volumes) if volumes else []:
        context.say(_KEYS, names=", ".join(made))


def _make_for_containers(config: Config, volumes: Path, *, is_new: bool) -> None:
    """Make the home for two: the person who has it, and the user that the services run as."""
    os.umask(0o002)
    make_folders(config)
    for example in shipped_examples() if is_new else ():
        drop_example(config.home, example)
    open_home(config.home.root)
    open_folder(volumes / "backups")
    give_to_services([volumes / "data/state/beats", volumes / "data", volumes / "redis", volumes / "attachments"])
    folders = [config.home / name for name in ("inbox", "work", "done", "outputs", "logs")]
    check_as_services([*folders, volumes / "backups"])


def _give(config: Config, volumes: Path) -> list[str]:
    """Give every service its secrets, the ERP its companies' names, the door its list; return what is new."""
    made = give_all(volumes / "keys", secrets_of(list(ALLOWED)))
    for ledger, name in ((Ledger.COMPANY, config.settings.company.name), (Ledger.PRACTICE, PRACTICE_COMPANY)):
        write_for("erp", volumes / "keys/erp" / f"name-of-{ledger}", name)
    others = {name: unit.container for name, unit in config.settings.units.items() if unit.container}
    (volumes / "door/names").write_text(door_list(config.settings.engine.project, others), encoding="utf-8")
    return made
