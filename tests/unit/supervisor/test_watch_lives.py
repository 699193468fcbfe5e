"""Which life a sign is of, where every life has the same process id; and a container that shows by running at all."""

from pathlib import Path

import pytest

from jikimi.beats.beat import Beat, Mode
from jikimi.beats.beat_file import write_beat
from jikimi.supervisor.watch_beats import BeatWatch, SinceBegin, by_pid
from jikimi.supervisor.watch_container import ContainerWatch

FIRST, SECOND, THIRD = 1_000, 2_000, 3_000


def beat(boot_id: str, seq: int = 1, **facts: object) -> Beat:
    return Beat(unit="erp-worker", pid=1, seq=seq, at="", boot_id=boot_id, **facts)  # type: ignore[arg-type]


class Life:
    """The beats of one unit as its container leaves them, and the watch over them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.watch = BeatWatch(folder, "erp-worker", is_of=SinceBegin())

    def beats(self, boot_id: str, seq: int = 1, **facts: object) -> None:
        write_beat(self._folder, beat(boot_id, seq, **facts))

    def sign(self, life: int) -> str:
        return self.watch.look(life).seen.sign


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return Life(tmp_path / "beats")


def test_the_beats_of_the_life_that_is_looked_at_are_its_signs(life: Life) -> None:
    said = []
    for seq in (1, 2, 3):
        life.beats("a", seq)
        said.append(life.sign(FIRST))

    assert said == ["1", "2", "3"]
    assert life.watch.look(FIRST).seen.is_ready


def test_a_life_that_beat_before_anybody_saw_it_begin_is_heard(life: Life) -> None:
    life.beats("a", 7)
    assert life.sign(FIRST) == "7"
    life.beats("b", 1)  # it was restarted, and the engine has not told yet
    life.watch.look(FIRST)

    assert life.sign(SECOND) == ""
    life.beats("b", 2)
    assert life.sign(SECOND) == "2"


def test_what_an_earlier_life_has_left_is_no_sign_of_the_next_one(life: Life) -> None:
    life.beats("a", 7)
    assert life.sign(FIRST) == "7"

    sight = life.watch.look(SECOND)

    assert (sight.seen.sign, sight.seen.is_ready) == ("", False)
    assert sight.says["seq"] == 7, "a person may still see what it said last"


def test_the_next_life_counts_from_its_own_first_beat(life: Life) -> None:
    life.beats("a", 7)
    assert life.sign(FIRST) == "7"
    assert life.sign(SECOND) == ""

    life.beats("b", 1)

    assert [life.sign(SECOND) for _ in range(2)] == ["1", "1"]


def test_a_life_that_never_beat_does_not_make_the_beat_before_it_new(life: Life) -> None:
    life.beats("a", 7)
    assert life.sign(FIRST) == "7"

    assert [life.sign(each) for each in (SECOND, SECOND, THIRD, THIRD)] == [""] * 4

    life.beats("c", 1)
    assert life.sign(THIRD) == "1"


def test_a_beat_that_cannot_be_read_for_a_moment_makes_no_old_one_new(life: Life, tmp_path: Path) -> None:
    life.beats("a", 7)
    assert life.sign(FIRST) == "7"
    (tmp_path / "beats/erp-worker.json").write_text("")
    assert life.sign(SECOND) == ""

    life.beats("a", 7)

    assert [life.sign(each) for each in (SECOND, THIRD)] == ["", ""]


def test_of_the_first_life_that_a_supervisor_looks_at_every_beat_counts(life: Life) -> None:
    life.beats("a", 41)

    assert life.sign(SECOND) == "41"


@pytest.mark.parametrize("boot_id", [None, 0, [], {}])
def test_a_beat_that_names_no_life_is_of_none(boot_id: object) -> None:
    is_of = SinceBegin()

    assert not is_of({"seq": 1, "boot_id": None}, FIRST)
    assert not is_of({}, FIRST)
    assert is_of({"seq": 1, "boot_id": boot_id}, FIRST) is (boot_id is not None)


def test_each_unit_has_its_own_memory_of_lives() -> None:
    one, other = SinceBegin(), SinceBegin()
    said = {"seq": 1, "boot_id": "a"}

    assert one(said, FIRST)
    assert other(said, SECOND)
    assert not one(said, SECOND)


def test_on_this_machine_the_process_id_tells_the_lives_apart(tmp_path: Path) -> None:
    write_beat(tmp_path / "beats", beat("a", 5))
    watch = BeatWatch(tmp_path / "beats", "erp-worker")

    assert [watch.look(pid).seen.sign for pid in (1, 2)] == ["5", ""]
    assert by_pid({"pid": 1}, 1)
    assert not by_pid({}, 1)


def test_a_beat_says_whether_work_moves_and_whether_it_is_left(tmp_path: Path) -> None:
    waiting = [3]
    watch = BeatWatch(tmp_path / "beats", "erp-worker", lambda: waiting[0], SinceBegin())
    write_beat(tmp_path / "beats", beat("a", 1, mode=Mode.BUSY, progress=9, budget_s=30.0, failures=2, is_blind=True))
    busy = watch.look(FIRST).seen
    write_beat(tmp_path / "beats", beat("a", 2))
    idle = watch.look(FIRST).seen
    waiting[0] = 0

    assert (busy.is_busy, busy.token, busy.budget_s, busy.failures, busy.is_blind) == (True, 9, 30.0, 2, True)
    assert [seen.leaves_work for seen in (busy, idle, watch.look(FIRST).seen)] == [False, True, False]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"v": 1}', '{"v": 1, "boot_id": "a", "seq": 1, "budget_s": "x"}'])
def test_what_is_no_beat_is_no_sign(tmp_path: Path, text: str) -> None:
    (tmp_path / "erp-worker.json").write_text(text)

    seen = BeatWatch(tmp_path, "erp-worker", is_of=SinceBegin()).look(FIRST).seen

    assert (seen.sign, seen.is_ready) == ("", False)


def test_a_container_gives_a_new_sign_at_each_look_and_is_ready_at_once() -> None:
    watch = ContainerWatch()

    seen = [watch.look(FIRST).seen for _ in range(3)]

    assert len({each.sign for each in seen}) == 3
    assert all(each.sign and each.is_ready and not each.is_busy for each in seen)
