"""From a fold's network to a picture of its features: embedded, aligned, measured, kept."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.data.unreadable import find_unreadable
from engine.domain import Dataset, Failure, Sample
from engine.embeddings import embedding as pictures
from engine.embeddings.algorithms import base
from engine.embeddings.algorithms.base import Points, Values
from engine.embeddings.algorithms.pca import principal
from engine.embeddings.alignment import similarity
from engine.embeddings.embedding import Embedded, Embedding, ReportFrames
from engine.embeddings.quality import Measures, structure, trustworthiness
from engine.events import Event, Report
from engine.experiment.experiment import check_seed, make_settings, sort_changes
from engine.inference.features import Features, dataset_of, features, fingerprint
from engine.store.files import Newer
from engine.store.runs import Run
from engine.store.study import Study

if TYPE_CHECKING:
    from engine.inference.networks import Networks


def embed(  # noqa: PLR0913
    run: Run,
    fold: int,
    embedding: str,
    seed: int,
    settings: Mapping[str, Any],
    report: ReportFrames,
    *,
    like: Embedding | None = None,
    networks: "Networks | None" = None,
) -> Embedding:
    """The samples of a run under the network of one of its folds.

    ``like`` is the first of a set of pictures: this one starts where that one started and comes to
    lie on it. A picture is kept and read again while weights, images and labels are the same.
    Raises ``Failure`` for features that cannot be drawn; ``Cancelled`` leaves no picture behind.
    """
    made = _maker(embedding, settings, seed)
    dataset, facts = _dataset(run), _facts(made, like)
    key = _digest([facts, fingerprint(run, fold), dataset.fingerprint])
    file = run.embedding_file(fold, f"{embedding}-{_digest(facts)[:16]}")
    if (kept := _load_kept(file, key)) and np.array_equal(kept.samples, dataset.ids):
        return kept
    found = _check(features(run, fold, report, networks), f"fold {fold + 1} of run {run.id}")
    picture = _picture(run, fold, _draw(made, found, like, report), found, dataset)
    if len(picture) == len(dataset):  # without broken images it is of this hour only
        with suppress(OSError):  # on a medium that can only be read it is made each time
            pictures.write(picture, key, file)
    return picture


@dataclass(frozen=True)
class _Drawn:
    by: base.EmbeddingAlgorithm
    points: Points
    start: Points


def list_left_out(shown: Sequence[tuple[Run, Embedding]], report: Report) -> list[str]:
    """A sentence for each image that a picture lacks since it cannot be read any more."""
    lost: dict[int, Sample] = {}
    for run, picture in shown:
        dataset = _dataset(run)
        absent = np.flatnonzero(~np.isin(dataset.ids, picture.samples))
        lost |= {int(dataset.ids[row]): dataset.samples[row] for row in absent.tolist()}
    return list(find_unreadable(list(lost.values()), report).values())


def _maker(name: str, settings: Mapping[str, Any], seed: int) -> base.EmbeddingAlgorithm:
    cls = base.embedding(name)
    values, _ = sort_changes(settings, cls.Settings, cls.Settings)
    check_seed(seed)
    return cls(make_settings(cls.Settings, values), seed)


def _draw(
    made: base.EmbeddingAlgorithm, found: Features, like: Embedding | None, report: ReportFrames
) -> _Drawn:
    if like is None:
        start = principal(found.values)
        return _Drawn(made, made.fit(found.values, start, report), start)
    ours, theirs = _common(found.samples, like.samples)
    start = _start(found.values, like, ours, theirs)
    onto = _Onto(ours, like.points[theirs])

    def aligned(event: Event | Embedded) -> None:
        report(onto.frame(event) if isinstance(event, Embedded) else event)

    return _Drawn(made, onto(made.fit(found.values, start, aligned)), start)


@dataclass(frozen=True)
class _Onto:
    """Brings points to lie on those of another picture, by the samples that both have."""

    rows: NDArray[np.int64]
    fixed: Points

    def __call__(self, points: Points) -> Points:
        if len(self.rows) < 2:
            return points
        return similarity(points[self.rows], self.fixed)(points)

    def frame(self, event: Embedded) -> Embedded:
        return replace(event, points=self(event.points))


def _start(
    values: Values, like: Embedding, ours: NDArray[np.int64], theirs: NDArray[np.int64]
) -> Points:
    """That of ``like``; a sample that it lacks starts at its own place, aligned with the others."""
    first = like.points if like.start is None else like.start
    if len(ours) == len(values):
        return first[theirs]
    start = _Onto(ours, first[theirs])(principal(values)).copy()
    start[ours] = first[theirs]
    return start


def _common(
    ours: NDArray[np.int64], theirs: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of the samples that both have, aligned, in our order."""
    _, a, b = np.intersect1d(ours, theirs, assume_unique=True, return_indices=True)
    order = np.argsort(a)
    return a[order], b[order]


def _picture(run: Run, fold: int, drawn: _Drawn, found: Features, dataset: Dataset) -> Embedding:
    return Embedding(
        run=run.id,
        fold=fold,
        embedding=drawn.by.name,
        seed=drawn.by.seed,
        settings=asdict(drawn.by.settings),
        version=_version(drawn.by),
        samples=found.samples,
        held_out=found.held_out,
        points=drawn.points,
        measures=_measures(found, drawn.points, dataset),
        start=drawn.start,
    )


def _measures(found: Features, points: Points, dataset: Dataset) -> Measures:
    rows = np.flatnonzero(found.held_out)
    among = np.searchsorted(dataset.ids, found.samples[rows])
    place = np.full(len(dataset), -1, dtype=np.int64)
    place[among] = np.arange(len(rows))
    pairs = place[dataset.pairs()]
    pairs = pairs[(pairs >= 0).all(axis=1)]
    shown = dataset.expressions[among]
    return Measures(
        features=structure(found.values[rows], shown, pairs),
        picture=structure(points[rows], shown, pairs),
        samples=len(rows),
        pairs=len(pairs),
        trustworthiness=trustworthiness(found.values[rows], points[rows]),
    )


def _check(found: Features, whose: str) -> Features:
    if not np.isfinite(found.values).all():
        raise Failure(
            f"The features of {whose} are no numbers, for its training diverged: train it again "
            "with lower learning rates."
        )
    if np.ptp(found.values, axis=0).max(initial=0) == 0:
        raise Failure(
            f"The features of {whose} are the same for every image, so there is nothing to draw: "
            "train it again with other settings."
        )
    return found


def _dataset(run: Run) -> Dataset:
    with Study(run.study_folder) as study:
        return dataset_of(run, study)


def _facts(made: base.EmbeddingAlgorithm, like: Embedding | None) -> list[Any]:
    """What a picture is made with, besides features."""
    first = _identity(like) if like else ""
    return [made.name, made.revision, _version(made), asdict(made.settings), made.seed, first]


def _version(made: base.EmbeddingAlgorithm) -> str:
    return f"{made.library} {version(made.library)}"


def _identity(picture: Embedding) -> str:
    content = hashlib.sha256(picture.samples.tobytes() + picture.points.tobytes())
    if picture.start is not None:
        content.update(picture.start.tobytes())
    return content.hexdigest()


def _digest(document: Any) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _load_kept(file: Path, key: str) -> Embedding | None:
    """Nothing unless the file is whole and its key is this one."""
    try:
        picture, made_from = pictures.read(file)
    except Newer:
        raise
    except Failure:
        return None
    return picture if made_from == key else None
