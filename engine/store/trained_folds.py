"""Whether what lies in a run's folds was trained on the settings and folds that it has now."""

import hashlib
import json
from pathlib import Path

import numpy as np

from engine.domain import Failure
from engine.experiment.folds import Fold
from engine.store.files import read_json
from engine.store.prediction_files import read
from engine.store.run_images import match_images
from engine.store.runs import Run
from engine.store.study import Study
from engine.store.tensor_header import header

FREE = ("devices", "format", "precision", "versions", "weights")  # weights have their own hash
EXPERIMENT, FOLD = "experiment", "fold"  # what a network's file tells of how it was trained


def made_for(run: Run, number: int) -> dict[str, str]:
    """What the files of a fold's networks tell of how they are trained."""
    return {EXPERIMENT: _fingerprint_all(run), FOLD: fingerprint(run.protocol.folds[number])}


def fingerprint(fold: Fold) -> str:
    """Of whom the fold trains on and whom it tests."""
    return _digest(json.dumps([fold.train, fold.test], ensure_ascii=False))


def check_unchanged(run: Run) -> None:
    """Raise ``Failure`` if a fold was trained otherwise; folds of older versions do not say."""
    now = _fingerprint_all(run)
    for fold in run.protocol.folds:
        for file in (run.network_file(fold.number), run.checkpoint_file(fold.number)):
            if _read_mark(file, EXPERIMENT) not in ("", now):
                raise Failure(
                    f"The settings or folds of run {run.id} were changed after its fold "
                    f"{fold.number + 1} was begun: put the old experiment.json and folds.json "
                    "back, or queue a new run."
                )


def check_learnt(run: Run) -> None:
    """Raise ``Failure`` if the folds were changed since any of its networks was trained."""
    for fold in run.finished_folds():
        check_fold(run, fold)


def check_fold(run: Run, number: int) -> None:
    """Raise ``Failure`` if the fold was changed since its network was trained."""
    fold, told = run.protocol.folds[number], _read_mark(run.network_file(number), FOLD)
    if told != fingerprint(fold) if told else _is_contradicted(run, fold):
        raise Failure(
            f"{run.folds_file} was changed after fold {number + 1} was trained: its "
            "network may have seen people whom the file calls tested. Put the file back as it "
            "was, or discard the run."
        )


def _fingerprint_all(run: Run) -> str:
    """Of all that training depends on, as it is written: later defaults do not change it."""
    said, folds = read_json(run.experiment_file), read_json(run.folds_file)
    kept = {key: value for key, value in said.items() if key not in FREE}
    return _digest(json.dumps([kept, folds], sort_keys=True))


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def _read_mark(file: Path, name: str) -> str:
    """Nothing by an older program; who loads the file will say if it is damaged."""
    try:
        return header(file).get(name, "")
    except Failure:
        return ""


def _is_contradicted(run: Run, fold: Fold) -> bool:
    """Whether other images were tested than those of the fold, as far as the study has them."""
    try:
        said = read(run.predictions_file(fold.number)).samples
    except Failure:  # who needs them will say so
        return False
    with Study(run.study_folder) as study:
        fit = match_images(run, study.dataset())
    tested = np.isin(fit.numbers, said)
    return not np.array_equal(tested, np.isin(fit.images.subjects, fold.test))
