"""The folders: no file is taken too early, lost, or mistaken for what another program left beside it."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jikimi.config import Home
from jikimi.inbox import FLOWS, LOOSE, OUTGOING, Claimed, claim, claimed, is_claimed, is_settled, move, ready, safe_name

STRAY = [".DS_Store", "._card.csv", "Thumbs.db", "desktop.ini", "~$card.xlsx", ".~lock.card.csv#"]
SETTLE = timedelta(seconds=3)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "work").mkdir()
    return Home(tmp_path)


def put(home: Home, place: str, text: str = "x") -> Path:
    path = home / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def names(home: Home, within: str = "") -> list[tuple[str, str, str]]:
    return [(file.place, file.claim, file.name) for file in claimed(home, within)]


@pytest.mark.parametrize(("passed_s", "settled"), [(2.9, False), (3.0, True), (3.1, True), (-5.0, False)])
def test_a_file_has_settled_once_it_has_not_changed_for_the_whole_span(
    tmp_path: Path,
    passed_s: float,
    settled: bool,  # noqa: FBT001
) -> None:
    values = list(tmp_path.stat())[:10]
    changed = 1_800_000_000
    values[7:10] = [0, 0 if os.name != "nt" else changed, changed]

    now = datetime.fromtimestamp(changed + passed_s, UTC)

    assert is_settled(os.stat_result(values), now, SETTLE) is settled


def test_files_that_are_ready_come_oldest_first_from_the_places_that_are_asked_for(home: Home) -> None:
    for age, place in enumerate(["inbox/card/b.csv", "inbox/c.csv", "inbox/card/a.csv", "inbox/other/x.csv"]):
        os.utime(put(home, place), ns=(0, 10**18 - age * 10**9))

    found = ready(home, [LOOSE, "card"], datetime.now(UTC) + timedelta(hours=1), SETTLE)  # noqa: TID251 - as the files' times

    assert [(file.place, file.name) for file in found] == [("card", "a.csv"), (LOOSE, "c.csv"), ("card", "b.csv")]


@pytest.mark.parametrize("name", [*STRAY, "card.csv.part", "card.TMP"])
def test_what_is_no_finished_file_of_a_person_s_is_not_ready(home: Home, name: str) -> None:
    put(home, f"inbox/{name}")

    assert ready(home, [LOOSE], datetime.now(UTC) + timedelta(hours=1), SETTLE) == []  # noqa: TID251 - as the files' times


def test_a_claimed_file_lies_in_a_folder_of_its_own_with_its_name(home: Home) -> None:
    dropped = put(home, "inbox/card/card.csv", "text")

    taken = claim(home, Claimed(dropped, "card"))

    assert taken is not None
    assert (taken.path.parent.parent, taken.name) == (home / "work/card", "card.csv")
    assert (taken.path.read_text(), dropped.exists()) == ("text", False)
    assert claimed(home) == [taken]
    assert is_claimed(home, taken.claim)


def test_a_loose_file_is_still_loose_once_it_is_claimed(home: Home) -> None:
    taken = claim(home, Claimed(put(home, "inbox/card.csv"), LOOSE))

    assert taken is not None
    assert claimed(home) == [taken]


def test_a_file_that_is_gone_is_not_claimed_and_leaves_no_folder(home: Home) -> None:
    assert claim(home, Claimed(home / "inbox/card/card.csv", "card")) is None
    assert list((home / "work/card").iterdir()) == []


def test_another_process_that_clears_the_empty_folder_of_a_claim_stops_nothing(home: Home) -> None:
    class Racing(type(home.root)):  # type: ignore[misc]
        def rename(self, target: Path) -> Path:
            claimed(home)  # the scheduler looks while the worker claims
            return Path(self).rename(target)

    dropped = Racing(put(home, "inbox/card/card.csv"))

    assert claim(home, Claimed(dropped, "card")) is None
    assert dropped.exists()


@pytest.mark.parametrize("stray", STRAY)
def test_what_other_programs_leave_beside_a_claimed_file_is_no_file_and_stops_nothing(home: Home, stray: str) -> None:
    put(home, "work/card/c1/card.csv")
    put(home, f"work/card/c1/{stray}")
    put(home, f"work/card/c2/{stray}")
    put(home, f"work/card/{stray}")
    put(home, f"work/{stray}")

    assert names(home) == [("card", "c1", "card.csv")]
    assert is_claimed(home, "c1")
    assert not is_claimed(home, "c2")

    moved = move(home, claimed(home)[0], Path("done"))

    assert moved == home / "done/card.csv"
    assert names(home) == []
    assert not is_claimed(home, "c1")


def test_a_stray_folder_is_no_file_and_what_lies_in_it_is_kept(home: Home) -> None:
    deep = put(home, "work/card/c1/folder/deep.csv")
    put(home, "work/card/c2/card.csv")
    (home / "work/card/c2/folder").mkdir()

    assert names(home) == [("card", "c2", "card.csv")]
    assert not is_claimed(home, "c1")
    move(home, claimed(home)[0], Path("done"))

    assert deep.exists()


@pytest.mark.parametrize("name", ["card.part", "card.tmp", "a.download", "no ending", "x.db"])
def test_a_claimed_file_is_never_overlooked_whatever_its_ending(home: Home, name: str) -> None:
    put(home, f"work/card/c1/{name}")

    assert names(home) == [("card", "c1", name)]
    assert is_claimed(home, "c1")
    assert not is_claimed(home, "never")


def test_several_files_in_one_claim_are_each_taken_and_the_folder_goes_with_the_last(home: Home) -> None:
    put(home, "work/_/c1/a.csv")
    put(home, "work/_/c1/b.csv")

    first, second = claimed(home)
    move(home, first, Path("done"))
    assert claimed(home) == [second]
    move(home, second, Path("done"))

    assert not (home / "work/_/c1").exists()


def test_the_empty_folder_of_a_claim_is_cleared_away(home: Home) -> None:
    (home / "work/card/c1").mkdir(parents=True)

    assert names(home) == []
    assert not (home / "work/card/c1").exists()


def test_claimed_files_come_oldest_first_over_all_places(home: Home) -> None:
    for age, place in enumerate(["work/card/c1/b.csv", "work/_/c2/a.csv", "work/bank/c3/c.csv"]):
        os.utime(put(home, place), ns=(0, 10**18 - age * 10**9))

    assert [place for place, _, _ in names(home)] == ["bank", LOOSE, "card"]


def link(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


@pytest.mark.parametrize("make", [link, lambda path, _: path.mkdir(parents=True)])
def test_only_regular_files_are_files(home: Home, make: Callable[[Path, Path], None]) -> None:
    real = put(home, "elsewhere.csv")
    make(home / "inbox/card/link.csv", real)
    make(home / "work/card/c1/link.csv", real)

    assert ready(home, [LOOSE, "card"], datetime.now(UTC) + timedelta(hours=1), SETTLE) == []  # noqa: TID251 - as the files' times
    assert names(home) == []
    assert real.exists()


def test_a_moved_file_never_takes_the_place_of_another(home: Home) -> None:
    for number in range(3):
        put(home, f"work/card/c{number}/card.csv", str(number))
        put(home, f"work/card/d{number}/noend", str(number))

    for file in claimed(home):
        move(home, file, Path("done"), prefix="p-")

    found = {path.name for path in (home / "done").iterdir()}
    assert found == {
        "p-card.csv",
        "p-card (2).csv",
        "p-card (3).csv",
        "p-noend",
        "p-noend (2)",
        "p-noend (3)",
    }
    assert sorted(path.read_text() for path in (home / "done").iterdir()) == ["0", "0", "1", "1", "2", "2"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("card.csv", "card.csv"),
        ("a/b\\c:d.csv", "a_b_c_d.csv"),
        ("\x00\x1f\x7f.csv", "___.csv"),
        (" .. ", "file"),
        ("x" * 300 + ".csv", "x" * 176 + ".csv"),
        ("x" * 180, "x" * 180),
        ("." + "x" * 200, "x" * 180),
        ("a." + "x" * 200, "a." + "x" * 178),
        ("y" * 200 + "." + "x" * 10, "y" * 169 + "." + "x" * 10),
        ("y" * 200 + "." + "x" * 11, "y" * 180),
    ],
)
def test_a_name_is_made_safe_for_other_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_files_of_one_age_come_by_name_and_equal_ones_in_any_order(home: Home) -> None:
    for place in ("card/c1/b.csv", "card/c2/a.csv", "card/c3/a.csv"):
        os.utime(put(home, f"work/{place}"), ns=(0, 10**18))

    assert [name for _, _, name in names(home)] == ["a.csv", "a.csv", "b.csv"]


def test_a_file_that_is_taken_away_during_the_look_hides_no_other(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        put(home, f"work/card/c1/{number}.csv")
    lstat, seen = Path.lstat, list[Path]()

    def first_is_gone(path: Path) -> os.stat_result:
        if path.suffix == ".csv":
            seen.append(path)
        if len(seen) == 1:
            raise FileNotFoundError
        return lstat(path)

    monkeypatch.setattr(Path, "lstat", first_is_gone)

    assert len(names(home)) == 8


def test_a_place_may_lie_in_a_folder_of_places(home: Home) -> None:
    put(home, "inbox/flows/orders/a.csv")
    later = datetime.now(UTC) + timedelta(hours=1)  # noqa: TID251 - as the files' times

    (dropped,) = ready(home, ["flows/orders", "flows/never"], later, SETTLE)
    taken = claim(home, dropped)

    assert taken is not None
    assert (taken.path.parent.parent, taken.place) == (home / "work/flows/orders", "flows/orders")
    assert claimed(home, FLOWS) == [taken]
    assert is_claimed(home, taken.claim, FLOWS)


def test_the_files_of_flows_and_of_profiles_are_not_seen_by_each_other(home: Home) -> None:
    put(home, "work/card/c1/a.csv")
    put(home, "work/_/c2/b.csv")
    put(home, "work/flows/orders/c3/c.csv")

    assert sorted(names(home)) == [(LOOSE, "c2", "b.csv"), ("card", "c1", "a.csv")]
    assert names(home, FLOWS) == [("flows/orders", "c3", "c.csv")]
    assert [is_claimed(home, claim) for claim in ("c1", "c2", "c3", "orders")] == [True, True, False, False]
    assert [is_claimed(home, claim, FLOWS) for claim in ("c1", "c2", "c3")] == [False, False, True]


def test_who_looks_for_files_of_profiles_clears_no_folder_of_flows_away(home: Home) -> None:
    (home / "work/flows/orders/c1").mkdir(parents=True)
    (home / "work/flows/empty").mkdir()

    assert names(home) == []
    assert (home / "work/flows/orders/c1").exists()
    assert (home / "work/flows/empty").exists()

    assert names(home, FLOWS) == []
    assert not (home / "work/flows/orders/c1").exists()
    assert (home / "work/flows/orders").exists()


def test_flows_that_never_had_a_file_have_none_claimed(home: Home) -> None:
    assert names(home, FLOWS) == []
    assert not is_claimed(home, "c1", FLOWS)


def test_a_flow_s_place_may_be_called_as_the_folder_of_loose_files(home: Home) -> None:
    put(home, "work/flows/_/c1/a.csv")

    assert names(home, FLOWS) == [("flows/_", "c1", "a.csv")]


def test_drafts_that_a_flow_shall_enter_are_no_file_of_a_person_s(home: Home) -> None:
    put(home, f"work/{OUTGOING}/booking/jk1-a.json")

    assert names(home) == names(home, FLOWS) == []
