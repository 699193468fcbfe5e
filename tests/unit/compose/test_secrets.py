"""The secrets of a stack are made once, and each service finds those that are its own and no other."""

import hashlib
import os
from pathlib import Path

import pytest

from jikimi.compose.secrets import give_all, secrets_of, write_for

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to the users of other services")
WANTED = secrets_of(["cli", "board"])
OWN, POSTGRES, GRAFANA = 10001, 999, 472  # as the images have them
FOLDERS = {
    "supervisor": ({"signing", "control-cli", "control-board", "redis"}, OWN),
    "erp-worker": ({"signing", "erp-application", "redis"}, OWN),
    "rpa-worker": ({"signing", "redis"}, OWN),
    "scheduler": ({"signing", "redis"}, OWN),
    "backup": ({"signing", "postgres", "pgpass", "redis"}, OWN),
    "erp": ({"erp-application", "postgres", "pgpass"}, OWN),
    "erp-db": ({"postgres"}, POSTGRES),
    "grafana": ({"admin-password"}, GRAFANA),
    "redis": ({"users.acl"}, OWN),
}
SHARED = {
    "signing": ("supervisor", "erp-worker", "rpa-worker", "scheduler", "backup"),
    "erp-application": ("erp-worker", "erp"),
    "postgres": ("erp-db", "erp", "backup"),
}
USERS = ("supervisor", "erp-worker", "rpa-worker", "scheduler", "backup")


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    keys = tmp_path / "keys"
    give_all(keys, WANTED)
    return keys


def texts(keys: Path) -> dict[str, str]:
    return {str(path.relative_to(keys)): path.read_text() for path in sorted(keys.rglob("*")) if path.is_file()}


def lost(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def test_everything_is_made_once_and_kept_at_a_second_run(tmp_path: Path) -> None:
    made = give_all(tmp_path, WANTED)
    before = texts(tmp_path)

    again = give_all(tmp_path, WANTED)

    assert len(made) == len(set(made)) == len(WANTED)
    assert again == []
    assert texts(tmp_path) == before
    assert all(before.values())


def test_each_service_gets_only_its_own(keys: Path) -> None:
    found = {folder.name: {path.name for path in folder.iterdir()} for folder in keys.iterdir()}

    assert found == {service: names for service, (names, _) in FOLDERS.items()}


@pytest.mark.parametrize("name", SHARED)
def test_a_shared_secret_is_the_same_wherever_it_lies(keys: Path, name: str) -> None:
    assert len({(keys / service / name).read_text() for service in SHARED[name]}) == 1


def test_no_two_secrets_are_the_same(keys: Path) -> None:
    said = texts(keys)
    once = {path for path in said if Path(path).name not in {*SHARED, "pgpass"}} | {
        f"{of[0]}/{name}" for name, of in SHARED.items()
    }

    assert len({said[path].strip() for path in once}) == len(once)


@pytest.mark.parametrize("service", FOLDERS)
def test_a_lost_folder_is_made_again_from_the_copies_of_the_others(keys: Path, service: str) -> None:
    before = texts(keys)
    lost(keys / service)

    made = give_all(keys, WANTED)

    after = texts(keys)
    own = {f"{service}/{name}" for name in FOLDERS[service][0] if not name.startswith(("users", "pgpass", *SHARED))}
    changed = own | ({"redis/users.acl"} if f"{service}/redis" in own else set())
    assert set(made) == own
    assert set(after) == set(before)
    assert {path for path in before if before[path] != after[path]} == changed


def test_a_copy_that_was_emptied_is_filled_again_from_another(keys: Path) -> None:
    before = texts(keys)
    (keys / "erp-db/postgres").write_text("")

    assert give_all(keys, WANTED) == []

    assert texts(keys) == before


def test_only_what_is_missing_is_made_when_a_new_actor_may_give_orders(keys: Path) -> None:
    before = texts(keys)

    made = give_all(keys, secrets_of(["cli", "board", "schedule"]))

    assert made == ["supervisor/control-schedule"]
    new = {path: text for path, text in texts(keys).items() if path not in before}
    assert set(new) == {"supervisor/control-schedule", "scheduler/control-schedule"}
    assert len(set(new.values())) == 1
    assert {path: text for path, text in texts(keys).items() if path in before} == before


def test_the_password_of_redis_differs_for_each_service(keys: Path) -> None:
    assert len({(keys / user / "redis").read_text() for user in USERS}) == len(USERS)


def test_the_list_of_redis_users_has_the_hash_of_each_password_and_no_password(keys: Path) -> None:
    rules = {line.split()[1]: line.split() for line in (keys / "redis/users.acl").read_text().splitlines()}

    assert set(rules) == {"default", "health", *USERS}
    # nobody can log in as it, but what Redis reads from its own file at its start, it does in its name
    assert rules["default"] == ["user", "default", "off", "resetpass", "~*", "&*", "+@all"]
    for user in USERS:
        password = (keys / user / "redis").read_text()
        assert f"#{hashlib.sha256(password.encode()).hexdigest()}" in rules[user]
        assert password not in (keys / "redis/users.acl").read_text()
    assert [user for user, words in rules.items() if "nopass" in words] == ["health"]
    assert rules["health"][-2:] == ["-@all", "+ping"]


@pytest.mark.parametrize("service", ["erp", "backup"])
def test_the_database_s_password_is_the_one_that_its_clients_bring(keys: Path, service: str) -> None:
    password = (keys / "erp-db/postgres").read_text()

    assert (keys / service / "pgpass").read_text() == f"erp-db:5432:*:jikimi:{password}\n"


@pytest.mark.parametrize("service", FOLDERS)
def test_a_folder_and_all_in_it_belongs_to_its_service_alone(keys: Path, service: str) -> None:
    folder, (_, user) = keys / service, FOLDERS[service]

    for path in (folder, *folder.iterdir()):
        status = path.stat()
        assert (status.st_uid, status.st_gid) == (user, user)
        assert status.st_mode & 0o7777 == (0o700 if path == folder else 0o400)


def test_rights_that_somebody_has_opened_are_closed_again(keys: Path) -> None:
    key = keys / "supervisor/signing"
    key.chmod(0o644)
    key.parent.chmod(0o755)
    os.chown(key, 0, 0)

    give_all(keys, WANTED)

    assert (key.stat().st_uid, key.stat().st_mode & 0o777, key.parent.stat().st_mode & 0o777) == (OWN, 0o400, 0o700)


def test_a_file_that_says_the_same_is_not_written_again(keys: Path) -> None:
    def identities() -> dict[Path, tuple[int, int]]:
        files = [path for path in keys.rglob("*") if path.is_file()]
        return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}

    before = identities()

    give_all(keys, WANTED)

    assert identities() == before


def test_a_new_text_takes_the_place_of_the_old_one_as_a_whole_file(keys: Path) -> None:
    path = keys / "erp/name-of-company"
    write_for("erp", path, "첫 이름")
    with path.open() as reader:
        write_for("erp", path, "둘째 이름")

        assert (reader.read(), path.read_text()) == ("첫 이름", "둘째 이름")


def test_a_half_written_file_that_was_left_behind_does_not_matter(tmp_path: Path) -> None:
    for left in (tmp_path / "supervisor/.signing.partial", tmp_path / "redis/.users.acl.partial"):
        left.parent.mkdir()
        left.write_text("half")
        left.chmod(0o400)

    give_all(tmp_path, WANTED)

    assert not list(tmp_path.rglob(".*"))
    assert "half" not in "".join(texts(tmp_path).values())


def test_no_moment_of_writing_leaves_a_secret_that_others_may_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []
    really = Path.replace

    def seen(partial: Path, target: Path) -> Path:
        modes.append(partial.stat().st_mode & 0o777)
        return really(partial, target)

    monkeypatch.setattr(Path, "replace", seen)
    (tmp_path / "erp").mkdir()
    (tmp_path / "erp/.postgres.partial").touch(0o644)

    give_all(tmp_path, WANTED)

    assert modes
    assert set(modes) == {0o400}


def test_what_a_person_has_entered_for_flows_stays_as_it_is(keys: Path) -> None:
    entered = keys / "rpa-worker/flows/bank-password"
    entered.parent.mkdir(mode=0o700)
    entered.write_text("열려라")
    entered.chmod(0o600)
    os.chown(entered, OWN, OWN)
    before = entered.stat()

    give_all(keys, WANTED)

    after = entered.stat()
    assert entered.read_text() == "열려라"
    assert (after.st_ino, after.st_mode, after.st_uid) == (before.st_ino, before.st_mode, before.st_uid)
