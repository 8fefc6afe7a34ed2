"""Subject-independent folds: who is trained on and who is tested in each round."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain import MOST_FOLDS, Condition, Dataset, Expression, Failure


@dataclass(frozen=True)
class Fold:
    """One round: nobody is on both sides."""

    number: int
    train: tuple[str, ...]
    test: tuple[str, ...]


@dataclass(frozen=True)
class Protocol:
    """How the subjects of a dataset are split into rounds."""

    folds: tuple[Fold, ...]
    seed: int

    def fold_of(self) -> dict[str, int]:
        """The fold in which each subject is held out."""
        return {subject: fold.number for fold in self.folds for subject in fold.test}


def split(dataset: Dataset, folds: int, seed: int) -> Protocol:
    """Deal the subjects to ``folds``, even in each expression under each condition.

    The largest subjects are dealt first, each to the fold where the sum of squared counts grows
    least, ties by the seed. Raises ``Failure`` for fewer subjects than folds.
    """
    subjects, of_subject = np.unique(dataset.subjects, return_inverse=True)
    if folds < 2:
        raise Failure(f"{folds} folds cannot be cross-validated: choose 2 or more.")
    if folds > MOST_FOLDS:
        raise Failure(f"{folds:,} folds are too many: choose at most {MOST_FOLDS:,}.")
    if len(subjects) < folds:
        way_out = "choose fewer folds or import" if len(subjects) > 1 else "import"
        raise Failure(
            f"{folds} folds need at least {folds} subjects, but “{dataset.name}” has "
            f"{len(subjects)}: {way_out} more subjects."
        )
    held_out = _deal(_cells(dataset, of_subject, len(subjects)), folds, seed)
    return protocol([subjects[held_out == k].tolist() for k in range(folds)], seed)


def protocol(tests: list[list[str]], seed: int) -> Protocol:
    """The protocol in which each list of subjects is held out once."""
    everyone = sorted(subject for test in tests for subject in test)
    folds = []
    for number, test in enumerate(tests):
        absent = set(test)
        train = tuple(subject for subject in everyone if subject not in absent)
        folds.append(Fold(number, train, tuple(sorted(test))))
    return Protocol(tuple(folds), seed)


def check(chosen: Protocol, dataset: Dataset) -> None:
    """Raise ``Failure`` unless each subject of ``dataset`` is held out in exactly one fold."""
    held_out = Counter(subject for fold in chosen.folds for subject in fold.test)
    twice = [subject for subject, times in held_out.items() if times > 1]
    if twice:
        raise Failure(f"Subject “{twice[0]}” is held out in more than one fold: list it once.")
    everyone = set(dataset.subjects.tolist())
    missing = everyone - held_out.keys()
    if missing:
        raise Failure(
            f"Subject “{min(missing)}” of the study is in no fold "
            f"({len(missing)} such subjects): make the folds anew."
        )
    for fold in chosen.folds:
        if everyone.isdisjoint(fold.test):
            raise Failure(f"Fold {fold.number + 1} holds out nobody of the study: leave it out.")


def check_training(fold: Fold, expressions: NDArray[np.int64]) -> None:
    """Raise ``Failure`` if an expression is missing among a fold's training samples."""
    missing = set(Expression) - {Expression(value) for value in np.unique(expressions)}
    if missing:
        names = ", ".join(expression.title for expression in sorted(missing))
        raise Failure(
            f"Fold {fold.number + 1} has no training image of {names}: use fewer folds, another "
            "seed, or a training condition that shows it."
        )


def _cells(dataset: Dataset, of_subject: NDArray[np.intp], n: int) -> NDArray[np.int64]:
    """Samples of each subject in each expression × condition, (n, 14)."""
    cell = dataset.expressions * len(Condition) + dataset.conditions
    table = np.zeros((n, len(Expression) * len(Condition)), dtype=np.int64)
    np.add.at(table, (of_subject, cell), 1)
    return table


def _deal(cells: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """The fold that holds out each subject, (n,)."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(cells))
    order = order[np.argsort(-cells[order].sum(axis=1), kind="stable")]
    scarcity = 1 / np.maximum(cells.sum(axis=0), 1)
    totals = np.zeros((folds, cells.shape[1]))
    people = np.zeros(folds)
    held_out = np.zeros(len(cells), dtype=np.int64)
    for subject in order:
        growth = ((2 * totals + cells[subject]) * cells[subject] * scarcity).sum(axis=1)
        best = np.lexsort((people, growth.round(9)))[0]
        totals[best] += cells[subject]
        people[best] += 1
        held_out[subject] = best
    return held_out
