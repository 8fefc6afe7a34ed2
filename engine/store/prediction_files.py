"""What a fold's network said of each sample, in the fold's file of predictions."""

from pathlib import Path

from engine.domain import Condition, Expression, Failure
from engine.experiment.predictions import Predictions
from engine.store.columns import Column, Damaged, load_columns, save_columns
from engine.store.remedies import remedy

COLUMNS = {
    "samples": Column("<i8", low=0, distinct=True),
    "folds": Column("<i8", low=0),
    "conditions": Column("<i8", low=0, high=len(Condition) - 1),
    "expressions": Column("<i8", low=0, high=len(Expression) - 1),
    "probabilities": Column("<f4", ("n", len(Expression)), low=0, high=1),
}
ROUNDING = 1e-3  # of the sum of seven probabilities


def write(predictions: Predictions, file: Path) -> None:
    save_columns(file, vars(predictions))


def read(file: Path) -> Predictions:
    """Of a fold's folder. Raises ``Failure`` for a damaged file, with the command that mends it."""
    try:
        found = Predictions(**load_columns(file, COLUMNS))
        sums = found.probabilities.sum(axis=1)
        if not len(found) or (abs(sums - 1) > ROUNDING).any():
            raise Damaged("No rows, or probabilities that do not sum to 1.")
    except Damaged as error:
        raise describe_damage(file) from error
    return found


def describe_damage(file: Path) -> Failure:
    """What to say of it: with the command that mends it."""
    return Failure(
        f"The predictions in {file} are damaged: run that fold again with {remedy(file.parent)}."
    )
