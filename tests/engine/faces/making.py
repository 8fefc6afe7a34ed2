"""Rendered faces, landmarks and runs for the tests of regions and attention."""

import csv
import shutil

import numpy as np

from engine.data import sample_study
from engine.data.formats.base import ImportOptions
from engine.data.importing import inspect, save
from engine.domain import Condition, Expression
from engine.experiment.folds import protocol
from engine.experiment.predictions import Predictions
from engine.explanation.heatmap import Heatmaps
from engine.store.prediction_files import write
from engine.store.runs import create
from engine.store.study import Study
from tests.engine.making import experiment

COLUMNS = ImportOptions(
    table="labels.csv", path="file", expression="expression", subject="subject",
    condition="condition", pair="pair",
)  # fmt: skip


def rendered(folder, subjects, expressions=(Expression.NEUTRAL,), maps=True):
    """A study of some of the shipped faces; ``maps``: with their regions and labels beside them."""
    source = sample_study.find_shipped()
    with (source / "labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    titles = {expression.title for expression in expressions}
    people = list(dict.fromkeys(row["subject"] for row in rows))[:subjects]
    keep = [
        r
        for r in rows
        if r["subject"] in people and r["expression"] in titles and r["set"] == "main"
    ]
    for name in ("faces", "regions"):
        (folder / name).mkdir(parents=True)
    for row in keep:
        shutil.copy(source / row["file"], folder / row["file"])
        region = row["file"].replace("faces/", "regions/").replace(".jpg", ".png")
        shutil.copy(source / region, folder / region)
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(keep)
    study = Study(folder, create=True)
    save(inspect(folder, format="table", name="rendered", options=COLUMNS), study)
    if not maps:
        shutil.rmtree(folder / "regions")
    return study


def finished(study, method, train="pairs"):
    """A run of two folds that tested every sample of the study and left no networks."""
    dataset = study.dataset()
    people = sorted(set(dataset.subjects.tolist()))
    halves = [people[::2], people[1::2]]
    run = create(
        study.runs_folder,
        experiment(method=method, train=train, last_sample=int(dataset.ids[-1])),
        protocol(halves, 0),
    )
    for fold, names in enumerate(halves):
        chosen = np.isin(dataset.subjects, names)
        n = int(chosen.sum())
        probabilities = np.full((n, len(Expression)), 1 / 7, dtype=np.float32)
        columns = (
            dataset.ids,
            np.full(len(dataset), fold),
            dataset.conditions,
            dataset.expressions,
        )
        run.fold(fold).mkdir()
        write(
            Predictions(*(c[chosen] for c in columns), probabilities),
            run.fold(fold) / "predictions.npz",
        )
    return run


def maps(samples, values):
    """Heatmaps of the sample ids, as a network might have left them."""
    n = len(samples)
    nothing = np.zeros(n, dtype=np.int64)
    probabilities = np.full((n, len(Expression)), 1 / 7, dtype=np.float32)
    return Heatmaps(np.array(samples), nothing, nothing, probabilities, values, "trunk.layer4")


def of(study, condition=Condition.MASKED):
    return [s for s in study.dataset().samples if s.condition is condition]
