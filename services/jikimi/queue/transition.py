"""What changes when a job begins and when it ends: carried out whole, and once, however often it is sent.

A worker sends a command again when the connection broke before its answer came, and while it waits the job may
have been taken for stranded and put back. So Redis looks first whether what a change rests on still stands.
"""

from collections.abc import Sequence

from redis import Redis
from redis.client import Pipeline
from redis.commands.core import Script
from rq.executions import Execution
from rq.job import Job
from rq.queue import Queue

# ARGV from the second on: commands, each as the number of its words and the words.
_CARRY_OUT = """
local at = 2
while at <= #ARGV do
  local last = at + tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, last))
  at = last + 1
end
return 1
"""
# KEYS: the intermediate list, the execution. Who takes the job off the list may run it; a second try finds the first.
_BEGIN = "if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then return redis.call('EXISTS', KEYS[2]) end" + _CARRY_OUT
# KEYS: the registry of begun jobs. An execution that was handed back, or has ended already, is not there.
_END = "if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end" + _CARRY_OUT


class Transitions:
    """Carries out what RQ's own methods have put into a pipeline, if the job is still ours."""

    def __init__(self, redis: Redis) -> None:
        self._begin = redis.register_script(_BEGIN)
        self._end = redis.register_script(_END)

    def begin(self, job: Job, queue: Queue, execution: Execution, changes: Pipeline) -> bool:
        """Take *job* off the intermediate list and carry out *changes*; return false if it is not there any more."""
        return _ask(self._begin, [queue.intermediate_queue_key, execution.key], job.id, changes)

    def end(self, queue: Queue, execution: Execution, changes: Pipeline) -> bool:
        """Carry out *changes*; return false if the job was handed back, so that another's outcome counts."""
        return _ask(self._end, [queue.started_job_registry.key], execution.composite_key, changes)


def _ask(script: Script, keys: Sequence[str], rests_on: str, changes: Pipeline) -> bool:
    words: list[str | bytes | int | float] = [rests_on]
    for command, _ in changes.command_stack:
        words += (len(command), *command)
    return bool(script(keys=keys, args=words))
