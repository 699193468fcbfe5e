"""What may be wrong with the second repository, and what to do about it."""

from jikimi.backup.port import NoRepository, RepositoryThere, WrongKey
from jikimi.errors import NotWell, WrongUse
from jikimi.text import Text


class NoOffsite(NoRepository):
    """There is no repository where the second one should be: a mount that is away looks like this."""

    what = Text("다른 곳의 저장소가 없습니다: {place}", "there is no repository off-site at {place}")
    remedy = Text(
        "연결되었는지 보세요. 새 곳이라면 한 번만: jikimi backup offsite init",
        "see whether it is mounted or reached; if this is a new place, once: jikimi backup offsite init",
    )


class OffsiteThere(RepositoryThere):
    """A repository is never made over another one."""

    what = Text("다른 곳에 이미 저장소가 있습니다: {place}", "there is a repository off-site already: {place}")
    remedy = Text(
        "이 홈의 것이면 `jikimi backup offsite init --adopt`, 아니면 backup.offsite.to를 바꾸세요",
        "if it is this home's own: `jikimi backup offsite init --adopt`; else change backup.offsite.to",
    )


class WrongOffsiteKey(WrongKey):
    """The key does not open the second repository."""

    what = Text("이 열쇠로는 다른 곳의 사본을 열 수 없습니다: {place}", "this key does not open the copies at {place}")
    remedy = Text(
        "복구 안내문의 다른 곳 열쇠를 파일에 한 줄로 적고 `--key-file`로 주거나 keys/backup/offsite에 두세요",
        "write the sheet's key for off-site as the one line of a file for `--key-file`, or of keys/backup/offsite",
    )


class NotOurOffsite(NotWell):
    """The place holds the repository of another home."""

    what = Text("다른 홈의 저장소입니다: {place}", "this is the repository of another home: {place}")
    remedy = Text(
        "backup.offsite.to를 확인하세요. 이 홈의 것이 맞다면 `jikimi backup offsite init --adopt`",
        "look at backup.offsite.to in jikimi.toml; if it is this home's own: `jikimi backup offsite init --adopt`",
    )


class OffsiteNeedsRestic(NotWell):
    """Only restic writes to a place that is no folder."""

    what = Text("SFTP와 S3에는 restic 저장소가 필요합니다: {place}", "SFTP and S3 need a repository of restic: {place}")
    remedy = Text(
        "restic 0.17.1 이상을 설치하고 백업 저장소를 restic으로 만들거나, backup.offsite.to에 폴더를 적으세요",
        "install restic 0.17.1 or newer and make the backups with it, or name a folder as backup.offsite.to",
    )


class NoOffsiteSet(WrongUse):
    """The settings name no second place."""

    what = Text("다른 곳이 설정되지 않았습니다", "no place off-site is set")
    remedy = Text(
        "jikimi.toml의 [backup.offsite]에 to를 적으세요 (폴더, sftp:, s3:)",
        "write to = … into [backup.offsite] of jikimi.toml: a folder, sftp: or s3:",
    )


class OffsiteDamaged(NotWell):
    """What is stored off-site is not what was stored."""

    what = Text("다른 곳의 사본이 손상되었습니다: {place}: {why}", "the copies off-site are damaged: {place}: {why}")
    remedy = Text(
        "그곳의 디스크를 확인하고, 다른 폴더나 이름으로 새로 만드세요: jikimi backup offsite init",
        "have that place looked at, and begin anew under another name: jikimi backup offsite init",
    )
