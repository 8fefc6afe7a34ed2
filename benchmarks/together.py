"""The same work in several processes at the same time, as folds are trained side by side."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from engine.system.processes import end_with_parent

PATIENCE = 600.0  # seconds that processes wait for each other

Wait = Callable[[], None]  # returns once every process has come to the same call
Work = Callable[[Wait], list[float]]  # what it returns are speeds


def together(work: Work, processes: int) -> list[float]:
    """What ``work`` returns in each process, summed place by place.

    It must be picklable, such as an instance of a module's class. Raises ``EOFError`` if one of
    the processes ended before its answer.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes)
    heard = []
    for _ in range(processes):
        ours, theirs = context.Pipe(duplex=False)
        context.Process(target=_begin, args=(work, barrier, theirs), daemon=True).start()
        theirs.close()
        heard.append(ours)
    answers: list[list[float]] = [one.recv() for one in heard]
    return [sum(speeds) for speeds in zip(*answers, strict=True)]


def _begin(work: Work, barrier: Barrier, said: Connection) -> None:
    end_with_parent()

    def wait() -> None:
        barrier.wait(PATIENCE)

    said.send(work(wait))
