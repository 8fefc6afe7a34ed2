"""Earlier runs of a study that can be used again: as they are, or as teachers of others."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.domain import Failure
from engine.experiment.experiment import Experiment
from engine.experiment.folds import Protocol
from engine.runs.teachers import check_folds
from engine.store.runs import Run, State, find_run, runs_in
from engine.store.trained_folds import check_learnt, fingerprint

MACHINE = ("devices", "versions")  # where a run was worked on, not what it is
PROGRAM = {"msde-studio": "", "learning": "1"}  # versions that decide what is learnt; if not told
SAME = "It learnt what is implied: same seed, training, preset, weights, folds and images."
NAMES = ("teacher", "weights", "last_sample")  # what they stand for is told otherwise


def same(runs: Path, experiment: Experiment, protocol: Protocol, any_version: bool) -> Run | None:
    """The run of this very experiment on these folds, a finished one if possible.

    Unless ``any_version``, it was made by a program that teaches as this one does.
    """
    wanted = _plain(experiment, *MACHINE)
    alike = [
        run
        for run in _on(runs, protocol)
        if _plain(run.experiment, *MACHINE) == wanted
        and (any_version or program(run.experiment) == program(experiment))
    ]
    return max(alike, key=lambda run: run.state() is State.FINISHED, default=None)


def program(experiment: Experiment) -> dict[str, str]:
    """The versions that decide what is learnt."""
    return {name: experiment.versions.get(name, usual) for name, usual in PROGRAM.items()}


def unlike(runs: Path, experiment: Experiment, protocol: Protocol) -> str:
    """Why the last finished run of this method is not ``same``, as a sentence; empty without one.

    It names what differs, so that nobody wonders why a run that looks alike is made anew.
    """
    wanted = (experiment.method, experiment.train)
    known = [
        run
        for run in _readable(runs)
        if (run.experiment.method, run.experiment.train) == wanted and run.state() is State.FINISHED
    ]
    if not known:
        return ""
    last, needed = known[-1], _facts(experiment, protocol)
    wrong = [
        f"its {name} is {one} and {needed[name]} is needed"
        for name, one in _facts(last.experiment, last.protocol).items()
        if one != needed[name]
    ]
    reason = ", ".join(wrong) or "its folds were changed after it was trained"
    return f"{last.id} is not used: {reason}."


def _facts(experiment: Experiment, protocol: Protocol) -> dict[str, str]:
    """All that decides what is learnt, by the names that users know, as texts."""
    facts = _plain(experiment, *MACHINE, *NAMES)
    facts |= facts.pop("settings") | facts.pop("training")
    facts["folds"] = len(protocol.folds)
    facts["split"] = _digest(protocol)[:6]
    facts["images and labels"] = facts.pop("fingerprint")[:6] or "not told"
    facts["program"] = " ".join(program(experiment).values())
    return {name: str(value) for name, value in facts.items()}


def find_named_teacher(runs: Path, name: str, experiment: Experiment, protocol: Protocol) -> Run:
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


def _digest(protocol: Protocol) -> str:
    return hashlib.sha256("".join(map(fingerprint, protocol.folds)).encode()).hexdigest()


def _on(runs: Path, protocol: Protocol) -> Iterator[Run]:
    """Runs trained on the same folds."""
    for run in _readable(runs):
        with suppress(Failure):
            if run.protocol.folds == protocol.folds:
                check_learnt(run)
                yield run


def _readable(runs: Path) -> Iterator[Run]:
    """Damaged runs are nobody's."""
    for run in runs_in(runs):
        with suppress(Failure):
            if run.protocol.folds and run.experiment:
                yield run


def _plain(experiment: Experiment, *without: str) -> dict[str, Any]:
    """As it is read from a file, where tuples are lists."""
    values: dict[str, Any] = json.loads(json.dumps(asdict(experiment)))
    return {key: value for key, value in values.items() if key not in without}
