"""Which of a study's images a run was made of: told by content, since ids may be given anew."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.domain import Dataset, Failure
from engine.experiment.predictions import Predictions, pool
from engine.store.columns import Column, load_kept, save_columns
from engine.store.runs import Run

COLUMNS = {"ids": Column("<i8", low=0, distinct=True), "marks": Column("<u8")}
Ids = NDArray[np.int64]
Marks = NDArray[np.uint64]


@dataclass(frozen=True)
class Matched:
    """The images of a run that the study still has, under the labels that the run knew."""

    images: Dataset  # as the study numbers them now
    numbers: Ids  # (n,): the ids that the run knows them by, aligned
    note: str  # what is missing, in a sentence; empty if nothing is


@dataclass(frozen=True)
class Judged:
    """A run's predictions of images that the study still has, by the ids that they have now."""

    predictions: Predictions
    note: str  # what is missing, in a sentence; empty if nothing is


def record(run: Run, dataset: Dataset) -> None:
    """Keep what the run's images are, so that they are known again under other ids."""
    save_columns(run.samples_file, {"ids": dataset.ids, "marks": _marks(dataset)})


def match_images(run: Run, study: Dataset) -> Matched:
    """Of all samples of ``study``. A run that kept no record must have these very images."""
    experiment = run.experiment
    given = study.given(experiment.dataset, experiment.last_sample)
    if given.fingerprint == experiment.fingerprint:
        return Matched(given, given.ids, "")
    if not experiment.fingerprint:  # it does not say: ids are all there is
        return Matched(study, study.ids, "")
    ids, marks = _load_record(run.samples_file)
    _, ours, theirs = np.intersect1d(_marks(study), marks, return_indices=True)
    order = np.argsort(ours)
    images = Dataset(study.name, tuple(study.samples[row] for row in ours[order].tolist()))
    return Matched(images, ids[theirs[order]], _note(run, len(ids) - len(ours), len(ids)))


def find_judged(run: Run, study: Dataset) -> Judged | None:
    """Of the folds that are done; nothing if none is. ``study`` has all samples.

    Raises ``Failure`` if the study has none of the images that were tested.
    """
    predictions = run.predictions()
    if predictions is None:
        return None
    fit = match_images(run, study)
    known = np.isin(predictions.samples, fit.numbers)
    note = _note(run, int((~known).sum()), len(known))
    if not known.any():
        raise Failure(f"{note} Put them back as they were, or queue the run anew.")
    kept = predictions if known.all() else predictions.where(known)
    if fit.numbers is not fit.images.ids:
        order = np.argsort(fit.numbers)
        places = order[np.searchsorted(fit.numbers, kept.samples, sorter=order)]
        kept = pool([replace(kept, samples=fit.images.ids[places])])
    return Judged(kept, note)


def require_judged(run: Run, study: Dataset) -> Judged:
    """As ``find_judged``. Raises ``Failure`` before the first fold is done, too."""
    found = find_judged(run, study)
    if found is None:
        raise Failure(f"Run {run.id} has no finished fold yet: let one finish first.")
    return found


def notes(runs: Iterable[Run], study: Dataset) -> list[str]:
    """A sentence for each run whose images the study has no longer as they were."""
    return [note for run in runs if (note := match_images(run, study).note)]


def _note(run: Run, lost: int, of: int) -> str:
    if of and not lost:
        return ""
    some = f"{lost:,} of its {of:,}" if lost < of else "all of them"
    rest = " Only the others are shown." if lost < of else ""
    return (
        f"Run {run.id} was made of other images than the study has now: {some} have gone or "
        f"changed since.{rest}"
    )


def _marks(dataset: Dataset) -> Marks:
    """Of each image with its labels, (n,): equal only for equal content."""
    names = ("sha256", "subject", "expression", "condition")
    columns = zip(*(dataset.column(name) for name in names), strict=True)
    marks = (
        hashlib.blake2b("{}\0{}\0{:d}\0{:d}".format(*one).encode(), digest_size=8).digest()
        for one in columns
    )
    return np.frombuffer(b"".join(marks), dtype="<u8").astype(np.uint64)


def _load_record(file: Path) -> tuple[Ids, Marks]:
    """Nothing for a run that kept no record, or of which it is damaged."""
    found = load_kept(file, COLUMNS)
    if found is None:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
    return found["ids"], found["marks"]
