"""Processes beside this one that never outlive it."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from engine.domain import Failure

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def cores() -> int:
    """Those this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def end_with_parent() -> None:
    """Watch the parent; when it is gone, however it went, so is this process."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


@contextmanager
def pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Spawned processes for pure work, a thread each. An exception ends them in mid-work.

    Raises ``Failure`` if the system has no room for what they share.
    """
    spawn = multiprocessing.get_context("spawn")
    others = multiprocessing.active_children()
    try:
        executor = ProcessPoolExecutor(workers, spawn, initializer=_begin)
    except OSError as error:
        raise Failure(
            f"No processes can work side by side here ({error.strerror}): give the system's shared "
            "memory, /dev/shm, a megabyte, as with docker run --shm-size 64m."
        ) from error
    try:
        with _one_thread_each():
            yield executor
    except BaseException:
        for child in multiprocessing.active_children():
            if child not in others:
                child.terminate()
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes started inside leave the other cores to each other; numpy would take them all."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def count_memory_kills() -> int:
    """How many processes the system has ended since its start as memory ran out; 0 if unknown."""
    try:
        lines = Path("/proc/vmstat").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to answer
    end_with_parent()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)
