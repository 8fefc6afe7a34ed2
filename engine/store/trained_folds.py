"""Whether a run's folds are still those that its networks were trained on."""

import hashlib
import json

import numpy as np

from engine.domain import Failure
from engine.experiment.folds import Fold
from engine.store.prediction_files import read
from engine.store.run_images import match_images
from engine.store.runs import Run
from engine.store.study import Study
from engine.store.tensor_header import header

FOLD = "fold"  # what a network's file tells of whom it was trained on


def fingerprint(fold: Fold) -> str:
    """Of whom the fold trains on and whom it tests."""
    content = json.dumps([fold.train, fold.test], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def check_learnt(run: Run) -> None:
    """Raise ``Failure`` if the folds were changed since any of its networks was trained."""
    for fold in run.finished_folds():
        check_fold(run, fold)


def check_fold(run: Run, number: int) -> None:
    """Raise ``Failure`` if the fold was changed since its network was trained."""
    fold, told = run.protocol.folds[number], _read_mark(run, number)
    if told != fingerprint(fold) if told else _is_contradicted(run, fold):
        raise Failure(
            f"{run.folder / 'folds.json'} was changed after fold {number + 1} was trained: its "
            "network may have seen people whom the file calls tested. Put the file back as it "
            "was, or discard the run."
        )


def _read_mark(run: Run, number: int) -> str:
    """Nothing by an older program; who loads the network will say if it is damaged."""
    try:
        return header(run.fold(number) / "network.safetensors").get(FOLD, "")
    except Failure:
        return ""


def _is_contradicted(run: Run, fold: Fold) -> bool:
    """Whether other images were tested than those of the fold, as far as the study has them."""
    try:
        said = read(run.fold(fold.number) / "predictions.npz").samples
    except Failure:  # who needs them will say so
        return False
    with Study(run.study_folder) as study:
        fit = match_images(run, study.dataset())
    tested = np.isin(fit.numbers, said)
    return not np.array_equal(tested, np.isin(fit.images.subjects, fold.test))
