"""Faults, made on purpose: to show, and to prove, that they are mended."""

import psutil


def kill(pid: int) -> None:
    """End the process at once; it can do nothing about it."""
    psutil.Process(pid).kill()


def freeze(pid: int) -> None:
    """Stop the process where it is, without ending it."""
    psutil.Process(pid).suspend()
