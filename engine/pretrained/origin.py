"""Recognise a study's own networks by what they hold, whatever the file that brings them."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from engine.domain import Failure
from engine.experiment.folds import Protocol
from engine.pretrained.answers import find_answering
from engine.pretrained.matching import Fitted
from engine.pretrained.reading import Tensors
from engine.pretrained.source import sha256
from engine.store.networks import (
    NetworkRecord,
    Summary,
    list_gone,
    list_trained_on,
    remember,
    summarise,
)
from engine.store.runs import Run, runs_in
from engine.store.study import Study
from engine.store.tensor_header import header
from engine.store.trained_folds import FOLD, check_fold, fingerprint

ALIKE = 0.9  # of the tensors that both have
ROUNDED = 2**-8  # of a value: what half precision of either kind may have changed
IN_TRAINING = "method.network."  # the prefix of a checkpoint's tensors
Seen = tuple[str, int, tuple[str, ...] | None]  # a run's id, a fold, and whom its network has seen


def check_origin(found: Fitted, file: Path, study: Study, protocol: Protocol) -> None:
    """Raise ``Failure`` if the weights may have seen whom a fold of ``protocol`` tests.

    What an older program saved passes if it left its fold before this one met it, and has lost its
    head or its run.
    """
    tested = {subject for fold in protocol.folds for subject in fold.test}
    known = list(_identify(found, file, study))
    for name, number, seen in known:
        if seen is None or not tested.isdisjoint(seen) or _is_contradicted(study, name, number):
            raise Failure(
                f"The weights in {file} are those of fold {number + 1} of run {name}: they were "
                "trained on people of this study, so its folds could not hold them out. Choose "
                "weights from elsewhere."
            )
    inside = file.resolve().is_relative_to(study.runs_folder.resolve())
    if not known and (inside or found.report.prefix.startswith(IN_TRAINING)):
        raise Failure(
            f"The weights in {file} are of a run in training: they may have been trained on people "
            "of this study, so its folds could not hold them out. Choose weights from elsewhere."
        )


def _identify(found: Fitted, file: Path, study: Study) -> Iterator[Seen]:
    """By its values, else by its mark, else by what it says of images."""
    known = list(_recognise(found.tensors, file, study)) or list(_find_marked(file, study))
    yield from known
    for run, fold in () if known else find_answering(found, file, study):
        yield run.id, fold, list_trained_on(run, fold)


def _recognise(tensors: Tensors, file: Path, study: Study) -> Iterator[Seen]:
    """The folds, of runs that are gone as well, whose network this is."""
    sha = sha256(file)
    values = {
        name: summarise((tensor[:1] if tensor.dim() > 1 else tensor).float().numpy())
        for name, tensor in tensors.items()
        if tensor.is_floating_point() and tensor.numel()
    }
    for one in _list_remembered(study):
        if one.began_from != sha and _same(values, one.values):  # else it has not made this file
            yield one.run, one.fold, one.trained_on


def _list_remembered(study: Study) -> Iterator[NetworkRecord]:
    """Those that are there, which may have been moved back by hand, before those that are gone."""
    there = set[str]()
    for folder in (study.runs_folder, study.folder / "trash"):
        for one in (one for place in sorted(folder.glob("*")) for one in remember(Run(place))):
            there.add(one.record)
            yield one
    yield from list_gone(study.folder, there)


def _find_marked(file: Path, study: Study) -> Iterator[Seen]:
    """The folds that its header names, though their own network may be gone."""
    try:
        mark = header(file).get(FOLD, "")
    except Failure:  # no file of this program
        return
    for run in runs_in(study.runs_folder) if mark else ():
        with suppress(Failure):
            for number, fold in enumerate(run.protocol.folds):
                if fingerprint(fold) == mark:
                    yield run.id, number, list_trained_on(run, number)


def _same(ours: Mapping[str, Summary], theirs: Mapping[str, Summary]) -> bool:
    """Whether they are the same trunk's but for rounding.

    Networks that began from the same weights differ in their running statistics at least.
    """
    common = [name for name in ours if name in theirs]
    if not common:
        return False
    one, other = ([values[name] for name in common] for values in (ours, theirs))
    alike = np.isclose(one, other, rtol=ROUNDED, atol=1e-6).all(axis=1)
    return float(alike.mean()) >= ALIKE


def _is_contradicted(study: Study, name: str, number: int) -> bool:
    """Whether the run's folds were changed since, so that they tell nothing."""
    run = Run(study.runs_folder / name)
    try:
        if run.complete and number < len(run.protocol.folds):  # another run may have its name
            check_fold(run, number)
    except Failure:
        return True
    return False
