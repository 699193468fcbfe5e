"""What lives below a process, and how all of it is ended: the same on every system."""

import contextlib

import psutil

MARK = "JIKIMI_CHILD"  # in the environment of all that a child starts, so that it is found whoever its parent is
_GONE_WITHIN_S = 5.0


def born(pid: int) -> float:
    """Return when the process was created; zero when it is gone."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


def usage_of(pid: int) -> tuple[float, float]:
    """Return the megabytes and the processor seconds that *pid* and all below it use; zero when it is gone."""
    rss, cpu_s = 0.0, 0.0
    with contextlib.suppress(psutil.Error):
        for process in [psutil.Process(pid), *_below(pid)]:
            times = process.cpu_times()
            rss, cpu_s = rss + process.memory_info().rss, cpu_s + times.user + times.system
    return round(rss / 1e6, 1), round(cpu_s, 2)


def end_below(pid: int) -> int:
    """Kill every descendant of *pid* and return how many there were; the process itself is left alone."""
    return len(_kill(_below(pid)))


def end_tree(pid: int) -> None:
    """Kill *pid* and every descendant, and return when they are gone; the process waits for nobody else to reap it.

    Each is stopped before its children are listed, so that none can be born meanwhile.
    """
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        process.suspend()
        _kill([*_below(pid), process])


def end_marked(name: str, value: str) -> int:
    """Kill every process whose environment has *name* with this *value*, whoever its parent is; return how many."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(name) == value:
                found.append(process)
    return len(_kill(found))


def _below(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _kill(processes: list[psutil.Process]) -> list[psutil.Process]:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    return processes
