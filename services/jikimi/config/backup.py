"""The settings of the safe: `[backup]`."""

from enum import StrEnum

from pydantic import Field

from jikimi.config.table import Table
from jikimi.config.unit_values import TimeOfDay


class Engine(StrEnum):
    """What keeps the snapshots."""

    AUTO = "auto"
    RESTIC = "restic"
    FILE = "file"


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
