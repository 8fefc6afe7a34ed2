"""The training loop: it knows no method, no dataset and no window.

Every random choice of a step is seeded by (seed, fold, step) alone, so that a run cut off at any
batch goes on exactly as if it had not been.
"""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import SGD, Adam, Optimizer

from engine.domain import Condition, Failure
from engine.events import BatchEnded, Cancelled, EpochEnded, FoldStarted, Logged, Report
from engine.experiment.experiment import Training
from engine.methods.base import Method, total
from engine.store.run_files import checkpoint_in
from engine.system.device import autocast, choose_batch
from engine.training import gradient_norms
from engine.training.augmentation import normalise
from engine.training.batches import BatchSource, seed_generator
from engine.training.checkpoint import CheckpointWriter, load_training
from engine.training.epoch_metrics import EpochMetrics, Read

SAVE_EVERY = 60.0  # seconds: what a crash can cost


@dataclass(frozen=True)
class TrainingContext:
    """How it computes and where it keeps its state."""

    training: Training
    folder: Path
    device: str = "cpu"
    precision: str = "fp32"
    made_for: Mapping[str, str] = field(default_factory=dict)  # the header of what is kept says so

    @property
    def checkpoint(self) -> Path:
        return checkpoint_in(self.folder)


@dataclass(frozen=True)
class Progress:
    """Where training stands: all that is in neither method nor optimiser."""

    step: int
    seconds: float  # spent on this epoch
    metrics: EpochMetrics
    pulls: dict[str, float] = field(default_factory=dict)  # gradients of the terms, if measured


class _Work(NamedTuple):
    """All that a step needs."""

    method: Method
    optimizer: Optimizer
    source: BatchSource
    context: TrainingContext


def train(method: Method, source: BatchSource, context: TrainingContext, report: Report) -> None:
    """Teach until the last epoch, going on from the fold's checkpoint if there is one.

    ``report`` may raise ``Cancelled`` at any batch; the state is saved before it passes on.
    Raises ``Failure`` when training diverges; the last checkpoint before that stays.
    """
    work = _Work(method, _optimizer(method, context.training), source, context)
    progress = _restore(work)
    steps, fold = source.steps_an_epoch, source.fold_data.fold
    total = steps * context.training.epochs
    report(FoldStarted(fold, progress.step // steps, len(source.fold_data.train)))
    with CheckpointWriter(method, work.optimizer, context.checkpoint, context.made_for) as writer:
        try:
            while progress.step < total:
                _set_rates(work.optimizer, context.training, progress.step // steps)
                progress = _step(work, progress)
                epoch, place = divmod(progress.step - 1, steps)
                weak = _weak(fold, progress.pulls)
                if place == steps - 1:
                    event = _epoch_ended(work, progress, epoch)
                    # Before ``report``, which may not return.
                    progress = Progress(progress.step, 0.0, EpochMetrics())
                    report(event)
                if weak:
                    report(weak)
                if writer.age > SAVE_EVERY:
                    writer.keep(_plain(work, progress))
                report(BatchEnded(fold, epoch, progress.step / total))
        except Cancelled:
            writer.keep(_plain(work, progress))
            raise


def probabilities(
    method: Method, source: BatchSource, context: TrainingContext
) -> NDArray[np.float32]:
    """What the network says of the held-out samples, (n, 7). Raises ``Failure`` for what is nan."""
    method.eval()
    parts, test, at_once = [], source.fold_data.test, choose_batch(context.device)
    with torch.inference_mode(), autocast(context.device, context.precision):
        for start in range(0, len(test), at_once):
            pixels = source.pixels(test[start : start + at_once])
            images = normalise(pixels, context.training.scaling_of_tests)
            logits = method.network(images.contiguous(memory_format=torch.channels_last))
            parts.append(F.softmax(logits.float(), dim=1))
    said = torch.cat(parts).cpu()
    if not said.isfinite().all():
        raise Failure(f"The network's answers are no longer finite: {_advice(context)}")
    return said.numpy()


def _step(work: _Work, progress: Progress) -> Progress:
    method, optimizer, source, context = work
    began = time.monotonic()
    seeds = (source.fold_data.seed, source.fold_data.fold, progress.step)
    batch = source.batch(progress.step, seed_generator(*seeds, 1))
    # What methods and networks draw themselves, such as dropout, follows a generator of its own.
    torch.manual_seed(seed_generator(*seeds, 2).initial_seed())
    method.train()
    with autocast(context.device, context.precision), _logits_of(method.network.head) as logits:
        losses = method.losses(batch)
        loss = total(losses)
    measured = progress.step == max(
        0, source.steps_an_epoch - 2
    )  # the first epoch's last full batch
    pulls = gradient_norms.norms(losses, method.network.trunk) if measured else {}
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    progress.metrics.add(losses, logits, batch.expressions)
    spent = progress.seconds + time.monotonic() - began
    return Progress(progress.step + 1, spent, progress.metrics, pulls)


def _weak(fold: int, pulls: dict[str, float]) -> Logged | None:
    """A warning of terms that hardly pull at the trunk."""
    shares = gradient_norms.faint(pulls)
    terms = [f"“{name}”, with {100 * share:.1g} %" for name, share in shares.items()]
    said = f"Fold {fold + 1}: the trunk hardly learns from {' and '.join(terms)}"
    return Logged(f"{said} of the strongest term's gradient.") if terms else None


def _plain(work: _Work, progress: Progress) -> dict[str, Any]:
    """What a checkpoint keeps of the progress, if training is sound."""
    read = _sound(work, progress)
    return {"step": progress.step, "seconds": progress.seconds, **asdict(read)}


def _sound(work: _Work, progress: Progress) -> Read:
    """The sums of the epoch so far. Raises ``Failure`` if losses or weights are not finite."""
    diverged = progress.metrics.diverged
    wrong = f"loss “{diverged}”" if diverged else "network"
    if diverged or not _finite(work.method):
        epoch = max(0, progress.step - 1) // work.source.steps_an_epoch + 1
        raise Failure(f"The {wrong} was no longer finite in epoch {epoch}: {_advice(work.context)}")
    return progress.metrics.read()


def _finite(method: Method) -> bool:
    values = [value for value in method.state_dict().values() if value.is_floating_point()]
    return bool(torch.stack([value.isfinite().all() for value in values]).all())


def _advice(context: TrainingContext) -> str:
    rates = f"trunk_rate {context.training.trunk_rate:g}, head_rate {context.training.head_rate:g}"
    return f"training diverged; queue a run with smaller learning rates than {rates}."


def _optimizer(method: Method, training: Training) -> Optimizer:
    head = {id(parameter) for parameter in method.network.head_parameters()}
    learning = [parameter for parameter in method.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in learning if id(p) not in head], "rate": training.trunk_rate},
        {"params": [p for p in learning if id(p) in head], "rate": training.head_rate},
    ]
    if training.optimizer == "adam":
        return Adam(groups, weight_decay=training.weight_decay, fused=True)
    decay, momentum = training.weight_decay, training.momentum
    return SGD(groups, momentum=momentum, weight_decay=decay, fused=True)


def _set_rates(optimizer: Optimizer, training: Training, epoch: int) -> None:
    drops = sum(epoch >= drop for drop in training.drops)
    for group in optimizer.param_groups:
        group["lr"] = group["rate"] / 10**drops * training.rate_decay**epoch


def _restore(work: _Work) -> Progress:
    checkpoint = work.context.checkpoint
    if not checkpoint.exists():
        return Progress(0, 0.0, EpochMetrics())
    kept = load_training(work.method, work.optimizer, checkpoint)
    read = Read(kept["sums"], kept["right"], kept["seen"])
    return Progress(kept["step"], kept["seconds"], EpochMetrics(read))


def _epoch_ended(work: _Work, progress: Progress, epoch: int) -> EpochEnded:
    method, _, source, context = work
    read = _sound(work, progress)
    began, fold_data = time.monotonic(), source.fold_data
    guessed = probabilities(method, source, context).argmax(axis=1)
    right = guessed == fold_data.expressions[fold_data.test]
    conditions = fold_data.conditions[fold_data.test]
    return EpochEnded(
        fold_data.fold,
        epoch,
        progress=(epoch + 1) / context.training.epochs,
        losses={name: total / source.steps_an_epoch for name, total in read.sums.items()},
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
