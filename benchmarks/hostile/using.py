"""A small study with a file of every kind, and what later users do with what was read."""

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from random import Random

import numpy as np

from benchmarks.hostile.mutations import (
    Mutate,
    columns_changed,
    document_changed,
    lines_changed,
)
from engine.attention import measurement as attention
from engine.attention.average_faces import Averaged
from engine.attention.average_heatmaps import Cell
from engine.attention.cache import SANITY
from engine.cli._run_reports import brief
from engine.domain import Condition, Dataset, Expression, Failure, Sample
from engine.embeddings import embedding
from engine.embeddings.embedding import Embedding
from engine.embeddings.quality import Measures, Structure
from engine.evaluation import error_analysis
from engine.evaluation import run_scores as statistics
from engine.evaluation.scores import plain, score
from engine.events import (
    EpochEnded,
    Event,
    Failed,
    FoldEnded,
    FoldStarted,
    RunEnded,
    RunStarted,
    encode,
)
from engine.experiment.experiment import PRESETS, Experiment
from engine.experiment.folds import protocol
from engine.experiment.predictions import Predictions
from engine.experiment.progress import RunProgress, follow
from engine.explanation import heatmap
from engine.explanation.heatmap import Heatmaps
from engine.faces import finder
from engine.faces.frame import similarity, transform_points
from engine.faces.landmarks import POINTS, Landmarks
from engine.faces.outlines import draw_regions
from engine.inference import features
from engine.store import prediction_files
from engine.store.columns import load_columns, save_columns
from engine.store.files import write_document, write_json
from engine.store.runs import Run, create
from engine.store.study import Skipped

SUBJECTS, D, SIDE = 4, 5, 3
Parts = tuple[Path, tuple[Mutate, ...], Callable[[Path], object]]


def kinds(folder: Path) -> Mapping[str, Parts]:
    """By name: the file, how to change it, and its use."""
    dataset, run = _dataset(), _run(folder)
    _fill(run, dataset)
    documents, arrays, fold = (document_changed,), (columns_changed,), run.fold(0)
    random = np.random.default_rng(0)
    kept = folder / "kept"
    kept.mkdir()
    values = random.random((len(dataset), D)).astype(np.float32)
    features._keep(fold / "features.npz", dataset, values, "a" * 64)
    embedding.write(_picture(run, dataset, random), "key", kept / "picture.npz")
    heatmap.write(_heatmaps(dataset, random), kept / "heatmaps.npz")
    save_columns(kept / "shares.npz", attention.to_columns(_looked(dataset, random)))
    sanity = {"correlation": 0.5, "images": 3, "broken": np.array([2])}
    save_columns(kept / "sanity.npz", sanity)
    found = Landmarks(np.array([[10.0, 20], [30, 20]]), random.random((POINTS, 2)) * 60)
    finder._write(kept / "regions.bin", (64, 64), found)
    return {
        "predictions": (fold / "predictions.npz", arrays, lambda _: _predicted(run, dataset)),
        "scores": (run.folder / "scores.json", documents, lambda _: _scored(run)),
        "events": (run.events_file, (lines_changed,), lambda _: _followed(run)),
        "failed": (run.folder / "failed.json", documents, lambda _: _failed(run)),
        "heartbeat": (run.folder / "heartbeat", documents, lambda _: _beating(run)),
        "experiment": (run.folder / "experiment.json", documents, lambda _: _briefed(run)),
        "folds": (run.folder / "folds.json", documents, lambda _: _split(run)),
        "features": (fold / "features.npz", arrays, lambda file: _featured(file, dataset)),
        "pictures": (kept / "picture.npz", arrays, _pictured),
        "heatmaps": (kept / "heatmaps.npz", arrays, _explained),
        "attention": (kept / "shares.npz", arrays, _attended),
        "sanity": (kept / "sanity.npz", arrays, lambda file: load_columns(file, SANITY)),
        "regions": (kept / "regions.bin", (_landmarks_changed,), _placed),
    }


def _predicted(run: Run, dataset: Dataset) -> None:
    found = Run(run.folder).predictions()
    assert found is not None
    assert (abs(found.probabilities.sum(axis=1) - 1) < 0.01).all()
    assert len(set(found.samples.tolist())) == len(found)
    assert set(found.folds.tolist()) <= {0, 1}
    score(found)
    error_analysis.compare_answers([found, found.where(found.folds == 0)])
    error_analysis.hardships(found, np.array(["s"] * len(found)))
    error_analysis.flips(found, dataset.ids[dataset.pairs()])
    for truth in Expression:
        error_analysis.mistakes(found, truth)
    for one in error_analysis.confusions(found):
        assert 0 < one.share <= 1
    rows = np.arange(len(found))
    -np.log(np.maximum(found.probabilities[rows, found.expressions], 1e-12))


def _scored(run: Run) -> None:
    for one in statistics.load_scores(run).values():
        assert 0 <= one.accuracy <= 1
        assert 0 <= one.sd <= 1
        assert np.asarray(one.confusion).sum(axis=1).shape == (len(Expression),)
        assert one.interval
        f"{one.balanced:.1f} {one.macro_f1:.1f} {one.interval[0]:.1f}"
        assert all(0 <= share <= 1 for share in one.recall.values())


def _followed(run: Run) -> None:
    events = run.events()
    made = follow(RunProgress(), events)
    assert 0 <= made.fraction <= 1
    assert made.seconds_left is None or made.seconds_left >= 0
    for event in events:
        encode(event).encode()
    for fold in made.folds:
        f"{sum(fold.accuracy.values()):.1f} {len(fold.epochs)} {fold.failed[:9]}"
        f"{sum(sum(epoch.losses.values()) for epoch in fold.epochs):.1f}"


def _failed(run: Run) -> None:
    run.failure().encode()


def _beating(run: Run) -> None:
    assert not run.state().alive or run.worker()


def _briefed(run: Run) -> None:
    again = Run(run.folder)
    json.dumps(brief(again), ensure_ascii=False).encode()
    json.dumps(asdict(again.experiment), ensure_ascii=False).encode()
    teacher = again.teacher
    assert teacher is None or teacher.folder.parent == run.folder.parent
    assert not teacher or teacher.folder.resolve().parent == run.folder.parent.resolve()
    assert 1 <= again.experiment.folds <= 1000
    (run.folder.parent / f"9-{again.experiment.method}").exists()
    again.experiment.devices[0].encode()


def _split(run: Run) -> None:
    again = Run(run.folder)
    assert again.protocol.folds
    assert len(again.protocol.fold_of()) == sum(len(fold.test) for fold in again.protocol.folds)
    again.state()
    for fold in again.protocol.folds:
        assert not set(fold.train) & set(fold.test)
        ", ".join(fold.test).encode()


def _featured(file: Path, dataset: Dataset) -> None:
    values = features._load_kept(file, dataset, "a" * 64)
    assert values is None or (len(values) == len(dataset) and np.isfinite(values).all())


def _pictured(file: Path) -> None:
    picture, key = embedding.read(file)
    assert picture.points.shape == (len(picture), 2)
    assert np.isfinite(picture.points).all()
    json.dumps([asdict(picture.measures), picture.settings, key], ensure_ascii=False).encode()


def _explained(file: Path) -> None:
    maps = heatmap.read(file)
    for target in maps.targets:
        assert Expression(target).title
    if maps.values.size:
        assert (heatmap.enlarge(maps.values, 8, 8) >= 0).all()


def _attended(file: Path) -> None:
    found = attention.from_columns(load_columns(file, attention.COLUMNS))
    assert len(found.samples) == len(found.shares) == len(found.targets)
    for cell, mean in found.means.items():
        assert f"{cell[0].title} {cell[1].short} {mean.n}"
        assert mean.image.shape == (*mean.values.shape, 3)
        assert np.isfinite(mean.values).all()
    json.dumps([asdict(one) for one in found.skipped], ensure_ascii=False).encode()


def _placed(file: Path) -> None:
    kept = finder._load(file)
    if kept is None:
        raise Failure("It is found anew.")
    (width, height), found = kept
    if len(found.mesh):
        assert draw_regions(found.mesh, height, width, masked=True).regions.shape == (height, width)
    if len(found.eyes):
        transform_points(found.mesh, similarity(found.eyes, np.array([[1.0, 2], [3, 4]])))


def _landmarks_changed(random: Random, content: bytes) -> bytes:
    """Some numbers changed, or rows left out, under a right checksum."""
    numbers = np.frombuffer(content[4:], "<f4").copy()
    for _ in range(random.randint(1, 3)):
        place = random.choice((0, 1, 2, 3, 4, 5, random.randrange(len(numbers))))
        numbers[place] = random.choice((0, -1, 1e30, np.nan, np.inf, 0.5, 5000, 20))
    kept = numbers.tobytes()[: random.choice((None, None, None, 0, 8, 12, 24, 40, -8))]
    return zlib.crc32(kept).to_bytes(4, "little") + kept


def _dataset() -> Dataset:
    cells = [(s, e, c) for s in range(SUBJECTS) for e in Expression for c in Condition]
    samples = [
        Sample(number, Path(f"{number}.png"), f"s{s}", e, c, f"{s}/{e}")
        for number, (s, e, c) in enumerate(cells, start=1)
    ]
    return Dataset("made", tuple(samples))


def _run(folder: Path) -> Run:
    training = replace(PRESETS["quick"].training, epochs=2)
    experiment = Experiment("baseline", "mix", "quick", 0, 2, training, {"network": "resnet18"})
    return create(folder / "runs", experiment, protocol([["s0", "s1"], ["s2", "s3"]], 0))


def _fill(run: Run, dataset: Dataset) -> None:
    """Everything that a worker leaves behind."""
    random = np.random.default_rng(1)
    lines = [encode(RunStarted(2, 2, "cpu", "fp32", 1))]
    for fold in run.protocol.folds:
        rows = np.flatnonzero(np.isin(dataset.subjects, fold.test))
        values = random.random((len(rows), len(Expression))).astype(np.float32)
        shares = values / values.sum(axis=1, keepdims=True)
        columns = dataset.conditions[rows], dataset.expressions[rows]
        part = Predictions(dataset.ids[rows], np.full(len(rows), fold.number), *columns, shares)
        run.fold(fold.number).mkdir()
        prediction_files.write(part, run.fold(fold.number) / "predictions.npz")
        share = {"nm": 0.5, "m": 0.25}
        epochs = [
            EpochEnded(fold.number, n, (n + 1) / 2, {"a": 1.5}, 0.5, share, 3.0) for n in (0, 1)
        ]
        said: list[Event] = [
            FoldStarted(fold.number, 0, 28),
            *epochs,
            FoldEnded(fold.number, share, 6.0),
        ]
        lines += [encode(one) for one in said]
    lines += [encode(Failed("It failed.", fold=1)), encode(RunEnded("failed", 9.0))]
    run.events_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_json(run.folder / "failed.json", asdict(Failed("It failed.")))
    found = run.predictions()
    assert found
    scores = score(found, dataset.subjects[found.samples - 1])
    write_document(run.scores_file, plain(scores))
    run.beat()


def _picture(run: Run, dataset: Dataset, random: np.random.Generator) -> Embedding:
    points = random.random((len(dataset), 2)).astype(np.float32)
    structure = Structure(0.1, 0.2, None)
    return Embedding(
        run=run.id,
        fold=0,
        embedding="pca",
        seed=0,
        settings={"whiten": False},
        version="numpy 2",
        samples=dataset.ids,
        held_out=dataset.ids > 9,
        points=points,
        measures=Measures(structure, structure, 9, 4),
        start=points,
    )


def _heatmaps(dataset: Dataset, random: np.random.Generator) -> Heatmaps:
    n = len(dataset)
    shares = np.full((n, len(Expression)), 1 / len(Expression), dtype=np.float32)
    values = random.random((n, SIDE, SIDE)).astype(np.float32)
    return Heatmaps(dataset.ids, dataset.ids % 2, dataset.expressions, shares, values, "trunk")


def _looked(dataset: Dataset, random: np.random.Generator) -> attention.MeasuredRun:
    n, cell = len(dataset), (Expression.FEAR, Condition.MASKED)
    shares = np.full((n, 8), 1 / 8)
    image = random.random((SIDE, SIDE, 3)).astype(np.float32) * 255
    means: dict[Cell, Averaged] = {cell: Averaged(image, image[..., 0], 4)}
    skipped = (Skipped("a.png", "No face was found."),)
    columns = dataset.ids, shares, shares, dataset.ids > 9, dataset.expressions
    return attention.MeasuredRun(*columns, (SIDE, SIDE), "trunk", means, skipped, (2,))
