import pytest

from jikimi.rpa.reading import read_items
from jikimi.tables import FileRefused
from jikimi.text import Lang


def file(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def test_each_row_under_the_header_is_an_item_with_its_key() -> None:
    content = read_items(file("키,금액,적요", "A-1,12000,점심", "", "A-2, 5000 ,저녁"))

    assert content.header == ["키", "금액", "적요"]
    assert [(one.row, one.key, dict(one.cells)) for one in content.items] == [
        (2, "A-1", {"키": "A-1", "금액": "12000", "적요": "점심"}),
        (4, "A-2", {"키": "A-2", "금액": "5000", "적요": "저녁"}),
    ]


def test_rows_without_a_key_have_one_of_their_own_and_the_same_file_gives_the_same() -> None:
    first, again = (read_items(file("금액,적요", "1,a", "1,a", "2,b")).items for _ in range(2))

    assert [one.key for one in first] == [one.key for one in again]
    assert len({one.key for one in first}) == 3


def test_a_row_that_comes_back_mended_is_the_same_without_its_reason_and_its_apostrophe() -> None:
    (mended,) = read_items(file("키,적요,이유", "A-1,'=1+1,거절되었습니다")).items

    assert dict(mended.cells) == {"키": "A-1", "적요": "=1+1"}


def test_a_key_that_stands_twice_and_a_row_that_is_too_long_are_told_and_the_others_go_on() -> None:
    items = read_items(file("key,a", "K,1", "K,2", "L,3,4", "M,5")).items

    assert [one.problem.code if one.problem else "" for one in items] == ["", "key_twice", "item_row_too_long", ""]
    assert all(one.problem.say(lang) for one in items if one.problem for lang in Lang)


def test_json_is_one_item_or_a_list_of_them() -> None:
    one = read_items('{"key": "A-1", "data": {"금액": 1}}'.encode()).items
    many = read_items(b'[{"key": "A", "data": {}}, {"key": "B", "data": {}}]').items

    assert [(item.key, dict(item.cells)) for item in one] == [("A-1", {"금액": 1})]
    assert [item.key for item in many] == ["A", "B"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b'{"key": "A"}', "items_unreadable"),
        (b"{broken", "items_unreadable"),
        (b"[1]", "items_unreadable"),
        (file("a,a", "1,2"), "header_unclear"),
        (file("a,b"), "no_item_rows"),
        (b"%PDF-1.7", "unknown_format"),
    ],
    ids=str,
)
def test_what_are_no_items_is_refused_with_its_reason(data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        read_items(data)

    assert refusal.value.reason.code == code
    assert refusal.value.explain(Lang.KO) != refusal.value.explain(Lang.EN)
