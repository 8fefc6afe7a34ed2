"""Paired tests of where networks look: runs compared on the same images, subject by subject."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from engine.domain import Condition, Region

RESAMPLES = 2000
SURE = 0.05  # a corrected p below counts as a difference

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ComparedImages:
    """The images that runs are compared on: aligned columns, (n,)."""

    subjects: NDArray[np.str_]
    conditions: NDArray[np.int64]


@dataclass(frozen=True)
class PairedTest:
    """Share of map energy of ``first`` minus that of ``second``, paired by subject."""

    first: str  # run
    second: str
    of: tuple[Region, ...]  # summed
    condition: Condition
    subjects: int
    median: float  # of the subjects' differences, -1 to 1
    interval: tuple[float, float]  # of the median: 95 %, bootstrap over subjects
    p: float  # Wilcoxon's signed-rank test, two-sided
    corrected: float  # by Holm, over all tests that were made together
    effect: float  # matched-pairs rank-biserial correlation, -1 to 1

    @property
    def sure(self) -> bool:
        return self.corrected < SURE


def compare_all_pairs(shares: Mapping[str, Floats], seen: ComparedImages) -> list[PairedTest]:
    """Every pair of runs, condition and region, corrected together.

    ``shares`` has (n, 8) by run; an image that is NaN in one run of a pair is left out of that
    pair. A region on which neither run has any energy is not tested.
    """
    found = []
    for first, second in combinations(shares, 2):
        for condition in Condition:
            for region in Region:
                one = difference((first, second), shares, seen, (region,), condition)
                found += [one] if one else []
    return correct_tests(found)


def difference(
    pair: tuple[str, str],
    shares: Mapping[str, Floats],
    seen: ComparedImages,
    of: tuple[Region, ...],
    condition: Condition,
) -> PairedTest | None:
    """One test, not yet corrected; nothing if there is nothing to test."""
    first, second = (shares[run][:, list(of)].sum(axis=1) for run in pair)
    chosen = (seen.conditions == condition) & ~np.isnan(first) & ~np.isnan(second)
    if not (first[chosen].any() or second[chosen].any()):
        return None
    steps = by_subject((first - second)[chosen], seen.subjects[chosen])
    p, effect = rank_differences(steps)
    return PairedTest(
        first=pair[0],
        second=pair[1],
        of=of,
        condition=condition,
        subjects=len(steps),
        median=float(np.median(steps)),
        interval=_interval(steps),
        p=p,
        corrected=p,
        effect=effect,
    )


def by_subject(values: Floats, subjects: NDArray[np.str_]) -> Floats:
    """The mean of each subject's images, (subjects,): images of a person are not independent."""
    names, person = np.unique(subjects, return_inverse=True)
    return np.asarray(np.bincount(person, values, len(names)) / np.bincount(person))


def rank_differences(steps: Floats) -> tuple[float, float]:
    """Wilcoxon's p and the matched-pairs rank-biserial correlation (Kerby 2014).

    Differences of 0 are left out; if there is no other, p is 1 and the correlation 0.
    """
    from scipy import stats  # type: ignore[import-untyped,unused-ignore]  # slow to import

    moved = np.round(steps, 12)  # what rounding alone makes is no difference
    moved = moved[moved != 0]
    if not len(moved):
        return 1.0, 0.0
    ranks = stats.rankdata(np.abs(moved))
    up, down = ranks[moved > 0].sum(), ranks[moved < 0].sum()
    return float(stats.wilcoxon(moved).pvalue), float((up - down) / (up + down))


def correct_tests(tests: Sequence[PairedTest]) -> list[PairedTest]:
    """The same tests with p corrected for how many they are."""
    ps = holm(np.array([test.p for test in tests], dtype=np.float64))
    return [replace(test, corrected=float(p)) for test, p in zip(tests, ps, strict=True)]


def holm(p: Floats) -> Floats:
    """Holm's step-down correction, (m,) -> (m,)."""
    order = np.argsort(p, kind="stable")
    steps = p[order] * (len(p) - np.arange(len(p)))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1) if len(p) else steps
    return adjusted


def _interval(steps: Floats) -> tuple[float, float]:
    random = np.random.default_rng(0)
    drawn = steps[random.integers(len(steps), size=(RESAMPLES, len(steps)))]
    low, high = np.quantile(np.median(drawn, axis=1), [0.025, 0.975])
    return float(low), float(high)
