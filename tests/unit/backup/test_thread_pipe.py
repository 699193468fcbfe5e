"""What is read is what was written, whoever is faster; either side may leave."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.backup.thread_pipe import Behind, ReaderGone, ThreadPipe

PIECES = st.lists(st.binary(max_size=20), max_size=20)


def written(pieces: list[bytes], most: int = 2) -> tuple[ThreadPipe, threading.Thread]:
    pipe = ThreadPipe(most)

    def write() -> None:
        for piece in pieces:
            pipe.write(piece)
        pipe.end()

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    return pipe, thread


@given(PIECES, st.lists(st.tuples(st.booleans(), st.integers(0, 50)), max_size=20))
def test_it_reads_and_passes_over_like_a_file(pieces: list[bytes], steps: list[tuple[bool, int]]) -> None:
    pipe, thread = written(pieces)
    data, at = b"".join(pieces), 0

    for is_read, size in steps:
        if is_read:
            assert pipe.read(size) == data[at : at + size]
        else:
            assert pipe.seek(at + size) == min(at + size, len(data))
        at = min(at + size, len(data))
        assert pipe.tell() == at
    assert pipe.read(1000) == data[at:]
    assert pipe.read(1000) == b""
    assert pipe.ended
    thread.join(10)
    assert not thread.is_alive()


def test_nothing_is_read_twice() -> None:
    pipe, _ = written([b"abcdef"])
    pipe.read(4)
    with pytest.raises(Behind):
        pipe.seek(3)
    assert pipe.read(1) == b"e"


@pytest.mark.parametrize("size", [0, 1, 1000])
def test_a_writer_does_not_wait_for_a_reader_who_has_left(size: int) -> None:
    pipe, told = ThreadPipe(2), list[bool]()

    def write() -> None:
        try:
            for _ in range(100):
                pipe.write(b"x")
        except ReaderGone:
            told.append(True)
        finally:
            pipe.end()

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    pipe.read(size)
    pipe.leave()
    thread.join(10)

    assert not thread.is_alive()
    assert told in ([], [True])
    with pytest.raises(ReaderGone):
        pipe.write(b"x")
