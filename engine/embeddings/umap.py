"""UMAP by umap-learn: neighbours stay near, and groups keep more of their places than in t-SNE."""

import warnings
from dataclasses import dataclass
from types import ModuleType
from typing import Annotated

import numpy as np

from engine.embeddings.base import Embedding, Points, Values, require
from engine.embeddings.pca import principal
from engine.events import Progressed, Report
from engine.experiment import option

SAY_EVERY = 0.1  # seconds


class Umap(Embedding):
    """It compiles itself for about ten seconds when a process first uses it.

    That time, and the search for neighbours, hear nothing of ``Cancelled``: who cannot wait ends
    the process. Its epochs do, but show no frames: begun again every few epochs it would draw
    fewer neighbours to each other and scale the picture anew each time.
    """

    title = "UMAP"
    library = "umap-learn"

    @dataclass(frozen=True)
    class Settings:
        neighbours: Annotated[
            int, option("Neighbours that a sample is drawn to (umap-learn: 15)", ge=2, le=500)
        ] = 15
        distance: Annotated[
            float, option("How near points may come, 0 to 1 (umap-learn: 0.1)", ge=0, le=1)
        ] = 0.1
        epochs: Annotated[
            int, option("Steps; 0: 500, or 200 above 10,000 samples (umap-learn: 0)", ge=0, le=5000)
        ] = 0

    def fit(self, values: Values, start: Points | None, report: Report) -> Points:
        chosen: Umap.Settings = self.settings
        require(len(values), chosen.neighbours + 1, f"UMAP of {chosen.neighbours} neighbours")
        epochs = chosen.epochs or (500 if len(values) <= 10_000 else 200)
        report(Progressed(self.title, 0, epochs))
        made = _library().UMAP(
            n_neighbors=chosen.neighbours,
            min_dist=chosen.distance,
            n_epochs=epochs,
            init=principal(values) if start is None else start,
            random_state=self.seed,
            n_jobs=1,  # a seed allows no more
            tqdm_kwds=_bar(self.title, epochs, report),
        )
        return np.asarray(made.fit_transform(values), dtype=np.float32)


class Listener:
    """The file that umap-learn draws its progress bar into: the one way to hear how far it is."""

    def __init__(self, title: str, total: int, report: Report) -> None:
        self._title = title
        self._total = total
        self._report = report

    def write(self, text: str) -> None:
        """Raises what ``report`` raises, out of the epoch that is at work."""
        if text.strip().isdecimal():
            self._report(Progressed(self._title, int(text), self._total))

    def flush(self) -> None:
        """There is nothing to flush."""


def _library() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)  # of Tensorflow, which nothing here uses
        import umap

        library: ModuleType = umap
        return library


def _bar(title: str, total: int, report: Report) -> dict[str, object]:
    """Options of a bar whose every drawing is the number of epochs done."""
    return {
        "file": Listener(title, total, report),
        "bar_format": "{n}",
        "mininterval": SAY_EVERY,
        "miniters": 1,
        "disable": False,
        "leave": False,
    }
