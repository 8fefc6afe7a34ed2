"""Threads side by side, for work that leaves Python's lock alone: decoding, torch."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def side_by_side(
    work: Callable[[_Given], _Made], given: Iterable[_Given], workers: int
) -> Iterator[tuple[_Given, _Made]]:
    """Each with what ``work`` made of it, in order, however many there are.

    Twice ``workers`` are drawn ahead. An exception in ``work`` is raised in its turn; what waits
    then is not begun.
    """
    under_way: deque[tuple[_Given, Future[_Made]]] = deque()
    threads = ThreadPoolExecutor(workers)
    try:
        for one in given:
            under_way.append((one, threads.submit(work, one)))
            if len(under_way) == 2 * workers:
                first, made = under_way.popleft()
                yield first, made.result()
        yield from ((one, made.result()) for one, made in under_way)
    finally:
        threads.shutdown(cancel_futures=True)
