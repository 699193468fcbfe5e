"""What Redis keeps of the schedules: when each is due, what it did last, and what was missed.

rq-scheduler's own set has the due times. Beside it each schedule has a hash `jk:sched:<name>`; what was done stands in
the stream `jk:fired`, what was not in `jk:missed`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis import Redis

from jikimi.calendar import Verdict
from jikimi.queue.rq_queue import away
from jikimi.schedule.timetable import Schedule

DUE = "rq:scheduler:scheduled_jobs"  # rq-scheduler's own name for it; who only reads must not load all of that
FIRED, MISSED = "jk:fired", "jk:missed"
TEMPLATE = "schedule-"  # how the ids of the jobs in rq-scheduler's set begin; none of them is ever run
NEW, CHANGED, PUT_BACK, KEPT = "new", "changed", "put_back", "kept"
_LINES = 2000

# KEYS: the set of due times, the schedule's hash. ARGV: its member of the set, its text, when it is due if it is new,
# when it is due as far as this process knows, or "", and the zone.
_ENTER = """
local text, due = redis.call('HGET', KEYS[2], 'text'), redis.call('ZSCORE', KEYS[1], ARGV[1])
if text == ARGV[2] and due then return {'kept', due} end
local said, next = 'new', ARGV[3]
if text and text ~= ARGV[2] then
  if ARGV[4] ~= '' then return {'kept', due or ARGV[4]} end
  said = 'changed'
elseif text or ARGV[4] ~= '' then
  said = 'put_back'
  next = due or redis.call('HGET', KEYS[2], 'next') or ARGV[4]
elseif due then
  next = due
end
redis.call('ZADD', KEYS[1], next, ARGV[1])
redis.call('HSET', KEYS[2], 'text', ARGV[2], 'next', next, 'zone', ARGV[5])
return {said, next}
"""
# KEYS: the set, the hash, both streams. ARGV: the member, the due time that was dealt with, the next one, how many were
# missed, how many fields of the hash change, those fields, and the line for the streams.
# Whoever comes second finds another due time and changes nothing.
_SETTLE = """
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '') ~= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], 'XX', 'GT', ARGV[3], ARGV[1])
local last = 5 + tonumber(ARGV[5])
redis.call('HSET', KEYS[2], 'next', ARGV[3], unpack(ARGV, 6, last))
redis.call('XADD', KEYS[3], 'MAXLEN', '~', 2000, '*', unpack(ARGV, last + 1))
if tonumber(ARGV[4]) > 0 then
  redis.call('HINCRBY', KEYS[2], 'missed', ARGV[4])
  redis.call('XADD', KEYS[4], 'MAXLEN', '~', 2000, '*', unpack(ARGV, last + 1))
end
return 1
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """How one schedule stands; nothing of it is known before it was registered.

    Attributes:
        last: when it ran last. job: which job that made. why: it was due after that and did not run.
        missed: due times in all, for which nothing ran.
    """

    name: str
    next: datetime | None = None
    last: datetime | None = None
    job: str = ""
    why: str = ""
    missed: int = 0
    paused_until: datetime | None = None


class Book:
    """Reads and writes that record; every method may raise `QueueAway`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._enter = redis.register_script(_ENTER)
        self._settle = redis.register_script(_SETTLE)

    def incomplete(self, schedules: Iterable[Schedule]) -> list[Schedule]:
        """Return those of which Redis does not have all."""
        wanted = list(schedules)
        with away(), self._redis.pipeline(transaction=False) as pipeline:
            for schedule in wanted:
                pipeline.exists(f"rq:job:{TEMPLATE}{schedule.name}")
                pipeline.zscore(DUE, TEMPLATE + schedule.name)
                pipeline.hget(_hash(schedule.name), "text")
            found = pipeline.execute()
        triples = zip(wanted, found[::3], found[1::3], found[2::3], strict=True)
        return [one for one, job, due, text in triples if not job or due is None or text != one.text.encode()]

    def enter(self, schedule: Schedule, due: datetime, remembered: datetime | None) -> tuple[str, datetime]:
        """Write down a schedule of which something is missing; return what it was, and when it is due.

        Args:
            due: when, if nothing is known of it.
            remembered: when, as this process knows: a schedule that it knows has vanished, if it is not there, and is
                put back. One with another text was changed by a newer process, and is left alone.
        """
        arguments: list[Any] = [
            TEMPLATE + schedule.name,
            schedule.text,
            _stamp(due),
            _stamp(remembered) if remembered else "",
        ]
        with away():
            answer: Any = self._enter([DUE, _hash(schedule.name)], [*arguments, schedule.spec.zone.key])
        return answer[0].decode(), _moment(answer[1])

    def report(self, name: str, why: str, at: datetime) -> None:
        """Write into the stream of what was missed."""
        with away():
            facts: Any = {"name": name, "why": why, "at": _shown(at)}
            self._redis.xadd(MISSED, facts, maxlen=_LINES, approximate=True)

    def settle(self, name: str, due: datetime, verdict: Verdict, job: str, at: datetime) -> bool:
        """Move a schedule that was due to its next time and write down what was done; false if another did so first."""
        line = {"name": name, "due": _shown(verdict.fires or due), "at": _shown(at), "job": job}
        line |= {"why": verdict.why or "", "missed": str(verdict.missed)}
        changes = {"why": verdict.why or ""} | ({"job": job, "last": _shown(at)} if job else {})
        changed, written = ([word for pair in facts.items() for word in pair] for facts in (changes, line))
        head: list[Any] = [TEMPLATE + name, _stamp(due), _stamp(verdict.next), verdict.missed, len(changed)]
        with away():
            return bool(self._settle([DUE, _hash(name), FIRED, MISSED], [*head, *changed, *written]))

    def note_run(self, name: str, job: str, at: datetime) -> None:
        """Write down a run that a person has asked for; when the schedule is due next stays as it is."""
        line: Any = {"name": name, "due": _shown(at), "at": _shown(at), "job": job, "why": "", "missed": "0"}
        with away(), self._redis.pipeline() as pipeline:
            pipeline.hset(_hash(name), mapping={"job": job, "last": _shown(at), "why": ""})
            pipeline.xadd(FIRED, line, maxlen=_LINES, approximate=True)
            pipeline.execute()

    def forget_all_but(self, names: Collection[str]) -> list[str]:
        """Forget schedules that no timetable has any more; return their names."""
        with away():
            members: Any = self._redis.zrange(DUE, 0, -1)
            found = [member.decode() for member in members]
            gone = [member for member in found if member.removeprefix(TEMPLATE) not in names]
            for member in gone:
                self._redis.zrem(DUE, member)
                self._redis.delete(f"rq:job:{member}", _hash(member.removeprefix(TEMPLATE)))
        return gone

    def pause(self, name: str, until: datetime | None) -> None:
        """Let what is due before *until* go; None ends the pause."""
        with away():
            if until is None:
                self._redis.hdel(_hash(name), "paused_until")
            else:
                self._redis.hset(_hash(name), "paused_until", _shown(until))

    def entries(self, names: Sequence[str]) -> list[Entry]:
        """Return how each stands, in the order of *names*."""
        with away(), self._redis.pipeline(transaction=False) as pipeline:
            for name in names:
                pipeline.zscore(DUE, TEMPLATE + name)
                pipeline.hgetall(_hash(name))
            found = pipeline.execute()
        return [_entry(name, *both) for name, *both in zip(names, found[::2], found[1::2], strict=True)]

    def history(self, last: int, name: str = "") -> list[dict[str, str]]:
        """Return the newest *last* lines of what was done, of one schedule or of all, the oldest first."""
        with away():
            found: Any = self._redis.xrevrange(FIRED, count=_LINES)
        lines = [{key.decode(): value.decode() for key, value in facts.items()} for _, facts in found]
        return [line for line in lines if name in ("", line["name"])][:last][::-1]


def _entry(name: str, due: float | None, facts: Mapping[bytes, bytes]) -> Entry:
    known = {key.decode(): value.decode() for key, value in facts.items()}
    last, until = known.get("last"), known.get("paused_until")
    return Entry(
        name,
        None if due is None else _moment(due),
        datetime.fromisoformat(last) if last else None,
        known.get("job", ""),
        known.get("why", ""),
        int(known.get("missed", 0)),
        datetime.fromisoformat(until) if until else None,
    )


def _hash(name: str) -> str:
    return f"jk:sched:{name}"


def _stamp(moment: datetime) -> int:
    return round(moment.timestamp())


def _moment(stamp: Any) -> datetime:
    return datetime.fromtimestamp(float(stamp), UTC)


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
