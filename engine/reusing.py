"""Earlier runs of a study that can be used again: as they are, or as teachers of others."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.domain import Failure
from engine.execution.order import check_folds
from engine.experiment import Experiment
from engine.protocol import Protocol
from engine.store.runs import Run, State, find_run, runs_in

MACHINE = ("devices", "versions")  # where a run was worked on, not what it is
IMAGES = ("dataset", "last_sample", "fingerprint", "labels")
LESSON = ("method", "train", "settings")


def same(runs: Path, experiment: Experiment, protocol: Protocol) -> Run | None:
    """The run of this very experiment on these folds, a finished one if possible."""
    wanted = _plain(experiment, *MACHINE)
    alike = [run for run in _on(runs, protocol) if _plain(run.experiment, *MACHINE) == wanted]
    return max(alike, key=lambda run: run.state() is State.FINISHED, default=None)


def teacher(runs: Path, experiment: Experiment, protocol: Protocol) -> Run | None:
    """``same``, else the last finished run that differs in seed, rates, batches and the like."""
    found = same(runs, experiment, protocol)
    if found and found.state() is State.FINISHED:
        return found
    keys = (*LESSON, *IMAGES, "preset", "weights_sha256")
    finished = [
        run
        for run in _on(runs, protocol)
        if run.state() is State.FINISHED
        and not _unlike(run.experiment, experiment, keys)
        and run.experiment.training.epochs == experiment.training.epochs
    ]
    return finished[-1] if finished else found


def named_teacher(runs: Path, name: str, experiment: Experiment, protocol: Protocol) -> Run:
    """The run that the user wants as teacher, finished or not.

    Raises ``Failure`` unless it learns what ``experiment`` does on the same folds: a network for
    each fold, that has never seen whom the fold tests.
    """
    if Path(name).suffix:
        raise Failure(
            f"“{name}” cannot be the teacher: one teacher for all folds has seen the subjects that "
            "each fold tests. Name a run of this study, or none to have one made."
        )
    run = find_run(runs, name)
    check_folds(run, protocol)
    unlike = _unlike(run.experiment, experiment, LESSON)
    if unlike:
        raise Failure(
            f"Run {run.id} cannot be the teacher: it has another {unlike[0]}. Needed is "
            f"{experiment.method} on {experiment.train}, {experiment.settings}, "
            f"{experiment.training.size} px."
        )
    return run


def _on(runs: Path, protocol: Protocol) -> Iterator[Run]:
    """Runs on the same folds; damaged ones are nobody's."""
    for run in runs_in(runs):
        try:
            if run.protocol.folds == protocol.folds and run.experiment:
                yield run
        except Failure:
            continue


def _unlike(one: Experiment, other: Experiment, keys: tuple[str, ...]) -> list[str]:
    ours, theirs = _plain(one), _plain(other)
    unlike = [key for key in keys if ours[key] != theirs[key]]
    return unlike + (["size"] if one.training.size != other.training.size else [])


def _plain(experiment: Experiment, *without: str) -> dict[str, Any]:
    """As it is read from a file, where tuples are lists."""
    values: dict[str, Any] = json.loads(json.dumps(asdict(experiment)))
    return {key: value for key, value in values.items() if key not in without}
