"""Put a service together and run it; hidden, for the keeper starts it."""

from collections.abc import Callable, Mapping
from importlib import import_module

import click

from jikimi.cli.context import Context
from jikimi.logs import log_to

# service -> the module whose `run` is it
SERVICES: Mapping[str, str] = {"supervisor": "supervisor", "erp-worker": "erp_worker", "scheduler": "scheduler"}


@click.command(hidden=True)
@click.argument("service", type=click.Choice(list(SERVICES)))
@click.option("--unit", help="The unit's name, when it is not the service's.")
@click.option("--units-only", is_flag=True, help="Only the programs of [units] in jikimi.toml.")
@click.pass_obj
def command(context: Context, service: str, unit: str | None, units_only: bool) -> None:
    """Run SERVICE until told to stop."""
    name = unit or service
    log_to(context.home / "logs" / f"{name}.jsonl", unit=name)
    run: Callable[..., None] = import_module(f"jikimi.cli.serve.{SERVICES[service]}").run
    run(context, name, **({"units_only": True} if units_only else {}))
