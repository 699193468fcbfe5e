"""Why a file of work items, or a row of it, was not taken; every reason can say these."""

from collections.abc import Mapping

from jikimi.tables.reasons import add_sentences
from jikimi.text import Text

SENTENCES: Mapping[str, Text] = {
    "several_tables": Text(
        "표가 여러 시트에 있습니다. 시트마다 파일을 나누어 넣어 주세요",
        "several sheets hold a table; save each as a file of its own",
    ),
    "items_unreadable": Text(
        "작업 항목이 아닙니다: key와 data가 있는 JSON이어야 합니다",
        "these are no work items: JSON with a key and data is read",
    ),
    "header_unclear": Text(
        "제목 행에 같은 이름이 두 번 있거나 이름이 없습니다", "the header names a column twice, or none at all"
    ),
    "no_item_rows": Text("제목 행 아래에 항목이 없습니다", "there is no item below the header"),
    "key_twice": Text(
        "같은 키가 이 파일에 두 번 있습니다: {key}. 첫 행만 처리합니다",
        "this key stands twice in this file: {key}; only the first row is worked on",
    ),
    "item_row_too_long": Text(
        "칸 수가 제목 행보다 많아 열이 밀렸습니다",
        "the row has more cells than the header, so columns have shifted",
    ),
}
add_sentences(SENTENCES)
