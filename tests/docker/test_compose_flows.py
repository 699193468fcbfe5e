"""Flows in a container: a real browser behind walls of its own, beside a stack that heals it."""

import json
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.docker.compose import ComposeStack
from tests.docker.office import handed_in, item, kill_attempt, namespaces, office_site, processes

OWN = 10001
_LARGEST = 1_250_000_000  # bytes of the image
pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def office(compose: ComposeStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    compose.until_ok()
    with office_site(compose, tmp_path_factory.mktemp("office") / "site") as folder:
        yield folder


def until_done(well: ComposeStack, *keys: str) -> None:
    for key in keys:
        well.until(lambda key=key: item(well, key)["state"] == "done", 120.0)  # type: ignore[misc]


def renderers(well: ComposeStack) -> list[int]:
    """Return the processes that show a page, which are those that must be walled in."""
    return [pid for pid, _, _, command in processes(well) if "--type=renderer" in command]


@pytest.mark.usefixtures("office")
def test_ten_flows_run_as_nobody_of_importance_and_leave_evidence_and_no_dead_behind(well: ComposeStack) -> None:
    keys = [f"ten-{number}" for number in range(10)]
    handed_in(well, *keys)

    until_done(well, *keys)

    for key in keys:
        # where much else runs, a look may take too long, and an item a second attempt
        folder = well.home / f"outputs/evidence/office_voucher-{key}/{item(well, key)['attempts']}"
        steps = [json.loads(line) for line in (folder / "steps.jsonl").read_text().splitlines()]
        assert steps[-1]["told"] == "done", steps[-1]["reason"]
        assert (folder / "screen.png").read_bytes().startswith(b"\x89PNG")
        assert folder.stat().st_uid == OWN
    well.until(lambda: any((well.home / "done").rglob("ten-0.csv")))
    found = processes(well)
    assert {uid for _, uid, _, _ in found} == {OWN}
    # a browser that has just ended is reaped in a moment
    well.until(lambda: not any(state.startswith("Z") for _, _, state, _ in processes(well)), 10.0)
    assert well.unit("rpa-worker")["state"] == "healthy"
    assert well.inspect("rpa-worker")["State"]["Health"]["Status"] == "healthy"


@pytest.mark.usefixtures("office")
def test_a_page_is_shown_behind_the_browser_s_own_walls(well: ComposeStack) -> None:
    first = namespaces(processes(well)[0][0])
    seen = list[dict[str, str]]()
    handed_in(well, "walls")

    def is_seen() -> bool:
        seen.extend(found for pid in renderers(well) if (found := namespaces(pid)))
        return len(seen) > 0

    well.until(is_seen, 60.0)

    assert all(found[name] != first[name] for found in seen for name in first)
    until_done(well, "walls")


@pytest.mark.parametrize("kinds", [("--user",), ("--user", "--net", "--pid", "--fork")])
def test_the_walls_of_a_browser_can_be_put_up(well: ComposeStack, kinds: tuple[str, ...]) -> None:
    said = well.compose("exec", "-T", "rpa-worker", "unshare", *kinds, "true")

    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize(
    ("service", "kinds"),
    [
        ("rpa-worker", ("--user", "--mount")),
        ("rpa-worker", ("--user", "--ipc")),
        ("rpa-worker", ("--user", "--uts")),
        ("rpa-worker", ("--user", "--cgroup")),
        ("rpa-worker", ("--net",)),
        ("erp-worker", ("--user",)),
    ],
)
def test_no_others_can(well: ComposeStack, service: str, kinds: tuple[str, ...]) -> None:
    said = well.compose("exec", "-T", service, "unshare", *kinds, "true")

    assert "Operation not permitted" in said.stderr


def test_an_attempt_that_is_killed_is_made_again_and_nothing_stands_twice(well: ComposeStack, office: Path) -> None:
    first = processes(well)[0][0]
    (office / "faults.json").write_text('{"slow_s": 1}')
    handed_in(well, "killed")
    steps = well.home / "outputs/evidence/office_voucher-killed/1/steps.jsonl"
    well.until(lambda: steps.exists() and '"open"' in steps.read_text(encoding="utf-8"), 60.0)

    kill_attempt(well)
    (office / "faults.json").unlink()

    until_done(well, "killed")
    assert item(well, "killed")["attempts"] == 2
    handed_in(well, "after")
    until_done(well, "after")
    assert well.inspect("rpa-worker")["State"]["Pid"] == first
    well.until(lambda: not [process for process in processes(well) if process[2].startswith("Z")], 10.0)
    numbers = {key: item(well, key)["result"]["no"] for key in ("killed", "after")}
    assert len(set(numbers.values())) == 2


@pytest.mark.usefixtures("office")
def test_what_a_person_has_entered_is_kept_by_the_next_start_and_read_by_no_other_service(well: ComposeStack) -> None:
    def secret(service: str) -> str:
        return well.compose("exec", "-T", service, "cat", "/keys/flows/office-password").stdout

    before = secret("rpa-worker")
    assert len(before.strip()) > 5

    assert well.compose("run", "--rm", "-T", "init").returncode == 0

    assert secret("rpa-worker") == before
    assert [service for service in ("supervisor", "erp-worker", "scheduler", "backup") if secret(service)] == []
    rights = well.compose(
        "exec", "-T", "rpa-worker", "stat", "-c", "%u %a", "/keys/flows", "/keys/flows/office-password"
    )
    assert rights.stdout.split() == [str(OWN), "700", str(OWN), "600"]


@pytest.mark.usefixtures("office")
def test_the_other_images_have_no_browser_and_say_where_one_is(well: ComposeStack) -> None:
    for service in ("supervisor", "erp-worker", "scheduler", "backup"):
        assert well.compose("exec", "-T", service, "test", "-e", "/opt/driver").returncode == 1

    said = well.compose("exec", "-T", "supervisor", "jikimi", "--lang", "en", "flow", "run", "office_voucher", "key=x")

    assert said.returncode == 2
    assert "docker compose exec rpa-worker jikimi flow run" in said.stderr


def test_the_image_is_no_larger_than_was_promised(well: ComposeStack) -> None:
    size = well.engine.inspect_image(well.inspect("rpa-worker")["Image"])["Size"]

    print(f"\nthe image with the browser: {size / 1e6:.0f} MB")  # noqa: T201
    assert size <= _LARGEST


def test_a_frozen_worker_of_flows_is_restarted_alone(well: ComposeStack) -> None:
    since = len(well.watchdog())

    with suppress(ProcessLookupError):
        well.signal("rpa-worker", signal.SIGSTOP)

    well.until(lambda: "rpa-worker" in well.acted_on(since), 30.0)
    well.until_ok()
    assert set(well.acted_on(since)) == {"rpa-worker"}
