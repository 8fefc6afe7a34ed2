"""UMAP by umap-learn: neighbours stay near, and groups keep more of their places than in t-SNE."""

import inspect
import warnings
from dataclasses import dataclass
from types import ModuleType
from typing import Annotated, Any

import numpy as np

from engine.embeddings.algorithms.base import EmbeddingAlgorithm, Points, Values, require
from engine.embeddings.algorithms.pca import principal
from engine.embeddings.embedding import Embedded, ReportFrames
from engine.events import Progressed
from engine.experiment.experiment import option

SAY_EVERY = 0.1  # seconds
WIDTH = 10.0  # of the start, as umap-learn scales it
PULL = {"gamma": 1.0, "initial_alpha": 1.0, "negative_sample_rate": 5.0}  # umap-learn's


class UMAP(EmbeddingAlgorithm):
    """It compiles itself for about ten seconds when a process first uses it.

    That time, and the search for neighbours, hear nothing of ``Cancelled``: who cannot wait ends
    the process. Its epochs do, and show frames, unless umap-learn keeps them to itself.
    """

    title = "UMAP"
    library = "umap-learn"
    revision = 2

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

    def fit(self, values: Values, start: Points | None, report: ReportFrames) -> Points:
        chosen: UMAP.Settings = self.settings
        require(len(values), chosen.neighbours + 1, f"UMAP of {chosen.neighbours} neighbours")
        epochs = chosen.epochs or (500 if len(values) <= 10_000 else 200)
        report(Progressed(self.title, 0, epochs))
        points = _scale_start(principal(values) if start is None else start, self.seed)
        if not _offers_epochs():
            return self._fit_unheard(values, points, epochs)
        self._improve(points, self._graph(values, epochs), epochs, report)
        return points

    def _fit_unheard(self, values: Values, start: Points, epochs: int) -> Points:
        """The whole by umap-learn's public function, which tells nothing on its way."""
        made = _library().UMAP(
            n_neighbors=self.settings.neighbours,
            min_dist=self.settings.distance,
            n_epochs=epochs,
            init=start,
            random_state=self.seed,
            n_jobs=1,
        )
        return np.asarray(made.fit_transform(values), dtype=np.float32)

    def _graph(self, values: Values, epochs: int) -> Any:
        """How surely two samples are neighbours, sparse; without those too unsure for a step."""
        made = _library().UMAP(
            n_neighbors=self.settings.neighbours,
            transform_mode="graph",
            random_state=self.seed,
            n_jobs=1,  # a seed allows no more
        )
        graph = made.fit_transform(values).tocoo()
        graph.data[graph.data < graph.data.max() / epochs] = 0
        graph.eliminate_zeros()
        return graph

    def _improve(self, points: Points, graph: Any, epochs: int, report: ReportFrames) -> None:
        """Move ``points`` where they lie: so they can be shown on their way."""
        from umap.layouts import optimize_layout_euclidean
        from umap.umap_ import find_ab_params, make_epochs_per_sample

        optimize_layout_euclidean(
            points,
            points,
            graph.row,
            graph.col,
            epochs,
            len(points),
            make_epochs_per_sample(graph.data, epochs),
            *find_ab_params(1.0, self.settings.distance),
            np.random.default_rng(self.seed).integers(-(2**31), 2**31 - 1, 3),
            **PULL,
            tqdm_kwds=_bar(UMAPListener(self.title, points, epochs, report)),
            move_other=True,
        )


class UMAPListener:
    """The file that umap-learn draws its progress bar into: the one way to hear how far it is."""

    def __init__(self, title: str, points: Points, total: int, report: ReportFrames) -> None:
        self._title = title
        self._points = points
        self._total = total
        self._report = report

    def write(self, text: str) -> None:
        """Raises what ``report`` raises, out of the epoch that is at work."""
        if text.strip().isdecimal():
            self._report(Progressed(self._title, int(text), self._total))
            self._report(Embedded(int(text), self._total, self._points.copy()))

    def flush(self) -> None:
        """There is nothing to flush."""


def _scale_start(start: Points, seed: int) -> Points:
    """The start at umap-learn's scale, no two points at one place: they would never part."""
    low, high = start.min(axis=0), start.max(axis=0)
    size = np.where(high > low, high - low, 1)
    jitter = np.random.default_rng(seed).normal(0, 1e-4, start.shape)
    return np.ascontiguousarray(WIDTH * ((start - low) / size + jitter), dtype=np.float32)


def _library() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImportWarning)  # of Tensorflow, which nothing here uses
        import umap

        library: ModuleType = umap
        return library


def _offers_epochs() -> bool:
    """Whether this umap-learn has the internals that ``_improve`` calls, as it calls them."""
    _library()
    try:
        from umap.layouts import optimize_layout_euclidean as optimise
        from umap.umap_ import find_ab_params, make_epochs_per_sample

        inspect.signature(find_ab_params).bind(1.0, 0.1)
        inspect.signature(make_epochs_per_sample).bind(0, 1)
        inspect.signature(optimise).bind(*range(10), **PULL, tqdm_kwds={}, move_other=True)
    except (ImportError, TypeError):
        return False
    return True


def _bar(file: UMAPListener) -> dict[str, object]:
    """Options of a bar whose every drawing is the number of epochs done."""
    return {
        "file": file,
        "bar_format": "{n}",
        "mininterval": SAY_EVERY,
        "miniters": 1,
        "disable": False,
        "leave": False,
    }
