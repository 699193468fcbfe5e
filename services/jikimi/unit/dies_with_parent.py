"""A child that outlives its parent would work for nobody: the system ends it with the parent where it can.

Linux does so by a signal that the child asks for, Windows by a job object that the parent holds. Elsewhere the child
notices at its next report, and the next parent ends what is left.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_EXTENDED_LIMITS, _KILL_ON_JOB_CLOSE = 9, 0x2000
_SET_QUOTA_AND_TERMINATE = 0x0101


def die_with_parent(parent: int) -> None:
    """Have this process killed when *parent* dies; a parent that is dead already means now."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def take_along(child: int) -> None:
    """Have *child* and all below it killed when this process dies; on Windows only, where a child cannot ask for it."""
    if sys.platform == "win32":
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = kernel.OpenProcess.restype = ctypes.c_void_p
        job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
        limits = _ExtendedLimits()
        limits.flags = _KILL_ON_JOB_CLOSE
        is_set = kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
        process = ctypes.c_void_p(kernel.OpenProcess(_SET_QUOTA_AND_TERMINATE, 0, child))
        if not is_set or not kernel.AssignProcessToJobObject(job, process):
            raise ctypes.WinError(ctypes.get_last_error())
        # The job's handle is left open on purpose: the system closes it with this process, and that ends the job.


class _ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION, as Windows lays it out."""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("most_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
        ("io_counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )
