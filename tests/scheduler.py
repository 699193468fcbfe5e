"""Which worker of the test run does which tests: those that share one heavy thing stay together.

The marks of pytest-xdist for that do nothing with the node ids of pytest 9.2, so what belongs together is said here.
"""

from typing import Any

from xdist.scheduler.loadscope import LoadScopeScheduling

_TOGETHER = ("tests/docker/test_compose", "tests/docker/test_engine_faults")  # one stack of containers at a time


class Together(LoadScopeScheduling):  # type: ignore[misc] # the library has no types
    """Gives each test to whoever is free, and all of `_TOGETHER` to one worker, first of all."""

    def _split_scope(self, nodeid: str) -> Any:
        return "together" if nodeid.startswith(_TOGETHER) else nodeid
