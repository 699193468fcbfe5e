#!/usr/bin/env python3
"""A program as an office has it: an endless loop with a heartbeat, a lock against a second copy, and bad days.

    python3 loop.py                     works for ever
    python3 loop.py --hang-after 30     hangs after 30 rounds: it lives, but does nothing
    python3 loop.py --die-after 30      dies after 30 rounds, and leaves its lock
    python3 loop.py --fail-after 30     from then on every round fails

It knows nothing of Jikimi.
"""

import argparse
import os
import sys
import time
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Work until something goes wrong, as asked."""
    asked = arguments()
    lock, heartbeat = asked.folder / "runtime.lock", asked.folder / "heartbeat.txt"
    if lock.exists():
        print(f"another copy runs: {lock}", file=sys.stderr)
        return 1
    lock.write_text(str(os.getpid()), encoding="ascii")
    stats = {"total": 0, "success": 0, "failure": 0}
    while True:
        stats["total"] += 1
        stats["failure" if 0 < asked.fail_after < stats["total"] else "success"] += 1
        write(heartbeat, stats)
        if stats["total"] == asked.hang_after:
            time.sleep(1_000_000)
        if stats["total"] == asked.die_after:
            os._exit(1)
        time.sleep(asked.every)


def write(heartbeat: Path, stats: dict[str, int]) -> None:
    """Rewrite the heartbeat: the time, the process, and what was done."""
    partial = heartbeat.with_name(f"{heartbeat.name}.partial")
    time_of_day = datetime.now().isoformat(timespec="seconds")
    partial.write_text(f"{time_of_day}\nPID: {os.getpid()}\nStats: {stats}\n", encoding="utf-8")
    partial.replace(heartbeat)


def arguments() -> argparse.Namespace:
    """Read what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=float, default=1.0, help="seconds between two rounds")
    parser.add_argument("--folder", type=Path, default=HERE, help="where its files go")
    for name in ("hang", "die", "fail"):
        parser.add_argument(f"--{name}-after", type=int, default=0, help="rounds")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
