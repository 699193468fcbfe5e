"""One whole stack for all tests that need one; each leaves it well."""

import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.conftest import Until, missing
from tests.docker.compose import IMAGES, ComposeStack
from tests.docker.engine import needs_engine

PERSON = 1000  # an ordinary user, who owns the clone and its home
EXTRA = """\
[watch]
tried_again = "15s"

[rpa]
neighbours = ["erp"]

[rpa.values]
office-address = "http://{project}-office:8080"
tryton-address = "http://erp.localhost:8000"
tryton-ledger = "practice"
tryton-client = "tryton://erp:8000/practice"

[units.flaky]
container = "{project}-flaky"

[units.hopeless]
container = "{project}-hopeless"
"""
OTHERS = ("flaky", "hopeless")  # who has failed for long is given up sooner the next time, so one is left to that test
_TARGET = "debian:trixie-slim"
# runs while its flag is there, else ends at once with the code that stands in `code`; told to eat, it eats all memory
_FLAKY = """
while [ -e /flags/well ]; do
  if [ -e /flags/eat ]; then rm /flags/eat; exec tail /dev/zero; fi
  sleep 0.2
done
exit $(cat /flags/code)
"""


@pytest.fixture(scope="session")
def long_set(request: pytest.FixtureRequest) -> None:
    """Leave a test to the long set: whole stacks take minutes to be broken in every way."""
    if not request.config.getoption("--soak"):
        pytest.skip("part of the long set: just soak")


@pytest.fixture(scope="session")
def compose(tmp_path_factory: pytest.TempPathFactory, until: Until) -> Iterator[ComposeStack]:
    """A stack that was started as the README says, beside containers that are not the stack's but are its units."""
    engine = needs_engine(*IMAGES, _TARGET)
    if os.geteuid() != 0:
        missing("root, for the faults that are dealt from outside")
    folder = tmp_path_factory.mktemp("compose")
    stack = ComposeStack(folder, engine, until)
    stack.home.mkdir()
    # of its own, so that it can be filled up; work rests where less than 1 GB is free
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1400m", "tmpfs", str(stack.home)], check=True)
    for name in OTHERS:
        flags = folder / name
        flags.mkdir()
        (flags / "well").touch()
        (flags / "code").write_text("1")
        limits = engine.create_host_config(binds=[f"{flags}:/flags"], mem_limit="32m", network_mode="none")
        engine.create_container(_TARGET, ["bash", "-c", _FLAKY], name=f"{stack.project}-{name}", host_config=limits)
        engine.start(f"{stack.project}-{name}")
    stack.settings(EXTRA.format(project=stack.project))
    for path in (stack.home, stack.home / "jikimi.toml"):
        os.chown(path, PERSON, PERSON)
    try:
        said = stack.compose("build", within_s=1200.0)  # `up` takes an image that is there, and be it of another day
        assert said.returncode == 0, said.stderr[-3000:]
        said = stack.up()
        assert said.returncode == 0, said.stderr[-3000:]
        yield stack
    finally:
        stack.down()
        for name in OTHERS:
            engine.remove_container(f"{stack.project}-{name}", force=True)
        engine.close()
        subprocess.run(["umount", "--lazy", str(stack.home)], check=True)


@pytest.fixture
def well(compose: ComposeStack) -> Iterator[ComposeStack]:
    """The stack, well before and after."""
    compose.until_ok()
    yield compose
    compose.until_ok()


@pytest.fixture
def flags(compose: ComposeStack) -> Iterator[Callable[[str], Path]]:
    """The folder whose files tell a container that is not ours what to do; it is told to be well in the end."""
    folders = {name: compose.home.parent / name for name in OTHERS}
    yield folders.__getitem__
    for folder in folders.values():
        (folder / "code").write_text("1")
        (folder / "well").touch()


@pytest.fixture
def told(request: pytest.FixtureRequest, well: ComposeStack) -> Iterator[None]:
    """Print what the supervisor noticed and how soon after the blow, as figures for the log."""
    since = len(well.watchdog())
    yield
    for line in well.watchdog()[since:]:
        if line["step"] in ("began", "acted", "recovered"):
            after = (datetime.fromisoformat(line["at"]) - well.dealt_at).total_seconds()
            print(f"{request.node.name}: {line['unit']} {line['step']} after {after:.1f} s ({line['why']})")  # noqa: T201
