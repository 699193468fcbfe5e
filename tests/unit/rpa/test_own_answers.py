"""Two files of work items with one name: each has its own page, and its own rows to mend."""

from pathlib import Path

import pytest

from jikimi.config import Home
from jikimi.inbox import own_page


@pytest.mark.parametrize(("of", "name"), [("aaaa1111", "orders.csv.html"), ("bbbb2222", "orders.csv.bbbb2222.html")])
def test_page_of_another_file_is_kept_when_both_have_one_name(tmp_path: Path, of: str, name: str) -> None:
    home = Home(tmp_path)
    home.make()
    own_page(home, "orders.csv", "aaaa1111").write_text('<meta content="aaaa1111">', encoding="utf-8")

    assert own_page(home, "orders.csv", of).name == name
