"""Whether bf16 teaches as well as fp32, and whether what was said of the time left came true.

The same images, folds and seeds once in each precision, as ``msde run`` trains them. The
difference in accuracy is that of whole subjects, which both runs tested. The time left is what
the window says when the last of the first folds has ended its first epoch.

    python -m benchmarks.precision [--size 64] [--epochs 10] [--folds 3] [--seeds 1]
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.ours import followed
from benchmarks.subjects import study
from engine.domain import Failure
from engine.evaluation.paired_tests import by_subject, rank_differences
from engine.experiment.progress import RunProgress
from engine.runs.planning import RunRequest, plan
from engine.store.runs import Run, State
from engine.store.study import Study
from engine.system.processes import cores

PRECISIONS = ("bf16", "fp32")
RESAMPLES = 2000
Measured = dict[str, Any]


def measure(chosen: argparse.Namespace) -> Measured:
    """A run for each seed and precision, one after another."""
    rights: dict[str, list[NDArray[np.float64]]] = {name: [] for name in PRECISIONS}
    runs: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="msde-bench-") as folder:
        place = study(Path(folder) / "study", chosen.subjects)
        for seed in range(chosen.seeds):
            for name in PRECISIONS:
                run = _queued(place, chosen, name, seed)
                runs.append({"precision": name, "seed": seed, **_timed(run)})
                rights[name].append(_right(run))
                sys.stderr.write(f"{runs[-1]}\n")
    both = [np.mean(rights[name], axis=0) for name in PRECISIONS]
    return {
        "accuracy": {n: round(float(b.mean()), 4) for n, b in zip(PRECISIONS, both, strict=True)},
        "difference": _difference(both[0] - both[1]),
        "runs": runs,
    }


def _queued(place: Path, chosen: argparse.Namespace, precision: str, seed: int) -> Run:
    names = ("size", "epochs")
    changes = {name: getattr(chosen, name) for name in names} | {"precision": precision}
    choices = RunRequest(
        "baseline", "mix", preset="quick", seed=seed, folds=chosen.folds, changes=changes
    )
    with Study(place) as opened:
        return plan(opened, choices)


def _timed(run: Run) -> Measured:
    """Seconds of the whole run, and those left after the first epoch: as said, and as it was."""
    begun, progress = perf_counter(), RunProgress()
    said = at = 0.0
    for when, event in followed(run):
        progress = progress.after(event)
        first = [fold for fold in progress.folds if fold.started]
        ready = len(first) >= min(cores(), len(progress.folds)) and all(f.epochs for f in first)
        if ready and not at:
            said, at = progress.seconds_left or 0.0, when
    if run.state() is not State.FINISHED:
        raise Failure(f"Run {run.id} is {run.state()}: {run.failure()}")
    end = perf_counter()
    return {
        "seconds": round(end - begun, 1),
        "left_said": round(said, 1),
        "left_was": round(end - at, 1),
        "said_to_was": round(said / (end - at), 3),
    }


def _right(run: Run) -> NDArray[np.float64]:
    """Share of right answers of each subject, (subjects,)."""
    predictions = run.predictions()
    if predictions is None:
        raise Failure(f"Run {run.id} has no predictions.")
    with Study(run.study_folder) as opened:
        dataset = opened.dataset()
    rows = [dataset.row_of[int(sample)] for sample in predictions.samples]
    right = (predictions.predicted == predictions.expressions).astype(np.float64)
    return by_subject(right, dataset.subjects[rows])


def _difference(steps: NDArray[np.float64]) -> Measured:
    random = np.random.default_rng(0)
    means = steps[random.integers(len(steps), size=(RESAMPLES, len(steps)))].mean(axis=1)
    low, high = (round(float(end), 4) for end in np.quantile(means, [0.025, 0.975]))
    p, _ = rank_differences(steps)
    return {"bf16_minus_fp32": round(float(steps.mean()), 4), "interval": [low, high], "p": p}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--subjects", type=int, default=142, help="of the sample study's 142")
    sys.stdout.write(json.dumps(measure(parser.parse_args())) + "\n")


if __name__ == "__main__":
    main()
