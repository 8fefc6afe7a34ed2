"""The training loop: it knows no method, no dataset and no window.

Every random choice of a step is seeded by (seed, fold, step) alone, so that a run cut off at any
batch goes on exactly as if it had not been.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Adam, Optimizer

from engine import checkpoint
from engine.augmentation import augmented, normalised
from engine.device import autocast
from engine.domain import Condition, Failure
from engine.events import BatchEnded, Cancelled, EpochEnded, FoldStarted, Report
from engine.experiment import Training
from engine.methods.base import Batch, Method
from engine.pixels import Pixels

SAVE_EVERY = 20.0  # seconds: what a crash can cost
TEST_BATCH = 128


@dataclass(frozen=True)
class Material:
    """One fold's data. Rows index ``pixels``, ``expressions`` and ``conditions``."""

    fold: int
    seed: int
    pixels: Pixels
    expressions: NDArray[np.int64]
    conditions: NDArray[np.int64]
    train: NDArray[np.int64]  # (n, views)
    test: NDArray[np.int64]  # (n,)


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
    """Where training stands: all that is not in the method and the optimiser."""

    step: int = 0
    sums: dict[str, float] = field(default_factory=dict)  # of each loss over this epoch's batches
    right: int = 0  # training samples of this epoch that were recognised
    seen: int = 0
    seconds: float = 0.0  # spent on this epoch


def train(method: Method, material: Material, means: Means, report: Report) -> None:
    """Teach until the last epoch, going on from the fold's checkpoint if there is one.

    ``report`` may raise ``Cancelled`` at any batch; the state is saved before it passes on.
    """
    optimizer = _optimizer(method, means.training)
    progress = _restored(method, optimizer, means)
    steps = steps_an_epoch(len(material.train), means.training.batch)
    total = steps * means.training.epochs
    report(FoldStarted(material.fold, progress.step // steps, len(material.train)))
    saved = time.monotonic()
    try:
        while progress.step < total:
            _set_rates(optimizer, means.training, progress.step // steps)
            progress = _step(method, optimizer, material, means, progress)
            epoch, place = divmod(progress.step - 1, steps)
            if place == steps - 1:
                event = _epoch_ended(method, material, means, progress, epoch)
                progress = Progress(progress.step)  # first: ``report`` may not return
                report(event)
            if time.monotonic() - saved > SAVE_EVERY:
                checkpoint.save_training(method, optimizer, asdict(progress), means.checkpoint)
                saved = time.monotonic()
            report(BatchEnded(material.fold, epoch, progress.step / total))
    except Cancelled:
        checkpoint.save_training(method, optimizer, asdict(progress), means.checkpoint)
        raise


def steps_an_epoch(images: int, batch: int) -> int:
    """A last batch of one is dropped: batch normalisation cannot use it."""
    return max(1, images // batch + (images % batch > 1))


def probabilities(method: Method, material: Material, means: Means) -> NDArray[np.float32]:
    """What the network says of the held-out samples, (n, 7)."""
    method.eval()
    parts = []
    with torch.inference_mode(), autocast(means.device, means.precision):
        for start in range(0, len(material.test), TEST_BATCH):
            rows = material.test[start : start + TEST_BATCH]
            pixels = _on(torch.from_numpy(material.pixels[rows]), means.device)
            images = normalised(pixels, means.training.test_scaling)
            logits = method.network(images.contiguous(memory_format=torch.channels_last))
            parts.append(F.softmax(logits.float(), dim=1).cpu())
    return torch.cat(parts).numpy()


def seeded(*numbers: int) -> torch.Generator:
    """A CPU generator that depends on nothing but these numbers."""
    word = np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0]
    return torch.Generator().manual_seed(int(word) >> 1)


def _step(
    method: Method, optimizer: Optimizer, material: Material, means: Means, progress: Progress
) -> Progress:
    began = time.monotonic()
    random = seeded(material.seed, material.fold, progress.step, 1)
    # What methods and networks draw themselves, such as dropout, follows a generator of its own.
    torch.manual_seed(seeded(material.seed, material.fold, progress.step, 2).initial_seed())
    batch = _batch(material, means, progress.step, random)
    method.train()
    with autocast(means.device, means.precision), _logits_of(method.network.head) as logits:
        losses = method.losses(batch)
        loss = torch.stack([term.float() for term in losses.values()]).sum()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    right, seen = _recognised(logits, batch.expressions)
    return replace(
        progress,
        step=progress.step + 1,
        sums=_with(progress.sums, losses),
        right=progress.right + right,
        seen=progress.seen + seen,
        seconds=progress.seconds + time.monotonic() - began,
    )


def _with(sums: dict[str, float], losses: dict[str, Tensor]) -> dict[str, float]:
    """Each term added to its sum over the epoch. Raises ``Failure`` once training diverged."""
    added = {name: sums.get(name, 0.0) + term.item() for name, term in losses.items()}
    wrong = [name for name, value in added.items() if not math.isfinite(value)]
    if wrong:
        raise Failure(f"The loss “{wrong[0]}” is no longer a number: lower the learning rates.")
    return added


def _batch(material: Material, means: Means, step: int, random: torch.Generator) -> Batch:
    size = means.training.batch
    epoch, place = divmod(step, steps_an_epoch(len(material.train), size))
    order = torch.randperm(
        len(material.train), generator=seeded(material.seed, material.fold, epoch, 0)
    ).numpy()
    rows = material.train[order[place * size : (place + 1) * size]]
    pixels = torch.from_numpy(material.pixels[rows.T])
    images = augmented(_on(pixels, means.device), means.training, random)
    expressions = torch.from_numpy(material.expressions[rows[:, 0]])
    return Batch(images, _on(expressions, means.device))


def _on(values: Tensor, device: str) -> Tensor:
    if device == "cpu":
        return values
    return values.pin_memory().to(device, non_blocking=True)


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
        return Progress()
    return Progress(**checkpoint.load_training(method, optimizer, means.checkpoint))


def _epoch_ended(
    method: Method, material: Material, means: Means, progress: Progress, epoch: int
) -> EpochEnded:
    began = time.monotonic()
    guessed = probabilities(method, material, means).argmax(axis=1)
    right = guessed == material.expressions[material.test]
    conditions = material.conditions[material.test]
    steps = steps_an_epoch(len(material.train), means.training.batch)
    return EpochEnded(
        material.fold,
        epoch,
        progress=(epoch + 1) / means.training.epochs,
        losses={name: total / steps for name, total in progress.sums.items()},
        train_accuracy=progress.right / progress.seen if progress.seen else math.nan,
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


def _recognised(logits: list[Tensor], expressions: Tensor) -> tuple[int, int]:
    """How many faces, of how many, were recognised; all views of a batch may come at once."""
    n = len(expressions)
    fitting = [said for said in logits if said.ndim == 2 and len(said) % n == 0]
    guessed = [said.argmax(1).view(-1, n) for said in fitting]
    right = sum(int((views == expressions).sum()) for views in guessed)
    return right, sum(views.numel() for views in guessed)
