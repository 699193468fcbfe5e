"""`docker compose up -d --wait`: what a new user has then."""

import json
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
import urllib3

from tests.docker.compose import ROOT, ComposeStack
from tests.docker.conftest import PERSON
from tests.docker.faults import dropped
from tests.monitoring.board_checks import Prometheus, query_findings

OURS = ("supervisor", "erp-worker", "rpa-worker", "scheduler", "backup")
SERVICES = (*OURS, "redis", "erp", "erp-db", "docker-proxy", "prometheus")


def test_the_examples_stand_in_the_practice_ledger_with_their_proof(well: ComposeStack) -> None:
    well.until(lambda: well.status()["vouchers"]["posted"] >= 26)

    document = well.status()

    assert document["last_cycle"]["proof"]
    assert max(well.posted("practice").values()) == 1
    assert sum(well.posted("practice").values()) >= 26


def test_a_second_up_changes_nothing_and_is_well(well: ComposeStack) -> None:
    before = {service: well.inspect(service)["Id"] for service in SERVICES}

    said = well.up()

    assert said.returncode == 0, said.stderr
    assert {service: well.inspect(service)["Id"] for service in SERVICES} == before


def test_what_an_ordinary_user_drops_stands_in_the_company_s_ledger_once(well: ComposeStack) -> None:
    before = sum(well.posted().values())
    statement = (ROOT / "examples/card-2026-11.csv").read_bytes()
    script = "import pathlib, sys; p = pathlib.Path(sys.argv[1]); p.write_bytes(sys.stdin.buffer.read())"
    target = well.home / "inbox/card/from-a-person.csv"
    for folder in well.home.parents:
        if str(folder).startswith("/tmp/"):  # noqa: S108 - pytest's own folders are for root alone
            folder.chmod(0o755)

    subprocess.run(["python3", "-c", script, str(target)], input=statement, user=PERSON, group=PERSON, check=True)
    well.until_done("from-a-person.csv")

    assert sum(well.posted().values()) > before
    assert set(well.posted().values()) == {1}
    result = next((well.home / "outputs/results").glob("from-a-person*"))
    subprocess.run(["cat", str(result)], user=PERSON, group=PERSON, check=True, capture_output=True)


def test_down_and_up_keep_everything(well: ComposeStack) -> None:
    well.lines(3, "kept.csv", first=9000)
    well.until_done("kept.csv")
    before = well.posted()

    assert well.compose("down", "--timeout", "20", within_s=180).returncode == 0
    assert well.up().returncode == 0

    well.until_ok()
    assert well.posted() == before
    well.lines(3, "kept-again.csv", first=9000)
    well.until(lambda: any((well.home / "duplicate").rglob("kept-again*")))
    assert well.posted() == before


def test_the_ledger_gives_its_web_client_and_a_password(well: ComposeStack) -> None:
    address = next(address for address in well.status()["addresses"] if address["name"] == "ERP")

    text = urllib3.request("GET", address["url"], timeout=20).data.decode()
    given = json.loads(well.compose("exec", "-T", "erp", "erp-login", "practice").stdout.splitlines()[-1])

    assert "Tryton" in text
    assert given["user"] == "bookkeeper"
    assert address["login"] == "docker compose exec erp erp-login"


def test_status_answers_in_both_languages_and_leaves_with_its_code(well: ComposeStack) -> None:
    english = well.compose("exec", "-T", "supervisor", "status", "--lang", "en")
    korean = well.compose("exec", "-T", "supervisor", "status", "--lang", "ko")

    assert (english.returncode, korean.returncode) == (0, 0)
    assert english.stdout.startswith("● OK")
    assert korean.stdout.startswith("● 정상")


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_can_do_no_more_than_it_needs(well: ComposeStack, service: str) -> None:
    found = well.inspect(service)
    host, ports = found["HostConfig"], found["HostConfig"]["PortBindings"] or {}
    status = (Path("/proc") / str(found["State"]["Pid"]) / "status").read_text()

    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert not host["Privileged"]
    assert "NoNewPrivs:\t1" in status
    assert "CapEff:\t0000000000000000" in status
    assert host["RestartPolicy"]["Name"] == "always"
    assert host["LogConfig"]["Config"]["max-size"] == "10m"
    assert host["Memory"] > 0
    assert host["PidsLimit"]
    assert {each["HostIp"] for port in ports.values() for each in port} <= {"127.0.0.1"}
    has_socket = any(mount["Source"] == "/var/run/docker.sock" for mount in found["Mounts"])
    assert has_socket is (service == "docker-proxy")
    assert (found["Config"]["User"].partition(":")[0] == "0") is (service == "docker-proxy")


def test_no_secret_stands_in_the_environment_of_a_container(well: ComposeStack) -> None:
    folder = "/keys"
    secrets = {well.compose("exec", "-T", service, "sh", "-c", f"cat {folder}/*").stdout.strip() for service in OURS}
    words = {word for text in secrets for word in text.split() if len(word) >= 24}
    assert len(words) >= 4

    for service in (*SERVICES, "init", "erp-init"):
        found = json.dumps(well.inspect(service)["Config"])
        assert not [word for word in words if word in found]


@pytest.mark.parametrize(
    ("service", "host", "port"),
    [
        ("erp-worker", "docker-proxy", 2375),
        ("erp-worker", "erp-db", 5432),
        ("rpa-worker", "docker-proxy", 2375),
        ("rpa-worker", "erp-db", 5432),
        ("scheduler", "docker-proxy", 2375),
        ("scheduler", "erp", 8000),
        ("backup", "docker-proxy", 2375),
        ("erp", "redis", 6379),
        ("prometheus", "redis", 6379),
    ],
)
def test_nobody_reaches_what_is_not_his_business(well: ComposeStack, service: str, host: str, port: int) -> None:
    tried = f"exec 3<>/dev/tcp/{host}/{port}"

    said = well.compose("exec", "-T", service, "timeout", "5", "bash", "-c", tried)

    assert said.returncode != 0


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ("erp-worker", ("FLUSHALL",)),
        ("erp-worker", ("CONFIG", "GET", "*")),
        ("erp-worker", ("SET", "rq:job:control-cli-1", "x")),
        ("erp-worker", ("LPUSH", "rq:queue:control", "x")),
        ("rpa-worker", ("LPUSH", "rq:queue:erp", "x")),
        ("rpa-worker", ("GET", "jk:lease:company")),
        ("scheduler", ("DEL", "jk:lease:company")),
        ("scheduler", ("ACL", "LIST")),
        ("backup", ("GET", "jk:lease:company")),
        ("backup", ("LPUSH", "rq:queue:erp", "x")),
        ("supervisor", ("SHUTDOWN",)),
        ("health", ("GET", "x")),
        ("default", ("PING",)),
    ],
)
def test_a_service_s_user_in_redis_may_do_no_more_than_it_needs(
    well: ComposeStack, user: str, words: tuple[str, ...]
) -> None:
    password = well.compose("exec", "-T", user, "cat", "/keys/redis").stdout if user in OURS else "none"
    login = ("redis-cli", "--user", user, "--pass", password, "--no-auth-warning")

    said = well.compose("exec", "-T", "redis", *login, *words)

    assert any(word in said.stdout + said.stderr for word in ("NOPERM", "WRONGPASS", "NOAUTH")), said.stdout


def test_every_query_of_the_board_finds_something_in_prometheus(well: ComposeStack) -> None:
    board = json.loads((ROOT / "monitoring/grafana/dashboards/jikimi.json").read_text(encoding="utf-8"))
    prometheus = Prometheus(f"http://127.0.0.1:{well.ports['PROMETHEUS']}", scrape_s=5.0, range_s=300.0)

    findings = ["not asked yet"]

    def is_clean() -> bool:
        dropped(well)  # some panels show only what is being worked on
        findings[:] = query_findings(board, prometheus)
        return not findings

    with suppress(AssertionError):
        well.until(is_clean, 90.0)
    assert findings == []


def test_a_second_supervisor_is_refused(well: ComposeStack) -> None:
    said = well.compose("run", "--rm", "--no-deps", "-T", "supervisor", "serve", "supervisor")

    assert said.returncode == 2
    assert "already runs" in said.stderr + said.stdout


def test_whoever_asks_for_what_a_container_cannot_do_is_told_what_can(well: ComposeStack) -> None:
    said = well.compose("exec", "-T", "supervisor", "jikimi", "--lang", "en", "erp", "login")

    assert said.returncode == 64
    assert "docker compose exec erp erp-login" in said.stderr


def test_the_home_belongs_to_its_person_and_to_the_services(well: ComposeStack) -> None:
    inbox = (well.home / "inbox/card").stat()

    assert (inbox.st_uid, inbox.st_gid, inbox.st_mode & 0o7777) == (PERSON, 10001, 0o2775)
    assert (well.home / "rules/card.toml").stat().st_uid == PERSON
