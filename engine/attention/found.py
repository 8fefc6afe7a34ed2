"""What was found of where runs look. This module is light: it imports no torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.attention.region_shares import Shares
from engine.domain import Condition, Sample
from engine.evaluation.paired_tests import ComparedImages, PairedTest
from engine.explanation.heatmap import HeatmapRequest
from engine.store.runs import Run
from engine.store.study import Skipped


@dataclass(frozen=True)
class Sanity:
    """Whether maps depend on the weights: near 1 they would be the same with random ones."""

    correlation: float  # Spearman's, of trained and random weights' maps; mean over images
    images: int


@dataclass(frozen=True)
class RunAttention:
    """One run's shares, aligned with the samples; a map without energy has a row of NaN."""

    run: Run
    shares: Shares  # (n, 8), in the order of ``Region``
    targets: NDArray[np.int64]  # (n,): the expression that is explained
    grid: tuple[int, int]  # height and width of its maps
    layer: str
    sanity: Sanity | None


@dataclass(frozen=True)
class Attention:
    """What each run looks at on the same images."""

    asked: HeatmapRequest
    samples: tuple[Sample, ...]  # n
    areas: Shares  # (n, 8): each region's share of the image's pixels
    exact: NDArray[np.bool_]  # (n,): by a map of regions, else by landmarks
    runs: tuple[RunAttention, ...]
    skipped: tuple[Skipped, ...]  # images whose face was not found or that cannot be read
    empty: tuple[Skipped, ...]  # maps that are zero everywhere, a run and image each
    tests: tuple[PairedTest, ...]

    @property
    def seen(self) -> ComparedImages:
        """The samples as tests take them."""
        return see(self.samples)

    def of(self, condition: Condition) -> NDArray[np.bool_]:
        """Which samples are of it, (n,)."""
        return np.array([s.condition is condition for s in self.samples], dtype=np.bool_)


def see(samples: Sequence[Sample]) -> ComparedImages:
    """Whose the samples are, and of which condition."""
    subjects = np.array([sample.subject for sample in samples], dtype=np.str_)
    conditions = np.array([sample.condition for sample in samples], dtype=np.int64)
    return ComparedImages(subjects, conditions)


def empty(runs: Sequence[RunAttention], samples: Sequence[Sample]) -> tuple[Skipped, ...]:
    """Maps that are zero everywhere have no shares."""
    return tuple(
        Skipped(str(samples[int(row)].file), f"Its map of run {one.run.id} is zero everywhere.")
        for one in runs
        for row in np.flatnonzero(np.isnan(one.shares).any(axis=1))
    )
