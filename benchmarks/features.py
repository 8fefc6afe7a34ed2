"""Faces a second of feature extraction and of evaluation, beside their limit.

limit: the network's forward on one constant batch in inference mode, at the best setting of
``benchmarks/limit.py``, as many images at once as the program takes.
features: ``engine.inference.features`` of a fold, from loading its weights to keeping what was
found; pixels are packed before. A process's first time, which imports the networks, and its second.
evaluation: ``engine.training.loop.probabilities``, a process for each core as folds have.
Rounds alternate, medians count.

    python -m benchmarks.features [--size 224] [--network resnet18] [--subjects 142] [--json]
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import torch

from benchmarks import limit
from benchmarks.limit import Passes
from benchmarks.subjects import study
from benchmarks.together import Wait, together
from engine.data.packing import open_packed, pack
from engine.events import silent
from engine.experiment.experiment import make_settings as checked
from engine.inference.features import features
from engine.methods.base import method
from engine.networks.base import build
from engine.runs.planning import RunRequest, plan
from engine.store.runs import Run
from engine.store.study import Study
from engine.system.device import choose_batch, settle
from engine.system.processes import cores
from engine.training import checkpoint, loop
from engine.training.batches import BatchSource, FoldData

SHOWN = {"first": "first features", "features": "features", "evaluation": "evaluation"}

Measured = dict[str, object]


@dataclass(frozen=True)
class Extracting:
    """All samples' features, as nobody had asked for them yet."""

    run: Run

    def __call__(self, wait: Wait) -> list[float]:
        wait()
        return [self._speed(), self._speed()]

    def _speed(self) -> float:
        (self.run.fold(0) / "features.npz").unlink(missing_ok=True)
        begun = perf_counter()
        found = features(self.run, 0, silent)
        return len(found.samples) / (perf_counter() - begun)


@dataclass(frozen=True)
class Evaluating:
    """All samples as if every one were held out."""

    run: Run
    pixels: Path

    def __call__(self, wait: Wait) -> list[float]:
        settle()
        experiment = self.run.experiment
        cls = method(experiment.method)
        taught = cls(checked(cls.Settings, experiment.settings))
        taught.to(memory_format=torch.channels_last)
        feed = BatchSource(_material(self.pixels), experiment.training, "cpu")
        means = loop.TrainingContext(
            experiment.training, self.run.folder, "cpu", experiment.precision
        )
        wait()
        begun = perf_counter()
        loop.probabilities(taught, feed, means)
        return [len(feed.fold_data.test) / (perf_counter() - begun)]


def measure(chosen: argparse.Namespace) -> Measured:
    """Faces a second of each, and their shares of the limit."""
    passes = Passes(chosen.network, chosen.size, choose_batch("cpu"), learnt=0, seen=1)
    found = limit.best(passes, chosen.seconds)
    with tempfile.TemporaryDirectory(prefix="msde-bench-") as folder:
        run, pixels = _ready(study(Path(folder) / "study", chosen.subjects), chosen)
        ways: dict[tuple[str, ...], Callable[[], list[float]]] = {
            ("limit",): lambda: [limit.again(passes, found, chosen.seconds)],
            ("first", "features"): lambda: together(Extracting(run), 1),
            ("evaluation",): lambda: together(Evaluating(run, pixels), cores()),
        }
        took = [
            {
                name: one
                for names, way in ways.items()
                for name, one in zip(names, way(), strict=True)
            }
            for _ in range(chosen.rounds)
        ]
        faces, precision = len(open_packed(pixels)), run.experiment.precision
    speeds = {name: statistics.median(one[name] for one in took) for name in took[0]}
    return {
        **{key: getattr(chosen, key) for key in ("network", "size", "rounds")},
        "faces": faces,
        "precision": precision,
        "cores": cores(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        **{name: round(speed, 1) for name, speed in speeds.items()},
        **{f"{name}_to_limit": round(speeds[name] / speeds["limit"], 3) for name in SHOWN},
        "setting": str(found.finalists[0]),
        "tried": found.tried,
    }


def _ready(place: Path, chosen: argparse.Namespace) -> tuple[Run, Path]:
    """A run whose first fold has weights, untrained ones, and its packed pixels."""
    changes = {"size": chosen.size, "network": chosen.network}
    with Study(place) as made:
        run = plan(made, RunRequest("baseline", "mix", folds=2, changes=changes))
        pixels = pack(made.dataset(), chosen.size, made.cache, silent)
    run.fold(0).mkdir()
    checkpoint.save_weights(build(chosen.network), run.fold(0) / "network.safetensors")
    return run, pixels


def _material(pixels: Path) -> FoldData:
    mapped = open_packed(pixels)
    nothing = np.zeros(len(mapped), dtype=np.int64)
    everyone = np.arange(len(mapped))
    return FoldData(0, 0, mapped, nothing, nothing, everyone[:, None], everyone)


def shown(measured: Measured) -> str:
    """The table for people."""
    of = measured
    head = (
        f"{of['network']} at {of['size']} px, {of['faces']} faces, median of {of['rounds']}; "
        f"{of['cores']} cores, load {of['load']}"
    )
    lines = [head, f"{'limit':<15}{of['limit']:>9} faces/s   {of['setting']}"]
    for name, title in SHOWN.items():
        share = f"{of[f'{name}_to_limit']} of the limit, {of['precision']}"
        lines.append(f"{title:<15}{of[name]:>9} faces/s   {share}")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--network", default="resnet18")
    parser.add_argument("--subjects", type=int, default=142, help="of the sample study's 142")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4, help="each setting of the limit")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    os.environ["CUDA_VISIBLE_DEVICES"] = ""  # both sides compute on the CPU
    os.environ[limit.HUGE_PAGES] = "1"  # as the msde command does
    os.environ.pop("OMP_NUM_THREADS", None)  # features take torch's default
    measured = measure(chosen)
    sys.stdout.write(json.dumps(measured) + "\n" if chosen.json else shown(measured))


if __name__ == "__main__":
    main()
