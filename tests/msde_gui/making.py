"""Studies and runs made up for the tests of the window, and the engine's catalogue."""

import json
from dataclasses import replace
from functools import cache

import numpy as np

from engine import events
from engine.domain import Condition, Expression
from engine.evaluation.scores import accuracy, plain, score
from engine.experiment.experiment import PRESETS, Experiment
from engine.experiment.folds import split
from engine.experiment.predictions import Predictions
from engine.store import prediction_files, runs
from engine.store.study import Inspected, Study, source_of

NETWORKS = {"network": "resnet18"}


@cache
def catalogue():
    """What the engine offers, made once."""
    from engine.cli._catalogue import make_catalogue  # torch: few tests need it

    return make_catalogue()


def study_in(folder, subjects=12, conditions=tuple(Condition)):
    """A study with one image of each subject, expression and condition."""
    with Study(folder, create=True) as made:
        images = [
            Inspected(
                folder / f"{subject}-{expression}-{condition}.png",
                f"S{subject:02}",
                expression,
                condition,
                f"{subject}-{expression}" if len(conditions) > 1 else "",
                f"{subject}-{expression}-{condition}",
                (64, 64),
                b"",
            )
            for subject in range(subjects)
            for expression in Expression
            for condition in conditions
        ]
        made.add(source_of("made", "folders", folder), images, [], copy=False)
    return folder


def run_in(folder, preset="quick", folds=3, train="mix", seed=0, **others):
    """A queued run."""
    with Study(folder) as study:
        dataset = study.dataset()
        experiment = Experiment(
            "baseline", train, preset, seed, folds, PRESETS[preset].training, NETWORKS
        )
        experiment = replace(experiment, **others)
        return runs.create(study.runs_folder, experiment, split(dataset, folds, seed))


def predict(run, dataset, fold, skill=1.5):
    """Write made-up predictions of one fold and answer them."""
    random = np.random.default_rng([run.experiment.seed, fold])
    chosen = np.isin(dataset.subjects, run.protocol.folds[fold].test)
    n = int(chosen.sum())
    logits = random.normal(size=(n, 7))
    logits[np.arange(n), dataset.expressions[chosen]] += skill - 0.6 * dataset.conditions[chosen]
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    made = Predictions(
        dataset.ids[chosen],
        np.full(n, fold),
        dataset.conditions[chosen],
        dataset.expressions[chosen],
        shares.astype(np.float32),
    )
    run.fold(fold).mkdir(exist_ok=True)
    prediction_files.write(made, run.fold(fold) / "predictions.npz")
    return made


def say(run, *said):
    """Append events, as the worker does."""
    with run.events_file.open("a", encoding="utf-8") as stream:
        stream.writelines(events.encode(one) + "\n" for one in said)


def epoch(fold, number, of, accuracy_now):
    """An epoch that ended."""
    losses = {"cross_entropy": 2.0 / (number + 1) + 0.1 * fold}
    return events.EpochEnded(
        fold,
        number,
        (number + 1) / of,
        losses,
        min(1.0, accuracy_now["nm"] + 0.1),
        accuracy_now,
        1.0,
    )


def train(run, dataset, epochs=5, skill=1.5):
    """Everything that a worker leaves behind, in no time."""
    folds = run.experiment.folds
    say(run, events.RunStarted(folds, epochs, "cpu", "fp32", 2))
    for fold in range(folds):
        made = predict(run, dataset, fold, skill)
        final = accuracy(made)
        say(run, events.FoldStarted(fold, 0, 100))
        for number in range(epochs):
            part = (number + 1) / epochs
            say(run, epoch(fold, number, epochs, {n: s * part**0.5 for n, s in final.items()}))
        say(run, events.FoldEnded(fold, final, 5.0))
    say(run, events.RunEnded("finished", 15.0))
    found = run.predictions()
    subjects = dataset.subjects[[dataset.row_of[int(number)] for number in found.samples]]
    (run.folder / "scores.json").write_text(json.dumps(plain(score(found, subjects))))
