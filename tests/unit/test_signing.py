"""Only who holds the key puts a job on the queue, and nothing is ever unpickled."""

import pickle
from pathlib import Path

import pytest

from jikimi.queue.signing import BadSignature, SignedJson, signing_keys

OLD, NEW = b"old", b"new"
JOB = {"name": "cycle", "한글": [1, None]}


def test_what_is_signed_comes_back() -> None:
    assert SignedJson([NEW]).loads(SignedJson([NEW]).dumps(JOB)) == JOB


def test_a_key_can_be_rotated() -> None:
    assert SignedJson([NEW, OLD]).loads(SignedJson([OLD]).dumps(JOB)) == JOB


@pytest.mark.parametrize("place", [0, 2, 40, -1])
def test_a_changed_byte_is_refused(place: int) -> None:
    data = bytearray(SignedJson([NEW]).dumps(JOB))
    data[place] ^= 1

    with pytest.raises(BadSignature):
        SignedJson([NEW]).loads(bytes(data))


@pytest.mark.parametrize(
    "data", [b"", b"1", SignedJson([OLD]).dumps(JOB), pickle.dumps(JOB), SignedJson([NEW]).dumps("x" * 262_144)]
)
def test_what_is_foreign_or_too_large_is_refused(data: bytes) -> None:
    with pytest.raises(BadSignature):
        SignedJson([NEW]).loads(data)


def test_a_key_file_left_empty_by_a_crash_is_filled(tmp_path: Path) -> None:
    file = tmp_path / "signing"
    file.touch()

    assert signing_keys(file) == signing_keys(file)
    assert len(signing_keys(file)[0]) == 32
