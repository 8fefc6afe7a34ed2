"""PCA: the two directions in which features differ most; fast, and where the others start."""

from dataclasses import dataclass

import numpy as np

from engine.domain import Failure
from engine.embeddings.algorithms.base import EmbeddingAlgorithm, Points, Values
from engine.events import Progressed, Report


class PCA(EmbeddingAlgorithm):
    """It neither starts anywhere nor draws anything at random."""

    title = "PCA"
    library = "numpy"

    @dataclass(frozen=True)
    class Settings:
        pass

    def fit(self, values: Values, start: Points | None, report: Report) -> Points:
        report(Progressed("PCA", 0, 1))
        points = principal(values)
        report(Progressed("PCA", 1, 1))
        return points


def principal(values: Values) -> Points:
    """Coordinates along the two directions of largest variance, (n, 2).

    Each direction points to where its largest weight is positive, so that signs are reproducible.
    Raises ``Failure`` for fewer than three samples.
    """
    if len(values) < 3:
        raise Failure(
            f"A picture needs at least 3 samples, but there are {len(values)}: import more images."
        )
    points = np.zeros((len(values), 2), dtype=np.float32)  # one feature alone has one direction
    found = reduce_dimensions(values, 2)
    points[:, : found.shape[1]] = found
    return points


def reduce_dimensions(values: Values, dimensions: int) -> Values:
    """Coordinates along so many directions of largest variance, or as many as there are."""
    centred = values.astype(np.float64) - values.mean(axis=0, dtype=np.float64)
    if len(centred) < centred.shape[1]:
        _, _, rows = np.linalg.svd(centred, full_matrices=False)
        directions = rows[:dimensions].T
    else:
        _, columns = np.linalg.eigh(centred.T @ centred)
        directions = columns[:, : -dimensions - 1 : -1]
    strongest = np.abs(directions).argmax(axis=0)
    directions = directions * np.sign(directions[strongest, np.arange(directions.shape[1])])
    return np.asarray(centred @ directions, dtype=np.float32)
