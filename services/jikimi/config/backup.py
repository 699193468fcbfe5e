"""The settings of the safe: `[backup]`."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from jikimi.config.span import Span
from jikimi.config.table import Table
from jikimi.config.unit_values import TimeOfDay


class Engine(StrEnum):
    """What keeps the snapshots."""

    AUTO = "auto"
    RESTIC = "restic"
    FILE = "file"


_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")  # of two letters at least: one alone is a Windows drive
_LOGIN = r"(?!-)[^/:@\s]+@(?!-)[^/:@\s]+"
_SFTP = re.compile(rf"sftp:(//{_LOGIN}(:\d+)?/\S.*|{_LOGIN}:\S.*)")
_S3 = re.compile(r"s3:https?://[^/@\s]+/[^/\s]\S*")


def _place(text: str) -> str:
    scheme = found[1] if (found := _SCHEME.match(text)) else ""
    if scheme == "sftp" and not _SFTP.fullmatch(text):
        raise ValueError('write it as "sftp://user@host:22//folder", without a password (got something else)')
    if scheme == "s3" and not _S3.fullmatch(text):
        raise ValueError('write it as "s3:https://host/bucket/name", without keys (got something else)')
    if scheme not in ("", "sftp", "s3"):
        raise ValueError(f'must be a folder, or begin with "sftp:" or "s3:" (got {scheme}:…)')
    return text


class Offsite(Table):
    """A second repository in another place, with keys of its own."""

    to: Annotated[str, AfterValidator(_place)] = Field(
        default="",
        description="다른 곳의 저장소: 폴더(마운트), sftp://사용자@호스트:22//폴더, s3:https://호스트/버킷/이름."
        " 비우면 없음 / the second repository: a folder or mount, sftp://user@host:22//folder, s3:https://host/bucket/name;"
        " empty: none",
    )
    key_file: str = Field(
        default="",
        description="SFTP: 로그인용 SSH 개인 키 파일(홈 기준) / SFTP: the file of the private SSH key (from the home)",
    )
    known_hosts: str = Field(
        default="",
        description="SFTP: 서버의 호스트 키가 든 파일(홈 기준), ssh-keyscan의 출력"
        " / SFTP: the file with the server's host key (from the home), as ssh-keyscan prints it",
    )
    credentials_file: str = Field(
        default="",
        description="S3: aws_access_key_id와 aws_secret_access_key가 [default] 아래 든 파일(홈 기준)"
        " / S3: the file with aws_access_key_id and aws_secret_access_key below [default] (from the home)",
    )
    region: str = Field(default="", description="S3: 지역, 비우면 서버에 물음 / S3: the region; empty: asked for")
    late: Span = Field(
        default=timedelta(hours=72),
        description="마지막 사본이 이보다 오래되면 경고 / a copy older than this is warned of",
    )

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        if self.to.startswith("sftp:") and not (self.key_file and self.known_hosts):
            raise ValueError("write key_file and known_hosts for sftp; got not both")
        if self.to.startswith("s3:") and not self.credentials_file:
            raise ValueError("write credentials_file for s3; got none")
        return self


class Backup(Table):
    """What is saved besides the home, when, and where."""

    at: TimeOfDay = Field(default="03:30", description="백업하기 좋은 시각 / the preferred time of day")
    folder: str = Field(
        default="",
        description="저장소 폴더, 비우면 홈의 backups. 다른 디스크가 좋음"
        " / where backups go; empty: backups/ of the home. Another disk is better",
    )
    engine: Engine = Field(
        default=Engine.AUTO,
        description="auto: restic이 있으면 restic, 없으면 file / auto: restic where it is installed, else file",
    )
    also: tuple[str, ...] = Field(
        default=(),
        description="더 저장할 파일과 폴더(홈 기준 또는 절대 경로)"
        " / files and folders to save as well (from the home, or absolute)",
    )
    clone: bool = Field(
        default=True,
        description="프로그램 폴더의 git 상태와 .env도 저장 / the git state of the programs' folder and its .env, too",
    )
    offsite: Offsite = Offsite()
