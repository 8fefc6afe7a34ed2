"""Whether what lies in a run's folds was trained with the settings and folds that it has now."""

import hashlib
import json
from pathlib import Path

from engine.domain import Failure
from engine.store.files import read_json
from engine.store.runs import Run
from engine.store.tensor_header import header

FREE = ("devices", "precision", "versions", "weights")  # may change; weights have their own hash
KEY = "experiment"  # of the header of a fold's files


def fingerprint(run: Run) -> str:
    """Of all that training depends on, as it is written: later defaults do not change it."""
    said = read_json(run.folder / "experiment.json")
    kept = {key: value for key, value in said.items() if key not in FREE}
    whole = json.dumps([kept, read_json(run.folder / "folds.json")], sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def check_unchanged(run: Run) -> None:
    """Raise ``Failure`` if a fold was trained otherwise; folds of older versions do not say."""
    now = fingerprint(run)
    for fold in run.protocol.folds:
        for name in ("network.safetensors", "training.safetensors"):
            before = _read_header(run.fold(fold.number) / name)
            if before not in ("", now):
                raise Failure(
                    f"The settings or folds of run {run.id} were changed after its fold "
                    f"{fold.number + 1} was begun: put the old experiment.json and folds.json "
                    "back, or queue a new run."
                )


def _read_header(file: Path) -> str:
    try:
        return header(file).get(KEY, "")
    except Failure:
        return ""  # a damaged file is told where it is read
