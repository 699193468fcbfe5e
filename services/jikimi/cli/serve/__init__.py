"""Put a service together and run it; hidden, for the keeper starts it."""

import sys
from collections.abc import Mapping
from importlib import import_module

import click

from jikimi.cli.context import Context
from jikimi.cli.serve.asked import Asked
from jikimi.logs import log_to
from jikimi.unit.spawn import report_to_parent

# service -> the module whose `run` is it
SERVICES: Mapping[str, str] = {
    "supervisor": "supervisor",
    "erp-worker": "erp_worker",
    "rpa-worker": "rpa_worker",
    "scheduler": "scheduler",
    "backup": "backup",
}


# where what a child does stands apart, so that it loads no more than it needs
CHILDREN: Mapping[str, str] = {"rpa-worker": "rpa_child"}


@click.command(hidden=True)
@click.argument("service", type=click.Choice(list(SERVICES)))
@click.option("--unit", help="The unit's name, when it is not the service's.")
@click.option("--units-only", is_flag=True, help="Only the programs of [units] in jikimi.toml.")
@click.option("--spawn", is_flag=True, help="Start children as programs, as on Windows, where nothing forks.")
@click.option("--child", is_flag=True, help="Be such a child.")
@click.pass_obj
def command(context: Context, service: str, unit: str | None, *, units_only: bool, spawn: bool, child: bool) -> None:
    """Run SERVICE until told to stop."""
    asked = Asked(service, unit or service, units_only=units_only, spawns=spawn or sys.platform == "win32")
    in_container = bool(context.home.elsewhere)
    log_to(context.home / "logs" / f"{asked.unit}.jsonl", echoes=in_container, unit=asked.unit)
    name = CHILDREN.get(service, SERVICES[service]) if child else SERVICES[service]
    module = import_module(f"jikimi.cli.serve.{name}")
    if child:
        module.child(context, asked, report_to_parent())
    else:
        module.run(context, asked)
