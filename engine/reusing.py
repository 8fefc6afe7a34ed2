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
    """The finished run that the user wants as teacher.

    Raises ``Failure`` unless it learnt what ``experiment`` does from the same images on the same
    folds: a network for each fold, that has never seen whom the fold tests.
    """
    if Path(name).suffix:
        raise Failure(
            f"“{name}” cannot be the teacher: one teacher for all folds has seen the subjects that "
            "each fold tests. Name a run of this study, or none to have one made."
        )
    run = find_run(runs, name)
    wrong = _misfits(run.experiment, experiment)
    if wrong:
        raise Failure(
            f"Run {run.id} cannot be the teacher: {' and '.join(wrong)}. Name another, or none to "
            "have one that fits found or trained."
        )
    check_folds(run, protocol)
    if run.state() is not State.FINISHED:
        raise Failure(
            f"Run {run.id} cannot be the teacher yet: it is {run.state()}. Finish it first, or "
            "name none to have one that fits found or trained."
        )
    return run


def _misfits(given: Experiment, needed: Experiment) -> list[str]:
    """What makes a run unfit to teach, in the user's words."""
    if (given.method, given.train) != (needed.method, needed.train):
        kinds = (f"{one.method} on {one.train}" for one in (given, needed))
        return ["it is {} and {} is needed".format(*kinds)]
    ours, theirs = _plain(given)["settings"], _plain(needed)["settings"]
    keys = dict.fromkeys([*theirs, *ours])
    facts = [(key, ours.get(key), theirs.get(key)) for key in keys]
    facts += [("image size", f"{given.training.size} px", f"{needed.training.size} px")]
    wrong = [
        f"its {key} is {one} and {other} is needed" for key, one, other in facts if one != other
    ]
    if given.fingerprint != needed.fingerprint:
        wrong.append("it learnt from other images or labels")
    return wrong


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
