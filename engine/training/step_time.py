"""How long a training may take on this machine, guessed from two small steps of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import torch

from engine.domain import Condition, Dataset, Expression
from engine.experiment.experiment import Experiment
from engine.methods.base import Batch, Method, build_method, total
from engine.system.device import autocast, devices, settle
from engine.system.processes import cores

FEW, MORE = 2, 6  # images in a step, or pairs: what each more of them costs, and what all share
LEAST = 3  # steps of either size
TRIAL = 1.0  # seconds at least, of steps of either size
STRETCH = 5000  # times its own length: further than that a trial tells nothing


def estimate_seconds(experiment: Experiment, dataset: Dataset) -> float | None:
    """Seconds of all folds, as many side by side as there are cores or GPUs.

    Nothing if that is too far from what a short trial can tell.
    """
    began = time.monotonic()
    used = devices()
    lanes = min(experiment.folds, cores() if used == ["cpu"] else len(used))
    rows = (experiment.folds - 1) * _rows(experiment, dataset)
    guess = seconds_a_row(experiment, used[0]) * rows * experiment.training.epochs / lanes
    return guess if guess < STRETCH * (time.monotonic() - began) else None


def seconds_a_row(experiment: Experiment, device: str) -> float:
    """Seconds of an image, or a pair, on one core or GPU, in batches of the experiment's size."""
    made = _make_method(experiment).to(device).train()
    with _one_thread():
        few, more = (_step(made, experiment, n, device) for n in (FEW, MORE))
    each = max(0.0, more - few) / (MORE - FEW)
    shared = max(0.0, few - FEW * each)
    return each + shared / experiment.training.batch


def _step(made: Method, experiment: Experiment, images: int, device: str) -> float:
    """Seconds of the usual one of several: the first warms up."""
    batch, seconds = _draw_batch(experiment, images, device), list[float]()
    while len(seconds) < LEAST or sum(seconds) < TRIAL:
        began = time.perf_counter()
        with autocast(device, experiment.precision):
            loss = total(made.losses(batch))
        loss.backward()  # type: ignore[no-untyped-call]
        loss.item()  # waits for a GPU
        seconds.append(time.perf_counter() - began)
    return median(seconds[1:])


def _make_method(experiment: Experiment) -> Method:
    made = build_method(experiment.method, experiment.settings)
    needed = made.needs(made.settings)
    if needed:
        made.learn_from(build_method(needed.method, needed.settings).network)
    return made


def _draw_batch(experiment: Experiment, images: int, device: str) -> Batch:
    """Random pictures."""
    views, side = 2 if experiment.train == "pairs" else 1, experiment.training.size
    faces = torch.rand(views, images, 3, side, side, device=device)
    return Batch(faces, torch.arange(images, device=device) % len(Expression))


def _rows(experiment: Experiment, dataset: Dataset) -> int:
    if experiment.train == "pairs":
        return len(dataset.pairs())
    counts = dataset.counts().sum(axis=0)
    of = {"nm": [Condition.NON_MASKED], "m": [Condition.MASKED]}
    return int(counts[of.get(experiment.train, list(Condition))].sum())


@contextmanager
def _one_thread() -> Iterator[None]:
    """As a fold has it among others."""
    before = torch.get_num_threads()
    settle(1)
    try:
        yield
    finally:
        settle(before)
