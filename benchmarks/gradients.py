"""How strongly each term of CL and KD pulls at the trunk, under each reading of eq. 1.

A teacher, and students that begin as the preset ``paper`` has them (but for the trunk's rate, since
they start at random), are trained on one fold of the sample study by the program's own loop. After
chosen epochs every reading of the feature term (raw, vector, map; mean, sum) is measured on the
student as it is by then: the length of the term's gradient at the trunk, as a share of the
cross-entropy's, averaged over batches. ``--each`` trains a student with every reading instead of
one a method, and so tells what becomes of its accuracy.

    python -m benchmarks.gradients [--device cuda] [--size 224] [--epochs 25] [--each] [--tiny]
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import torch

from benchmarks.subjects import study
from engine.data.packing import open_packed, pack
from engine.domain import Dataset
from engine.events import EpochEnded, Event, silent
from engine.experiment.experiment import TrainOn, change_settings
from engine.experiment.fold_rows import held_out_rows, training_rows
from engine.experiment.folds import Fold, split
from engine.methods.base import Method, method, total
from engine.runs.presets import start
from engine.store.study import Study
from engine.system.device import precision, settle
from engine.training import gradient_norms, loop
from engine.training.batches import BatchSource, FoldData, seed_generator

TINY = {"subjects": 4, "size": 32, "epochs": 1, "batch": 8, "batches": 1, "folds": 2}
READINGS = tuple(product(("raw", "vector", "map"), ("mean", "sum")))
TERM = "feature"
LINE = "{:<14}{:<14}{:<14}{:>7}{:>8}{:>16}{:>16}{:>14}"


@dataclass(frozen=True)
class Row:
    """One reading of the feature term, measured on one student."""

    method: str
    trained: str  # the reading that the student learnt with
    measured: str
    weight: float
    epoch: int
    cross_entropy: float  # lengths of gradients at the trunk
    feature: float
    share: float  # of the feature term's to the cross-entropy's


class Bench:
    """One fold of the sample study and how networks are trained on it."""

    def __init__(self, chosen: argparse.Namespace, folder: Path) -> None:
        self._chosen, self._folder = chosen, folder
        with Study(study(folder / "study", chosen.subjects)) as opened_study:
            self._dataset: Dataset = opened_study.dataset()
        self._fold: Fold = split(self._dataset, chosen.folds, 0).folds[0]
        self._pixels = open_packed(pack(self._dataset, chosen.size, folder, silent))

    def taught(self, name: str, train: TrainOn, **settings: Any) -> tuple[Method, BatchSource]:
        """The method before its first step, and what it learns from."""
        begun = start(method(name), "paper")
        torch.manual_seed(0)
        made = method(name)(change_settings(begun.settings, settings))
        made.to(memory_format=torch.channels_last).to(self._chosen.device)
        return made, BatchSource(self._material(train), self._training, self._chosen.device)

    def train(self, made: Method, feed: BatchSource, report: Any) -> None:
        """The program's own loop, from the first step to the last."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            device = self._chosen.device
            means = loop.TrainingContext(self._training, Path(folder), device, precision(device))
            loop.train(made, feed, means, report)

    @property
    def _training(self) -> Any:
        names = ("size", "epochs", "batch", "trunk_rate")
        changes = {name: getattr(self._chosen, name) for name in names}
        return change_settings(start(method("contrastive"), "paper").training, changes)

    def _material(self, train: TrainOn) -> FoldData:
        return FoldData(
            fold=0,
            seed=0,
            pixels=self._pixels,
            expressions=self._dataset.expressions,
            conditions=self._dataset.conditions,
            train=training_rows(self._dataset, self._fold, train),
            test=held_out_rows(self._dataset, self._fold),
        )


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """Every student's rows, and what it recognised in the end."""
    settle(1)
    rows: list[Row] = []
    students = []
    with tempfile.TemporaryDirectory(prefix="msde-bench-") as folder:
        bench = Bench(chosen, Path(folder))
        teacher, feed = bench.taught("baseline", "nm")
        bench.train(teacher, feed, _shown("teacher"))
        for name, reading in _students(chosen.each):
            made, feed = bench.taught(name, "pairs", **reading)
            if made.needs(made.settings):
                made.learn_from(deepcopy(teacher.network))
            watched = _Watch(name, made, feed, chosen)
            bench.train(made, feed, watched)
            rows += watched.rows
            students.append({"method": name, "trained": _named(made), **watched.outcome})
    return {"chosen": vars(chosen), "rows": [asdict(row) for row in rows], "students": students}


def _students(each: bool) -> Iterator[tuple[str, dict[str, str]]]:
    """Methods with the settings that are not their preset's."""
    for name in ("contrastive", "distillation"):
        if each:
            yield from ((name, {"feature": one, "scale": scale}) for one, scale in READINGS)
        else:
            yield name, {}


class _Watch:
    """A report that measures after chosen epochs; the student is left as it was."""

    def __init__(
        self, name: str, made: Method, feed: BatchSource, chosen: argparse.Namespace
    ) -> None:
        self._name, self._made, self._feed, self._chosen = name, made, feed, chosen
        self._told = _shown(f"{name} {_named(made)}")
        self.rows: list[Row] = []
        self.outcome: dict[str, Any] = {}

    def __call__(self, event: Event) -> None:
        self._told(event)
        if isinstance(event, EpochEnded):
            epoch = event.epoch + 1
            self.outcome = {"train": event.train_accuracy, "test": event.test_accuracy}
            if epoch in {*self._chosen.at, self._chosen.epochs}:
                self.rows += [self._row(epoch, *reading) for reading in READINGS]

    def _row(self, epoch: int, feature: str, scale: str) -> Row:
        copied = deepcopy(self._made).train()
        copied.settings = replace(copied.settings, feature=feature, scale=scale)
        found = [self._pulls(copied, step) for step in range(self._chosen.batches)]
        cross_entropy, pull = (sum(values) / len(found) for values in zip(*found, strict=True))
        weight, share = copied.settings.feature_weight, pull / cross_entropy
        reading = f"{feature} {scale}"
        known = (self._name, _named(self._made), reading, weight, epoch)
        return Row(*known, cross_entropy, pull, share)

    def _pulls(self, copied: Method, step: int) -> tuple[float, float]:
        torch.manual_seed(step)
        losses = copied.losses(self._feed.batch(step, seed_generator(step)))
        term = losses.pop(TERM)
        found = gradient_norms.norms({"": total(losses), TERM: term}, copied.network.trunk)
        return found[""], found[TERM]


def _named(made: Method) -> str:
    return f"{made.settings.feature} {made.settings.scale}"


def _shown(who: str) -> Any:
    def say(event: Event) -> None:
        if isinstance(event, EpochEnded):
            sys.stderr.write(f"{who}, epoch {event.epoch + 1}: {event.test_accuracy}\n")

    return say


def table(measured: dict[str, Any]) -> str:
    """For people: a line a reading, a line a student."""
    titles = ("method", "trained with", "measured", "weight", "epoch")
    lines = [LINE.format(*titles, "cross-entropy", "feature", "share")]
    for row in (Row(**values) for values in measured["rows"]):
        known = (row.method, row.trained, row.measured, f"{row.weight:g}", row.epoch)
        lengths = (row.cross_entropy, row.feature, row.share)
        lines.append(LINE.format(*known, *(f"{length:.2e}" for length in lengths)))
    for one in measured["students"]:
        test = ", ".join(f"{name} {100 * share:.1f} %" for name, share in one["test"].items())
        train = f"training {100 * one['train']:.1f} %"
        lines.append(f"{one['method']} {one['trained']} in the end: {train}, held out {test}")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--subjects", type=int, default=142, help="of the sample study's 142")
    parser.add_argument("--folds", type=int, default=10, help="of which the first is trained")
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--at", type=int, nargs="*", default=[1], help="measured besides the last")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--trunk-rate", type=float, default=1e-3, help="paper, pretrained: 1e-4")
    parser.add_argument("--batches", type=int, default=4, help="that are averaged over")
    parser.add_argument("--each", action="store_true", help="train with every reading")
    parser.add_argument("--tiny", action="store_true", help="seconds: only whether it works")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    if chosen.tiny:
        vars(chosen).update(TINY)
    measured = measure(chosen)
    sys.stdout.write(json.dumps(measured) + "\n" if chosen.json else table(measured))


if __name__ == "__main__":
    main()
