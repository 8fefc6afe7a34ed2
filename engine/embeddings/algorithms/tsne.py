"""t-SNE by openTSNE: neighbours stay near; distances between groups and their sizes mean little."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from engine.embeddings.algorithms.base import EmbeddingAlgorithm, Points, Values, require
from engine.embeddings.algorithms.pca import principal, reduce_dimensions
from engine.embeddings.embedding import Embedded, ReportFrames
from engine.events import Progressed, Report
from engine.experiment.experiment import option
from engine.system.processes import cores

FRAME_EVERY = 20  # iterations
MANY = 10_000  # below, threads wait for each other more than they gain, worst beside a training
DIMENSIONS = 50  # of the features that distances are measured in, by PCA: the rest is noise
GRID = 4000  # samples from which forces on a grid are sooner computed than in a tree
NEAR = 30_000  # up to so many samples, all distances are sooner computed than an index is built
BLOCK = 1000  # samples whose neighbours are looked for between two reports
COARSE = {"theta": 0.8, "ints_in_interval": 2}  # openTSNE: 0.5 and 1; neighbours stay as near
START = 1e-4  # standard deviation of the first axis, as openTSNE asks of a start
JITTER = 1e-6  # equal features must not start at one point


class TSNE(EmbeddingAlgorithm):
    """Said step by step; it ends at once when ``report`` raises ``Cancelled``."""

    title = "t-SNE"
    library = "openTSNE"
    revision = 2

    @dataclass(frozen=True)
    class Settings:
        perplexity: Annotated[
            float, option("Neighbours that a sample is drawn to (openTSNE: 30)", ge=1, le=500)
        ] = 30.0
        exaggerated: Annotated[
            int, option("First iterations, in which groups form (openTSNE: 250)", ge=1, le=5000)
        ] = 250
        iterations: Annotated[
            int, option("Iterations after those (openTSNE: 500)", ge=1, le=20000)
        ] = 500

    def fit(self, values: Values, start: Points | None, report: ReportFrames) -> Points:
        chosen: TSNE.Settings = self.settings
        least = int(np.ceil(3 * chosen.perplexity)) + 1
        require(len(values), least, f"A perplexity of {chosen.perplexity:g}")
        report(Progressed(self.title, 0, chosen.exaggerated + chosen.iterations))
        affinities = self._drawn(reduce_dimensions(values, DIMENSIONS), report)
        import openTSNE

        made = openTSNE.TSNE(
            perplexity=chosen.perplexity,
            early_exaggeration_iter=chosen.exaggerated,
            n_iter=chosen.iterations,
            initialization=self._begun(principal(values) if start is None else start),
            n_jobs=_threads(len(values)),
            negative_gradient_method="fft" if len(values) >= GRID else "bh",
            **COARSE,
            callbacks=self._listener(report),
            callbacks_every_iters=FRAME_EVERY,
            random_state=self.seed,
        ).fit(affinities=affinities)
        return np.asarray(made, dtype=np.float32)

    def _drawn(self, values: Values, report: Report) -> Any:
        """How strongly each sample is drawn to its neighbours, as openTSNE works it out."""
        from openTSNE.affinity import PerplexityBasedNN
        from openTSNE.nearest_neighbors import PrecomputedNeighbors

        chosen: TSNE.Settings = self.settings
        options = {"perplexity": chosen.perplexity, "n_jobs": _threads(len(values))}
        if len(values) > NEAR:
            return PerplexityBasedNN(values, random_state=self.seed, **options)
        rows, distances = neighbours(values, int(3 * chosen.perplexity), report)
        near = PrecomputedNeighbors(rows, distances)
        return PerplexityBasedNN(knn_index=near, **options)

    def _begun(self, start: Points) -> NDArray[np.float64]:
        random = np.random.default_rng(self.seed)
        spread = start[:, 0].std(dtype=np.float64) or 1.0
        return start * (START / spread) + random.normal(0, JITTER, start.shape)

    def _listener(self, report: ReportFrames) -> "TSNEListener":
        chosen: TSNE.Settings = self.settings
        return TSNEListener(self.title, (chosen.exaggerated, chosen.iterations), report)


def neighbours(values: Values, k: int, report: Report) -> tuple[NDArray[Any], NDArray[Any]]:
    """Rows of the ``k`` nearest others and how far they are, (n, k) each; said block by block."""
    from sklearn.neighbors import NearestNeighbors  # type: ignore[import-untyped, unused-ignore]

    search, parts = NearestNeighbors(n_neighbors=k + 1).fit(values), []
    for start in range(0, len(values), BLOCK):
        report(Progressed("Neighbours", start, len(values)))
        parts.append(search.kneighbors(values[start : start + BLOCK]))
    distances, rows = (np.concatenate(part)[:, 1:] for part in zip(*parts, strict=True))
    return rows, distances  # a row is its own nearest


def _threads(n: int) -> int:
    return cores() if n >= MANY else 1


class TSNEListener:
    """Hears of every few iterations; openTSNE counts those of its two stages apart."""

    def __init__(self, title: str, stages: tuple[int, int], report: ReportFrames) -> None:
        self._title = title
        self._total = sum(stages)
        self._starts = iter((0, stages[0]))
        self._before = 0
        self._report = report

    def optimization_about_to_start(self) -> None:
        """A stage begins."""
        self._before = next(self._starts)

    def __call__(self, iteration: int, divergence: float, points: NDArray[np.float64]) -> bool:
        """Never ask to stop: openTSNE would return what it has by then. ``Cancelled`` ends it."""
        step = self._before + iteration
        self._report(Progressed(self._title, step, self._total))
        self._report(Embedded(step, self._total, np.array(points, dtype=np.float32)))
        return False
