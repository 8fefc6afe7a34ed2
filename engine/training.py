"""The training loop: it knows no method, no dataset and no window.

Every random choice of a step is seeded by (seed, fold, step) alone, so that a run cut off at any
batch goes on exactly as if it had not been.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Adam, Optimizer

from engine.augmentation import normalised
from engine.checkpoint import Keeper, load_training
from engine.device import autocast, seen_at_once
from engine.domain import Condition
from engine.events import BatchEnded, Cancelled, EpochEnded, FoldStarted, Report
from engine.experiment import Training
from engine.feeding import Feed, seeded
from engine.methods.base import Method, total
from engine.tally import Read, Tally

SAVE_EVERY = 60.0  # seconds: what a crash can cost


@dataclass(frozen=True)
class Means:
    """How it computes and where it keeps its state."""

    training: Training
    folder: Path
    device: str = "cpu"
    precision: str = "fp32"

    @property
    def checkpoint(self) -> Path:
        return self.folder / "training.safetensors"


@dataclass(frozen=True)
class Progress:
    """Where training stands: all that is in neither method nor optimiser."""

    step: int
    seconds: float  # spent on this epoch
    tally: Tally

    @property
    def plain(self) -> dict[str, Any]:
        """What a checkpoint keeps of it."""
        return {"step": self.step, "seconds": self.seconds, **asdict(self.tally.read())}


def train(method: Method, feed: Feed, means: Means, report: Report) -> None:
    """Teach until the last epoch, going on from the fold's checkpoint if there is one.

    ``report`` may raise ``Cancelled`` at any batch; the state is saved before it passes on.
    """
    optimizer = _optimizer(method, means.training)
    progress = _restored(method, optimizer, means)
    steps, fold = feed.steps_an_epoch, feed.material.fold
    total = steps * means.training.epochs
    report(FoldStarted(fold, progress.step // steps, len(feed.material.train)))
    with Keeper(method, optimizer, means.checkpoint) as keeper:
        try:
            while progress.step < total:
                _set_rates(optimizer, means.training, progress.step // steps)
                progress = _step(method, optimizer, feed, means, progress)
                epoch, place = divmod(progress.step - 1, steps)
                if place == steps - 1:
                    event = _epoch_ended(method, feed, means, progress, epoch)
                    progress = Progress(progress.step, 0.0, Tally())  # ``report`` may not return
                    report(event)
                if keeper.age > SAVE_EVERY:
                    keeper.keep(progress.plain)
                report(BatchEnded(fold, epoch, progress.step / total))
        except Cancelled:
            keeper.keep(progress.plain)
            raise


def probabilities(method: Method, feed: Feed, means: Means) -> NDArray[np.float32]:
    """What the network says of the held-out samples, (n, 7)."""
    method.eval()
    parts, test, at_once = [], feed.material.test, seen_at_once(means.device)
    with torch.inference_mode(), autocast(means.device, means.precision):
        for start in range(0, len(test), at_once):
            pixels = feed.pixels(test[start : start + at_once])
            images = normalised(pixels, means.training.test_scaling)
            logits = method.network(images.contiguous(memory_format=torch.channels_last))
            parts.append(F.softmax(logits.float(), dim=1))
    return torch.cat(parts).cpu().numpy()


def _step(
    method: Method, optimizer: Optimizer, feed: Feed, means: Means, progress: Progress
) -> Progress:
    began = time.monotonic()
    seeds = (feed.material.seed, feed.material.fold, progress.step)
    batch = feed.batch(progress.step, seeded(*seeds, 1))
    # What methods and networks draw themselves, such as dropout, follows a generator of its own.
    torch.manual_seed(seeded(*seeds, 2).initial_seed())
    method.train()
    with autocast(means.device, means.precision), _logits_of(method.network.head) as logits:
        losses = method.losses(batch)
        loss = total(losses)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    progress.tally.add(losses, logits, batch.expressions)
    spent = progress.seconds + time.monotonic() - began
    return replace(progress, step=progress.step + 1, seconds=spent)


def _optimizer(method: Method, training: Training) -> Adam:
    head = {id(parameter) for parameter in method.network.head_parameters()}
    learning = [parameter for parameter in method.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in learning if id(p) not in head], "rate": training.trunk_rate},
        {"params": [p for p in learning if id(p) in head], "rate": training.head_rate},
    ]
    return Adam(groups, weight_decay=training.weight_decay, fused=True)


def _set_rates(optimizer: Optimizer, training: Training, epoch: int) -> None:
    drops = sum(epoch >= drop for drop in training.drops)
    for group in optimizer.param_groups:
        group["lr"] = group["rate"] / 10**drops


def _restored(method: Method, optimizer: Optimizer, means: Means) -> Progress:
    if not means.checkpoint.exists():
        return Progress(0, 0.0, Tally())
    kept = load_training(method, optimizer, means.checkpoint)
    read = Read(kept["sums"], kept["right"], kept["seen"])
    return Progress(kept["step"], kept["seconds"], Tally(read))


def _epoch_ended(
    method: Method, feed: Feed, means: Means, progress: Progress, epoch: int
) -> EpochEnded:
    read = progress.tally.read()
    began, material = time.monotonic(), feed.material
    guessed = probabilities(method, feed, means).argmax(axis=1)
    right = guessed == material.expressions[material.test]
    conditions = material.conditions[material.test]
    return EpochEnded(
        material.fold,
        epoch,
        progress=(epoch + 1) / means.training.epochs,
        losses={name: total / feed.steps_an_epoch for name, total in read.sums.items()},
        train_accuracy=read.right / read.seen if read.seen else math.nan,
        test_accuracy={
            condition.short: float(right[conditions == condition].mean())
            for condition in Condition
            if (conditions == condition).any()
        },
        seconds=progress.seconds + time.monotonic() - began,
    )


@contextmanager
def _logits_of(head: nn.Module) -> Iterator[list[Tensor]]:
    """What the head says while the losses are computed: training accuracy for free."""
    said: list[Tensor] = []
    hook = head.register_forward_hook(lambda _head, _inputs, output: said.append(output.detach()))
    try:
        yield said
    finally:
        hook.remove()
