"""Ask a worker of the running stack to do something, and wait for its answer."""

from collections.abc import Mapping
from typing import Any

from jikimi.cli.context import Context

PATIENCE_S = 600.0
"""How long an answer may take that asks the ERP to post."""

QUICK_S = 60.0
"""How long an answer may take that only reads what is known."""


def ask_worker(context: Context, task: str, asked: Mapping[str, Any], within_s: float) -> dict[str, Any]:
    """Return the ERP worker's answer to *task*.

    Raises:
        NotRunning, QueueAway, NoAnswer, JobFailed
    """
    queue = context.queue()
    job = f"erp-{task}-{round(context.clock.now().timestamp() * 1000)}"
    queue.submit(task, asked, job)
    return dict(queue.answer(job, within_s))
