"""`plain_robot.py` under robocorp-tasks, which writes down every call; what to do comes from the environment."""

import os
from pathlib import Path

from plain_robot import run
from robocorp.tasks import task


@task
def vouchers() -> None:
    """Enter the vouchers."""
    password = Path(os.environ["ROBOT_PASSWORD_FILE"]).read_text(encoding="utf-8").strip()
    run(os.environ["ROBOT_ADDRESS"], password, int(os.environ["ROBOT_COUNT"]))
