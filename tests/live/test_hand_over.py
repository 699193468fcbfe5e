"""Ctrl-C in the terminal of `start.py` is for what it started, and is given all the time it needs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from jikimi.embedded.tryton_server import CLONE
from tests.conftest import Until

CHILD = """
import pathlib, signal, sys, threading
folder = pathlib.Path(sys.argv[1])
try:
    (folder / "started").touch()
    signal.pause()
except KeyboardInterrupt:
    threading.Event().wait(1)
    (folder / "stopped in order").touch()
    sys.exit(7)
"""
PARENT = "import os, sys, start; sys.exit(start.hand_over(sys.argv[1:], dict(os.environ)))"


def test_start_waits_until_its_child_has_stopped_in_order(tmp_path: Path, until: Until) -> None:
    command = [sys.executable, "-c", PARENT, sys.executable, "-c", CHILD, str(tmp_path)]
    parent = subprocess.Popen(command, cwd=CLONE, start_new_session=True)
    until((tmp_path / "started").exists, 20.0)

    os.killpg(parent.pid, signal.SIGINT)

    assert parent.wait(20) == 7
    assert (tmp_path / "stopped in order").exists()
