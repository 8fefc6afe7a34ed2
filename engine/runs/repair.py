"""Find what folds of a run have lost, and clear it away so that the next start makes it again."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.domain import Failure
from engine.store import prediction_files
from engine.store.runs import Run
from engine.store.tensor_header import header

Look = Callable[[Path], object]  # raises ``Failure`` for a file that is missing or damaged


@dataclass(frozen=True)
class Damage:
    """What of a fold is to be made again, and the files in its way."""

    fold: int
    sentence: str
    files: tuple[Path, ...]


def damages(run: Run, look: Look = header) -> list[Damage]:
    """What is missing or damaged; a fold that was never begun has lost nothing.

    ``look`` reads a network. Raises ``Failure`` for a file that this user may not read.
    """
    found = (_of_fold(run, fold.number, look) for fold in run.protocol.folds)
    return [damage for damages in found for damage in damages]


def repair(run: Run, look: Look = header) -> list[str]:
    """Clear the damage away and say what the next start makes again; nothing else is touched."""
    if run.worker() is not None:
        raise Failure(f"Run {run.id} is still working: stop it first.")
    found = damages(run, look)
    for damage in found:
        for file in damage.files:
            file.unlink(missing_ok=True)
    return [damage.sentence for damage in found]


def _of_fold(run: Run, number: int, look: Look) -> Iterator[Damage]:
    network, said = run.network_file(number), run.predictions_file(number)
    training = run.checkpoint_file(number)
    if training.exists() and not _intact(training, header):
        sentence = f"Fold {number + 1}: its checkpoint is damaged; it begins again."
        yield Damage(number, sentence, (training,))
    if (network.exists() or said.exists()) and not _intact(network, look):
        sentence = f"Fold {number + 1}: its network is missing or damaged; it is trained again."
        yield Damage(number, sentence, (network, said))
    elif said.exists() and not _intact(said, prediction_files.read):
        sentence = f"Fold {number + 1}: its predictions are damaged; its network makes them again."
        yield Damage(number, sentence, (said,))


def _intact(file: Path, look: Look) -> bool:
    if file.exists() and not os.access(file, os.R_OK):
        raise Failure(f"{file} may not be read by you: ask its owner for the permission.")
    try:
        look(file)
    except Failure:
        return False
    return True
