"""A dump of PostgreSQL counts only when it is whole, and says itself how many rows it has."""

import io

import pytest

from jikimi.backup.port import NotStored
from jikimi.backup.postgres import check_whole, copied_rows

DUMP = b"""--
-- PostgreSQL database dump
--

CREATE TABLE public.account_move (id integer, description text);

COPY public.account_move (id, description) FROM stdin;
1\tcard:1
2\tCOPY public.party (id) FROM stdin;
3\t\\\\.
\\.


COPY public."order" (id) FROM stdin;
7
\\.

COPY archive.party (id) FROM stdin;
\\.

--
-- PostgreSQL database dump complete
--

\\unrestrict abc
"""


def test_the_rows_of_each_table_are_counted() -> None:
    assert copied_rows(io.BytesIO(DUMP)) == {"account_move": 3, "order": 1, "archive.party": 0}


def test_a_whole_dump_is_read_from_its_begin() -> None:
    dump = io.BytesIO(DUMP)

    check_whole(dump)

    assert dump.tell() == 0


@pytest.mark.parametrize("length", [0, 10, DUMP.index(b"7\n"), DUMP.index(b"complete") + len("comp")])
def test_a_dump_that_breaks_off_is_none(length: int) -> None:
    with pytest.raises(NotStored, match="breaks off"):
        check_whole(io.BytesIO(DUMP[:length]))


def test_the_end_counts_however_long_the_dump_is() -> None:
    check_whole(io.BytesIO(b"x\n" * 100_000 + DUMP))
