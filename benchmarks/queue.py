"""Jobs per second of our worker beside its peers, side by side in one run, on one Redis of its own.

    uv run --with huey --with "celery[redis]" python benchmarks/queue.py

Every worker runs in a process of its own that takes the same number of no-op jobs, already queued, and ends.
The figure is jobs per second of wall time from the first job to the last; the start is not counted.
"""

import json
import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1] / "services")  # this file would hide the library's `queue`

from jikimi.clock import SystemClock
from jikimi.config import load
from jikimi.embedded.redis_server import redis_part, redis_url
from jikimi.runtime.process import ProcessRuntime

JOBS = 600
ROUNDS = 3
HEAD = """
import sys, time, resource, json
from redis import Redis
url, jobs = sys.argv[1], int(sys.argv[2])
Redis.from_url(url).flushall()
def report(began):
    spent = time.perf_counter() - began
    use = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(u.ru_utime + u.ru_stime for u in use)
    figures = {"rate": jobs / spent, "cpu_us": 1e6 * (cpu - cpu0) / jobs, "mb": max(u.ru_maxrss for u in use) / 1024}
    print(json.dumps(figures), file=sys.__stdout__, flush=True)
def start():
    global cpu0
    use = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu0 = sum(u.ru_utime + u.ru_stime for u in use)
    return time.perf_counter()
"""
PEERS = {
    "jikimi": """
from pydantic import BaseModel
from jikimi.broker import connect
from jikimi.clock import SystemClock
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import Task
from jikimi.queue.worker import build_worker
class Nothing(BaseModel): pass
key, redis = SignedJson([b"k" * 32]), connect(url, retries=3)
queue = RqQueue(redis, key, SystemClock())
for n in range(jobs): queue.submit("nothing", {}, f"erp-nothing-{n}")
worker = build_worker(redis, "erp", "erp-bench", key, [Task("nothing", Nothing, lambda _: {})])
began = start(); worker.work(burst=True, logging_level="ERROR"); report(began)
""",
    "rq Worker (fork)": """
from rq import Queue, Worker
from operator import neg
redis = Redis.from_url(url); queue = Queue("bench", connection=redis)
for n in range(jobs): queue.enqueue(neg, n)
worker = Worker([queue], connection=redis)
began = start(); worker.work(burst=True, logging_level="ERROR"); report(began)
""",
    "rq SimpleWorker": """
from rq import Queue, SimpleWorker
from operator import neg
redis = Redis.from_url(url); queue = Queue("bench", connection=redis)
for n in range(jobs): queue.enqueue(neg, n)
worker = SimpleWorker([queue], connection=redis)
began = start(); worker.work(burst=True, logging_level="ERROR"); report(began)
""",
    "huey": """
from huey import RedisHuey
huey = RedisHuey("bench", connection_pool=Redis.from_url(url).connection_pool)
@huey.task()
def nothing(n): return n
for n in range(jobs): nothing(n)
began = start()
while (task := huey.dequeue()) is not None: huey.execute(task)
report(began)
""",
    "celery solo": """
import threading
from celery import Celery
from celery.signals import task_postrun
path = url.removeprefix("unix://")
app = Celery("bench", broker="redis+socket://" + path, backend="redis+socket://" + path)
app.conf.worker_prefetch_multiplier = 4
done = 0; began = None
@app.task(name="nothing")
def nothing(n): return n
@task_postrun.connect
def count(**_):
    global done, began
    done += 1
    if done == 1: began = start()
    if done == jobs:
        report(began); sys.stdout.flush()
        import os; os._exit(0)
for n in range(jobs): nothing.delay(n)
quiet = ["--loglevel", "ERROR", "--without-heartbeat", "--without-mingle", "--without-gossip"]
app.worker_main(["worker", "--pool", "solo", *quiet])
""",
}


def measure(code: str, url: str) -> dict[str, float]:
    """Run one peer in a process of its own and return its figures."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1] / "services")}
    command = [sys.executable, "-c", textwrap.dedent(HEAD + code), url, str(JOBS)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise SystemExit(done.stderr)
    figures: dict[str, float] = json.loads(lines[-1])
    return figures


def main() -> None:
    """Measure every peer in turn, several times, and print a table of medians."""
    clock, runtime = SystemClock(), ProcessRuntime()
    with tempfile.TemporaryDirectory() as folder:
        config = load(Path(folder) / "home", {})
        config.home.make()
        part = redis_part(config.home)
        running = runtime.start(part.spec)
        while not part.ready(running.pid):
            clock.wait(0.05)
        try:
            url = redis_url(config.home)
            rounds = [{name: measure(code, url) for name, code in PEERS.items()} for _ in range(ROUNDS)]
        finally:
            runtime.stop(running, 5)
    median = {name: sorted(turn[name]["rate"] for turn in rounds)[ROUNDS // 2] for name in PEERS}
    print("| worker | jobs/s | × rq fork | CPU µs/job | MB |\n|---|---|---|---|---|")
    for name in PEERS:
        last = rounds[-1][name]
        ratio = median[name] / median["rq Worker (fork)"]
        print(f"| {name} | {median[name]:.0f} | {ratio:.1f} | {last['cpu_us']:.0f} | {last['mb']:.0f} |")


if __name__ == "__main__":
    main()
