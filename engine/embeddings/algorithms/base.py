"""What every embedding is: settings, a seed, and features that become points."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.domain import Failure
from engine.embeddings.embedding import ReportFrames
from engine.plugins import find, find_one

Values = NDArray[np.float32]  # (n, d)
Points = NDArray[np.float32]  # (n, 2)


class EmbeddingAlgorithm(ABC):
    """Its libraries are imported when it fits: the first import of some compiles for seconds."""

    noun: ClassVar[str] = "embedding"  # what a user chooses one of
    title: ClassVar[str]
    name: ClassVar[str]  # its module's
    library: ClassVar[str]  # the package whose version decides the picture
    revision: ClassVar[int] = 1  # raised with every change of how points are found
    Settings: ClassVar[type]  # a frozen dataclass: it draws the form and the options

    def __init_subclass__(cls) -> None:
        cls.name = cls.__module__.rpartition(".")[2]

    def __init__(self, settings: Any, seed: int) -> None:
        self.settings = settings
        self.seed = seed

    @abstractmethod
    def fit(self, values: Values, start: Points | None, report: ReportFrames) -> Points:
        """A point for each row. The same values, start, settings and seed give the same points.

        ``start`` is where points are at first, for embeddings that improve them. Raises
        ``Failure`` for fewer rows than the settings allow; ``report`` may raise ``Cancelled``.
        """


def embeddings() -> dict[str, type[EmbeddingAlgorithm]]:
    """Every embedding by name."""
    return find(EmbeddingAlgorithm, "engine.embeddings.algorithms")


def embedding(name: str) -> type[EmbeddingAlgorithm]:
    """Raises ``Failure`` that lists the embeddings there are."""
    return find_one(name, EmbeddingAlgorithm, "engine.embeddings.algorithms")


def require(n: int, least: int, what: str) -> None:
    """Raise ``Failure`` unless there are ``least`` samples for what the settings ask."""
    if n < least:
        raise Failure(f"{what} needs at least {least} samples, but there are {n}: lower it.")
