"""Where copies may go, and what each sort of place needs."""

from datetime import timedelta
from pathlib import Path

import pytest

from jikimi.config import load
from jikimi.config.explain import BadFile

SFTP = 'key_file = "keys/ssh"\nknown_hosts = "keys/hosts"\n'
S3 = 'credentials_file = "keys/s3"\n'


def settings(home: Path, text: str) -> object:
    (home / "jikimi.toml").write_text(f"[backup.offsite]\n{text}")
    return load(home, {}).settings.backup.offsite


@pytest.mark.parametrize(
    ("to", "more"),
    [
        ("", ""),
        ("/mnt/books", ""),
        ("../other disk", ""),
        ("D:\\\\books", ""),
        ("sftp:me@host:/books", SFTP),
        ("sftp:me@host:books/of us", SFTP),
        ("sftp://me@host//books", SFTP),
        ("sftp://me@host:2222//books", SFTP),
        ("s3:https://s3.ap-northeast-2.amazonaws.com/bucket/books", S3),
        ("s3:http://127.0.0.1:9000/bucket", S3),
    ],
)
def test_a_place_that_can_be_used(tmp_path: Path, to: str, more: str) -> None:
    found = settings(tmp_path, f'to = "{to}"\n{more}')

    assert getattr(found, "to") == to.replace("\\\\", "\\")  # noqa: B009 - of any table
    assert getattr(found, "late") == timedelta(hours=72)  # noqa: B009 - of any table


@pytest.mark.parametrize(
    ("to", "more", "said"),
    [
        ("sftp:me@host:/books", "", "write key_file and known_hosts for sftp"),
        ("sftp:me@host:/books", 'key_file = "keys/ssh"\n', "write key_file and known_hosts for sftp"),
        ("sftp://me:a-secret@host//books", SFTP, "without a password"),
        ("sftp:host:/books", SFTP, "sftp://user@host"),
        ("sftp:me@-oProxyCommand=x:/books", SFTP, "sftp://user@host"),
        ("sftp://-oProxyCommand=x@host//books", SFTP, "sftp://user@host"),
        ("s3:https://host/bucket", "", "write credentials_file for s3"),
        ("s3:https://me:a-secret@host/bucket", S3, "without keys"),
        ("s3:host/bucket", S3, "s3:https://host"),
        ("s3:https://host", S3, "s3:https://host"),
        ("rest:https://me:a-secret@host/", "", "must be a folder"),
        ("b2:bucket", "", "must be a folder"),
    ],
)
def test_a_place_that_cannot(tmp_path: Path, to: str, more: str, said: str) -> None:
    with pytest.raises(BadFile) as found:
        settings(tmp_path, f'to = "{to}"\n{more}')

    assert said in str(found.value)
    assert str(found.value).count("a-secret") == 0
