"""What every surface must do; subclass it and give a `ward` fixture.

The program that is driven has one screen: fields 일자, 금액 (which writes separators into numbers), 숫자 (which drops
all but digits), 계정 (a list: 여비교통비, 접대비) and one with the id "memo" and no label; buttons 저장 (asks
저장하시겠습니까?, and shows 전표번호 V1 after a yes), 늦게 (after a moment the button 나중 is there), 오류 (an alert
comes), 알림 (a message box comes up), 덮개 (a notice with the button 닫기 lies over the screen), twice 같음, and once
more in the group 상세, where it shows 상세를 눌렀습니다; a field 거래처, which offers 서울상사 once 서울 is written
into it, beside a button of the same name; a field 숨김, which cannot be seen; a link 내려받기.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pytest

from jikimi.clock import SystemClock
from jikimi.rpa.errors import Ambiguous, Application, Gone, Mismatch, NotFound
from jikimi.rpa.port import Dialog, Health, Node, Surface
from jikimi.rpa.selector import button, by_id, field, role

SOON = 5.0


class SurfaceWard(Protocol):
    """A surface on that program."""

    surface: Surface
    address: str

    def hang(self) -> None:
        """Let the program answer no more."""
        ...

    def end(self) -> None:
        """Let the program be gone."""
        ...


class SurfaceContract:
    def test_a_value_is_written_into_a_field_by_its_label_and_can_be_read(self, ward: SurfaceWard) -> None:
        ward.surface.find(field("일자"), SOON).set("2026-11-29")

        assert ward.surface.find(field("일자"), SOON).text() == "2026-11-29"

    def test_separators_that_the_program_writes_into_a_number_are_no_mismatch(self, ward: SurfaceWard) -> None:
        ward.surface.find(field("금액"), SOON).set("1234567")

        assert ward.surface.find(field("금액"), SOON).text() == "1,234,567"

    def test_a_value_that_the_program_does_not_keep_is_told(self, ward: SurfaceWard) -> None:
        node = ward.surface.find(field("숫자"), SOON)

        with pytest.raises(Mismatch, match="숫자"):
            _give(node, "12원")

    def test_values_that_the_program_keeps_are_all_well_once_the_last_is_written(self, ward: SurfaceWard) -> None:
        values = {"일자": "2026-11-29", "금액": "1234567", "계정": "접대비", "숫자": "12"}
        nodes = {name: ward.surface.find(field(name), SOON) for name in values}
        for name, value in values.items():
            nodes[name].set(value)

        assert [nodes[name].check(value) for name, value in values.items()] == [True] * len(values)

    def test_what_came_up_unasked_is_told_before_anything_is_done_with_what_was_found(self, ward: SurfaceWard) -> None:
        ward.surface.find(button("덮개"), SOON).click()
        heard: list[str] = []

        def close(unasked: Sequence[Dialog]) -> None:
            heard.extend(dialog.text for dialog in unasked)
            ward.surface.find(button("닫기"), SOON).click()

        ward.surface.find(field("일자"), SOON, close).set("2026-11-29")

        assert len(heard) == 1
        assert "공지" in heard[0]
        assert ward.surface.find(field("일자"), SOON).text() == "2026-11-29"
        assert ward.surface.dialogs() == []

    def test_a_message_box_is_told_before_the_next_press(self, ward: SurfaceWard) -> None:
        ward.surface.find(button("알림"), SOON).click()
        heard: list[Dialog] = []

        ward.surface.find(button("저장"), SOON, heard.extend).click()

        assert [dialog.text for dialog in heard] == ["점검 예정"]  # and not yet the question that the press brings up
        assert [dialog.text for dialog in ward.surface.dialogs()] == ["저장하시겠습니까?"]

    def test_nothing_is_told_where_nothing_came_up(self, ward: SurfaceWard) -> None:
        heard: list[Sequence[Dialog]] = []

        ward.surface.find(field("일자"), SOON, heard.append).set("2026-11-29")
        ward.surface.find(button("늦게"), SOON, heard.append).click()
        ward.surface.find(button("나중"), SOON, heard.append).click()

        assert heard == []

    def test_an_entry_of_a_list_is_chosen_by_its_name(self, ward: SurfaceWard) -> None:
        ward.surface.find(field("계정"), SOON).set("접대비")

        assert ward.surface.find(field("계정"), SOON).text() == "접대비"

    def test_an_entry_that_the_list_does_not_have_is_told(self, ward: SurfaceWard) -> None:
        with pytest.raises(Application):
            ward.surface.find(field("계정"), 0.5).set("급여")

    def test_an_entry_that_is_offered_for_what_was_written_can_be_pressed(self, ward: SurfaceWard) -> None:
        ward.surface.find(field("거래처"), SOON).write("서울")
        ward.surface.find(role("option", "서울상사"), SOON).click()

        assert ward.surface.find(field("거래처"), SOON).text() == "서울상사"

    def test_what_has_no_label_is_found_by_its_id(self, ward: SurfaceWard) -> None:
        ward.surface.find(by_id("memo"), SOON).set("메모 🙂")

        assert ward.surface.find(by_id("memo"), SOON).text() == "메모 🙂"

    def test_a_question_that_was_agreed_to_is_answered_with_yes(self, ward: SurfaceWard) -> None:
        ward.surface.agree("저장하시겠습니까")
        ward.surface.find(button("저장"), SOON).click()

        assert "전표번호 V1" in ward.surface.text()
        assert ward.surface.dialogs() == []

    def test_a_question_that_nobody_agreed_to_is_answered_with_no_and_told_once(self, ward: SurfaceWard) -> None:
        ward.surface.agree("삭제")
        ward.surface.find(button("저장"), SOON).click()

        assert [(dialog.text, dialog.is_settled) for dialog in ward.surface.dialogs()] == [("저장하시겠습니까?", True)]
        assert ward.surface.dialogs() == []
        assert "전표번호" not in ward.surface.text()

    def test_to_agree_counts_for_one_question_only(self, ward: SurfaceWard) -> None:
        ward.surface.agree("저장")
        ward.surface.find(button("저장"), SOON).click()
        ward.surface.find(button("저장"), SOON).click()

        assert len(ward.surface.dialogs()) == 1

    def test_a_message_box_is_closed_and_told(self, ward: SurfaceWard) -> None:
        ward.surface.find(button("알림"), SOON).click()

        assert [(dialog.text, dialog.is_settled) for dialog in ward.surface.dialogs()] == [("점검 예정", True)]

    def test_a_message_box_is_told_without_a_look_and_what_lies_over_the_screen_is_not(self, ward: SurfaceWard) -> None:
        ward.surface.find(button("알림"), SOON).click()
        ward.surface.find(button("덮개"), SOON).click()

        assert [(box.text, box.is_settled) for box in ward.surface.answered()] == [("점검 예정", True)]
        assert list(ward.surface.answered()) == []
        assert ["공지" in dialog.text for dialog in ward.surface.dialogs()] == [True]

    def test_a_notice_over_the_screen_is_told_until_it_is_closed(self, ward: SurfaceWard) -> None:
        ward.surface.find(button("덮개"), SOON).click()

        for _ in range(2):
            (notice,) = ward.surface.dialogs()
            assert "공지" in notice.text
            assert not notice.is_settled
        ward.surface.find(button("닫기"), SOON).click()
        assert ward.surface.dialogs() == []

    def test_an_alert_is_a_notice_and_not_a_window(self, ward: SurfaceWard) -> None:
        assert list(ward.surface.notices()) == []

        ward.surface.find(button("오류"), SOON).click()

        assert list(ward.surface.notices()) == ["오류: 금액이 올바르지 않습니다"]
        assert ward.surface.dialogs() == []

    def test_what_comes_later_is_waited_for(self, ward: SurfaceWard) -> None:
        assert not ward.surface.shows(button("나중"))

        ward.surface.find(button("늦게"), SOON).click()

        ward.surface.find(button("나중"), SOON).click()
        assert ward.surface.shows(button("나중"))

    def test_a_program_at_rest_is_settled(self, ward: SurfaceWard) -> None:
        ward.surface.settle(SOON)

        assert ward.surface.shows(button("저장"))

    def test_what_is_not_there_or_more_than_once_is_told_by_its_first_use_as_well(self, ward: SurfaceWard) -> None:
        def nobody(_unasked: Sequence[Dialog]) -> None:
            raise AssertionError

        with pytest.raises(NotFound, match="없음"):
            ward.surface.find(field("없음"), 0.3, nobody).set("1")
        with pytest.raises(NotFound, match="없음"):
            ward.surface.find(button("없음"), 0.3, nobody).click()
        with pytest.raises(Ambiguous, match="같음"):
            ward.surface.find(button("같음"), 0.3, nobody).click()

    def test_what_is_not_there_is_told_with_the_time_that_it_had(self, ward: SurfaceWard) -> None:
        clock = SystemClock()
        began = clock.ticks()

        with pytest.raises(NotFound, match=r'button "없음".*1 s'):
            ward.surface.find(button("없음"), 1.0)

        assert clock.ticks() - began < SOON

    def test_of_several_of_one_name_none_is_taken(self, ward: SurfaceWard) -> None:
        with pytest.raises(Ambiguous, match="3"):
            ward.surface.find(button("같음"), 0.3)

    def test_of_several_of_one_name_the_one_inside_a_part_of_the_screen_is_taken(self, ward: SurfaceWard) -> None:
        ward.surface.find(button("같음", inside=role("group", "상세")), SOON).click()

        assert "상세를 눌렀습니다" in ward.surface.text()
        assert not ward.surface.shows(button("같음", inside=role("group", "다른 곳")))

    def test_what_cannot_be_seen_is_not_there(self, ward: SurfaceWard) -> None:
        assert not ward.surface.shows(field("숨김"))

    def test_a_file_comes_of_a_press(self, ward: SurfaceWard, tmp_path: Path) -> None:
        file = ward.surface.download(role("link", "내려받기"), tmp_path, SOON)

        assert (file.name, file.parent, file.read_bytes()) == ("card.csv", tmp_path, b"a,b\n")

    def test_a_press_of_which_no_file_comes_is_told(self, ward: SurfaceWard, tmp_path: Path) -> None:
        with pytest.raises(Application):
            ward.surface.download(button("오류"), tmp_path, 1.0)

    def test_an_address_that_does_not_come_up_is_told(self, ward: SurfaceWard) -> None:
        with pytest.raises(Application):
            ward.surface.open(ward.address + "-nowhere", SOON)

    def test_the_screen_can_be_drawn_and_told_as_a_tree(self, ward: SurfaceWard) -> None:
        shot = ward.surface.shot()

        assert shot is not None
        assert shot.startswith(b"\x89PNG")
        assert "저장" in ward.surface.tree()
        assert ward.surface.where() == ward.address
        assert ward.surface.health() is Health.OK

    def test_a_program_that_hangs_is_told_in_a_few_seconds_and_gives_no_picture(self, ward: SurfaceWard) -> None:
        ward.hang()
        clock = SystemClock()
        began = clock.ticks()

        with pytest.raises(Application):
            ward.surface.find(button("저장"), 1.0).click()
        assert ward.surface.health() is Health.HUNG
        assert ward.surface.shot() is None
        assert ward.surface.tree() == ""
        assert clock.ticks() - began < 15.0
        ward.surface.close()

    def test_a_program_that_is_gone_is_told_at_once(self, ward: SurfaceWard) -> None:
        ward.end()

        with pytest.raises(Gone):
            ward.surface.find(button("저장"), SOON)
        assert ward.surface.health() is Health.GONE
        assert ward.surface.shot() is None
        assert ward.surface.tree() == ""
        ward.surface.close()


def _give(node: Node, value: str) -> None:
    node.set(value)
    node.check(value)
