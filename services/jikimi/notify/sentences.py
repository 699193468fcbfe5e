"""The sentences that messages are made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from jikimi.notify.message import Severity
from jikimi.text import Text

HELD = "held"
ALL_UNITS = Text("전체", "everything")
UNKNOWN = Text("문제가 있습니다", "something is wrong")
MINUTES = Text("{minutes}분", "{minutes} min")
SUBJECT = Text("[지킴이][{word}] {unit}: {cause} ({company})", "[Jikimi][{word}] {unit}: {cause} ({company})")
BODY = Text(
    """\
무슨 일: {happened}
지킴이가 하는 일: {does}
하실 일: {todo}

때: {at}
회사: {company}
사건 번호: {incident}
지금 상태 보기: {jikimi} status
지난 일 보기: {jikimi} incidents
""",
    """\
What happened: {happened}
What Jikimi does: {does}
What you can do: {todo}

When: {at}
Company: {company}
Incident: {incident}
How all stands now: {jikimi} status
What happened before: {jikimi} incidents
""",
)
UNITS: Mapping[str, Text] = {
    "erp-worker": Text("전표 작업자", "the voucher worker"),
    "rpa-worker": Text("화면 자동화 작업자", "the screen worker"),
    "scheduler": Text("일정 관리자", "the scheduler"),
    "supervisor": Text("감독자", "the supervisor"),
    "redis": Text("작업 대기열", "the job queue"),
    "erp": Text("ERP 서버", "the ERP"),
    "erp-db": Text("ERP 데이터베이스", "the ERP's database"),
    "prometheus": Text("지표 기록", "the history of figures"),
    "grafana": Text("지표 화면", "the board of figures"),
    "backup": Text("백업", "the backup"),
    "board": Text("상황판", "the board"),
    "notify": Text("알림", "messages"),
}
CAUSES: Mapping[str, Text] = {
    "exited": Text("멈추고 꺼졌습니다", "it has stopped running"),
    "out of memory": Text(
        "메모리가 모자라 꺼졌습니다. 되풀이되면 한도를 올리세요",
        "it ran out of memory; if that comes again, raise its limit",
    ),
    "missing": Text(
        "컨테이너가 없습니다. 다시 만들려면: docker compose up -d",
        "its container is gone; to make it again: docker compose up -d",
    ),
    "slow to start": Text("켜졌지만 준비되지 않습니다", "it was started but does not get ready"),
    "silent": Text("응답이 없습니다", "it gives no answer"),
    "stalled": Text("하던 일이 앞으로 나아가지 않습니다", "its work does not move on"),
    "starved": Text("할 일이 있는데 가져가지 않습니다", "work is waiting and it takes none"),
    "failing": Text("하는 일마다 실패합니다", "its work fails again and again"),
    "test": Text("시험으로 보냈습니다", "sent to try it"),
    "blind": Text("작업 대기열에 연결하지 못합니다", "it cannot reach the job queue"),
}
HOLDS: Mapping[str, Text] = {
    "disk": Text("디스크가 거의 찼습니다", "the disk is almost full"),
    "another keeper": Text("같은 Redis에서 다른 지킴이가 일합니다", "another Jikimi keeps units on the same Redis"),
    "engine": Text("컨테이너 엔진(Docker)에 연결되지 않습니다", "the container engine (Docker) is away"),
}
HOLD_CURES: Mapping[str, Text] = {
    "disk": Text(
        "필요 없는 파일을 지워 디스크에 1GB 이상 비워 주세요. 비면 지킴이가 이어서 일합니다.",
        "free at least 1 GB on the disk by deleting what is not needed; Jikimi then goes on by itself.",
    ),
    "another keeper": Text(
        "둘 중 하나를 끄거나, 각각 자기 Redis를 쓰게 해 주세요. 하나만 남으면 지킴이가 이어서 일합니다.",
        "stop one of the two, or give each a Redis of its own; Jikimi goes on once it is the only one.",
    ),
    "engine": Text(
        "Docker가 켜져 있는지 보고, 꺼졌으면 켜 주세요. 켜지면 지킴이가 이어서 일합니다.",
        "see whether Docker runs, and start it if not; Jikimi then goes on by itself.",
    ),
}
RESTARTS: Mapping[str, Text] = {
    "restart": Text("다시 시작합니다({attempt}번째 시도).", "it restarts it (try {attempt})."),
    "start": Text("다시 켭니다({attempt}번째 시도).", "it starts it again (try {attempt})."),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """How one sort of step is told.

    Attributes:
        word: the step in one word, for the subject.
    """

    severity: Severity
    word: Text
    happened: Text
    does: Text
    todo: Text


_TROUBLE = Text("{unit}에 문제가 있습니다: {cause}.", "something is wrong with {unit}: {cause}.")
KINDS: Mapping[str, Kind] = {
    "acted": Kind(
        Severity.WARNING,
        Text("고치는 중", "mending"),
        _TROUBLE,
        Text("다시 시작합니다({attempt}번째 시도).", "it restarts it (try {attempt})."),
        Text(
            "지금은 없습니다. 나아지면 다시 알려 드립니다.",
            "nothing for now; you will hear when it is well again.",
        ),
    ),
    "critical": Kind(
        Severity.CRITICAL,
        Text("심각", "critical"),
        Text("{unit}: {cause}. 다시 시작해도 나아지지 않습니다.", "{unit}: {cause}. Restarts have not helped so far."),
        Text(
            "간격을 늘려 가며 계속 다시 시작합니다.",
            "it goes on restarting it, with longer and longer pauses.",
        ),
        Text(
            "`{jikimi} status`로 상태를 보고, 며칠 안에 바뀐 설정이나 프로그램이 있는지 확인해 주세요.",
            "look at `{jikimi} status`, and think of settings or programs that were changed lately.",
        ),
    ),
    "quarantined": Kind(
        Severity.CRITICAL,
        Text("멈춤", "stopped"),
        Text(
            "{unit}: {cause}. 여러 번 다시 시작해도 소용이 없어 멈춰 두었습니다.",
            "{unit}: {cause}. Several restarts were in vain, so it is kept stopped.",
        ),
        Text(
            "{wait} 뒤에 다시 켜 보고, 나아질 때까지 되풀이합니다.",
            "it tries again in {wait}, and goes on trying until it is well.",
        ),
        Text(
            "원인을 고쳐 주세요. `{jikimi} incidents`에 기록이 있습니다. 고친 뒤에는 `{jikimi} restart {id}`.",
            "mend the cause: `{jikimi} incidents` has what is known. Then `{jikimi} restart {id}`.",
        ),
    ),
    "recovered": Kind(
        Severity.INFO,
        Text("회복", "recovered"),
        Text("{unit}: 다시 잘 작동합니다. 있었던 문제: {cause}.", "{unit}: works again. What had happened: {cause}."),
        Text("평소처럼 지켜봅니다.", "it keeps watching as always."),
        Text("없습니다.", "nothing."),
    ),
    "began": Kind(
        Severity.WARNING,
        Text("주의", "attention"),
        _TROUBLE,
        Text(
            "지켜봅니다. 이것은 지킴이가 켜고 끄는 프로그램이 아닙니다.",
            "it keeps watching; this is not a program that Jikimi starts and stops.",
        ),
        Text(
            "이 프로그램이 켜져 있는지 보고, 꺼졌으면 켜 주세요.",
            "see whether this program runs, and start it if not.",
        ),
    ),
    HELD: Kind(
        Severity.CRITICAL,
        Text("대기", "waiting"),
        Text("일을 잠시 멈췄습니다: {cause}.", "work has to wait: {cause}."),
        Text(
            "그동안 아무것도 다시 시작하지 않고 기다립니다. 풀리면 이어서 일합니다.",
            "it restarts nothing meanwhile and waits; when this is over it goes on by itself.",
        ),
        Text("`{jikimi} status`로 상태를 봐 주세요.", "look at `{jikimi} status`."),
    ),
    "planned": Kind(
        Severity.INFO,
        Text("예정", "planned"),
        Text("하루 한 번의 재시작을 시작합니다.", "the daily restart begins."),
        Text(
            "하던 일을 끝내고, 차례로 끄고 켜고, 다 잘 되는지 확인합니다.",
            "it lets the running work end, stops and starts one after the other, and sees that all of it works.",
        ),
        Text("없습니다. 잘 되지 않으면 알려 드립니다.", "nothing; you will hear if it does not go well."),
    ),
    "not done": Kind(
        Severity.CRITICAL,
        Text("재시작 실패", "restart failed"),
        Text("하루 한 번의 재시작이 잘 되지 않았습니다: {cause}.", "the daily restart did not go well: {cause}."),
        Text("평소처럼 고장 난 것을 하나씩 고칩니다.", "it mends what is broken, one after the other, as always."),
        Text("`{jikimi} status`로 상태를 봐 주세요.", "look at `{jikimi} status`."),
    ),
    "test": Kind(
        Severity.INFO,
        Text("시험", "test"),
        Text("알림 시험입니다. 이 글이 보이면 잘 도착한 것입니다.", "this is a test; if you read it, it has arrived."),
        Text("없습니다.", "nothing."),
        Text("없습니다.", "nothing."),
    ),
}
