"""How late a window's ticks are while a network is trained in a thread of it, and in a process.

A Qt event loop without a window ticks every 10 ms for some seconds: alone, beside a thread, and
beside a process that imports torch and takes the same steps (ResNet-18, 64 px, batches of 32, one
core). Lateness is the time between two ticks less 10 ms: what a click would have waited.
"""

import argparse
import multiprocessing
import statistics
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import pairwise
from time import perf_counter

from PySide6.QtCore import QCoreApplication, Qt, QTimer

EVERY = 10  # ms
SIZE, BATCH = 64, 32


def train(wanted: Callable[[], bool]) -> None:
    """Take steps as long as they are wanted."""
    import torch
    from torch.nn.functional import cross_entropy
    from torchvision.models import resnet18

    torch.set_num_threads(1)
    network = resnet18(num_classes=7)
    optimizer = torch.optim.Adam(network.parameters())
    images, truth = torch.randn(BATCH, 3, SIZE, SIZE), torch.randint(7, (BATCH,))
    while wanted():
        optimizer.zero_grad()
        loss: torch.Tensor = cross_entropy(network(images), truth)
        torch.autograd.backward(loss)
        optimizer.step()


@contextmanager
def thread() -> Iterator[None]:
    over = threading.Event()
    steps = threading.Thread(target=train, args=(lambda: not over.is_set(),))
    steps.start()
    yield
    over.set()
    steps.join()


def train_for_ever() -> None:
    train(lambda: True)


@contextmanager
def process() -> Iterator[None]:
    steps = multiprocessing.get_context("spawn").Process(target=train_for_ever, daemon=True)
    steps.start()
    yield
    steps.kill()
    steps.join()


def lateness(seconds: float) -> list[float]:
    """Of every tick, in ms."""
    app = QCoreApplication.instance() or QCoreApplication(sys.argv[:1])
    ticks: list[float] = []
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=EVERY)
    timer.timeout.connect(lambda: ticks.append(perf_counter()))
    QTimer.singleShot(int(1000 * seconds), app.quit)
    timer.start()
    app.exec()
    timer.stop()
    gaps = pairwise(ticks)
    return [max(0.0, 1000 * (later - earlier) - EVERY) for earlier, later in gaps]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    seconds = parser.parse_args().seconds
    for name, beside in (("alone", nullcontext), ("process", process), ("thread", thread)):
        with beside():
            late = lateness(seconds)
        median, tail = statistics.median(late), statistics.quantiles(late, n=100)
        sys.stdout.write(
            f"{name:8} median {median:5.1f}  95 % {tail[94]:5.1f}  99 % {tail[98]:5.1f}  "
            f"longest {max(late):5.1f} ms\n"
        )


if __name__ == "__main__":
    main()
