"""A linear classifier under subject-independent folds, tested by permutation within subjects."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain import Dataset
from engine.experiment.folds import split

Features = NDArray[np.float64]  # (n, d); NaN is a missing value
Labels = NDArray[np.int64]
PENALTY = 0.1  # of the ridge, times the number of training samples, on standardised features
ALONE = 0.025  # two labels are tested: five percent in all


@dataclass(frozen=True)
class Found:
    """How well labels are read from features, and how well permuted ones are."""

    accuracy: float
    chance: float  # the mean over permutations
    interval: tuple[float, float]  # 95 % of the permutations
    p: float

    @property
    def at_chance(self) -> bool:
        return self.p >= ALONE


def readable(
    features: Features, labels: Labels, dataset: Dataset, folds: int = 5, permutations: int = 999
) -> Found:
    """Classify ``labels``, (n,), and permutations of them, each within the images of a subject.

    Features that know nothing of the label leave a subject's images exchangeable, however much
    they tell of the subject: so the test is exact.
    """
    random = np.random.default_rng(0)
    permuted = [_permuted(labels, dataset.subjects, random) for _ in range(permutations)]
    tried = np.stack([labels, *permuted], axis=1)
    right = np.zeros(tried.shape[1])
    for fold in split(dataset, folds, seed=0).folds:
        test = np.isin(dataset.subjects, fold.test)
        guessed = classified(features[~test], tried[~test], features[test])
        right += (guessed == tried[test]).sum(axis=0)
    shares = right / len(labels)
    low, high = np.quantile(shares[1:], [0.025, 0.975])
    p = np.mean(shares >= shares[0])  # the labels themselves are one of the permutations
    return Found(float(shares[0]), float(shares[1:].mean()), (float(low), float(high)), float(p))


def classified(train: Features, labels: Labels, test: Features) -> Labels:
    """Ridge regression on each class's indicator, for every column of ``labels``, (n, k)."""
    train, test = _standardised(train, test)
    left, spread, right = np.linalg.svd(train, full_matrices=False)
    shrunk = spread / (spread**2 + PENALTY * len(train))
    weights = (test @ right.T * shrunk) @ left.T  # (test, train): a test image's say of each label
    classes = np.unique(labels)
    said = [weights @ ((labels == one) - (labels == one).mean(axis=0)) for one in classes]
    said = [s + (labels == one).mean(axis=0) for s, one in zip(said, classes, strict=True)]
    return np.asarray(classes[np.argmax(said, axis=0)], dtype=np.int64)


def _standardised(train: Features, test: Features) -> tuple[Features, Features]:
    """By the training side alone. A missing value becomes the mean, which tells nothing."""
    mean, spread = np.nanmean(train, axis=0), np.nanstd(train, axis=0)
    spread[spread < 1e-6] = np.inf
    return np.nan_to_num((train - mean) / spread), np.nan_to_num((test - mean) / spread)


def _permuted(labels: Labels, subjects: NDArray[np.str_], random: np.random.Generator) -> Labels:
    """Sorting by random numbers within each subject shuffles it alone."""
    shuffled = labels.copy()
    home = np.argsort(subjects, kind="stable")
    drawn = np.lexsort((random.random(len(labels)), subjects))
    shuffled[home] = labels[drawn]
    return shuffled
