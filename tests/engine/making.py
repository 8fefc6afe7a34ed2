"""Small studies, datasets and runs for the tests."""

import hashlib
import os
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image

from engine.data.images import thumbnail
from engine.data.importing import inspect, save
from engine.domain import Condition, Dataset, Expression, Sample
from engine.events import EpochEnded
from engine.experiment.experiment import Experiment, Training
from engine.experiment.folds import protocol
from engine.experiment.predictions import Predictions
from engine.store.prediction_files import write
from engine.store.runs import create
from engine.store.study import Inspected, Study, source_of
from engine.training.batches import FoldData
from tests import drawings


def sample(number, subject="s", expression=0, condition=0, pair=""):
    return Sample(
        id=number,
        file=Path(f"{number}.png"),
        subject=subject,
        expression=Expression(expression),
        condition=Condition(condition),
        pair=pair,
        sha256=f"{number:064x}",
    )


def dataset(subjects=6, expressions=Expression, conditions=Condition, name="tiny"):
    """One sample of each subject in each cell, paired; ids count from 1."""
    cells = product(range(subjects), expressions, conditions)
    samples = [
        sample(number, f"s{person:03}", expression, condition, f"s{person:03}/{expression}")
        for number, (person, expression, condition) in enumerate(cells, start=1)
    ]
    return Dataset(name, tuple(samples))


@contextmanager
def locked(file):
    """Nobody may read the file meanwhile, not even the superuser, who is somebody else then."""
    before, user = file.stat().st_mode, os.geteuid()
    file.chmod(0)
    if not user:
        os.seteuid(65534)
    try:
        yield
    finally:
        if not user:
            os.seteuid(user)
        file.chmod(before)


def of_samples(*samples):
    return Dataset("tiny", samples)


def draw(file, *seed):
    """A tiny image that depends on nothing but the seed."""
    values = np.random.default_rng(seed).integers(0, 256, (10, 8, 3), dtype=np.uint8)
    image = Image.fromarray(values)
    file.parent.mkdir(parents=True, exist_ok=True)
    image.save(file)
    return image


def inspected(folder, number, subject="s", expression=0, condition=0):
    """A drawn image, ready to become a sample."""
    file = folder / f"{number:04}.PNG"
    image = draw(file, number)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    pair = f"{subject}/{expression}"
    cell = Expression(expression), Condition(condition)
    return Inspected(file, subject, *cell, pair, sha256, image.size, thumbnail(image))


def faces(folder, subjects=2, expressions=Expression, conditions=Condition):
    cells = enumerate(product(range(subjects), expressions, conditions))
    return [inspected(folder, n, f"s{person}", e, c) for n, (person, e, c) in cells]


def sample_study(folder, subjects=2):
    """A small stand-in for what ships: faces, region maps, labels; S001 has two pairs of fear."""
    rows = ["file,subject,expression,condition,pair,set,mask,worn,glasses"]
    cells = [(f"S{n:03}", e, "", "main") for n in range(1, subjects + 1) for e in Expression]
    cells.append(("S001", Expression.FEAR, "_2", "extra"))
    for number, (subject, expression, again, part) in enumerate(cells):
        pair = f"{subject}_{expression.title}{again}"
        for condition in Condition:
            name = f"{pair}_{condition.short}"
            size = draw(folder / f"faces/{name}.jpg", number, condition).size
            (folder / "regions").mkdir(exist_ok=True)
            Image.new("P", size, number).save(folder / f"regions/{name}.png")
            shown = f"{subject},{expression.title},{condition.title},{pair},{part}"
            worn = "surgical,nose" if condition else "none,none"
            rows.append(f"faces/{name}.jpg,{shown},{worn},none")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "README.md").write_text("Drawn for a test.\n", encoding="utf-8")
    return folder


def study(folder, images, name="faces", copy=False):
    """A new study with one import. Close it, or use it in ``with``."""
    made = Study(folder, create=True)
    made.add(source_of(name, "folders", folder), images, [], copy)
    return made


def experiment(**changes):
    plain = {"method": "baseline", "train": "nm", "preset": "quick", "seed": 0, "folds": 2}
    training = Training(epochs=2, batch=4, size=32, drops=(1,))
    settings = {"network": "resnet18"}
    return Experiment(**{**plain, "training": training, "settings": settings, **changes})


def run(folder, **changes):
    """A queued run of two folds with one subject each."""
    return create(folder / "runs", experiment(**changes), protocol([["a"], ["b"]], 0))


def predictions(samples=(1, 2), fold=0):
    """Each sample shows surprise, and is recognised."""
    n = len(samples)
    probabilities = np.full((n, len(Expression)), 0.05, dtype=np.float32)
    probabilities[:, 0] = 0.7
    nothing = np.zeros(n, dtype=np.int64)
    return Predictions(np.array(samples), np.full(n, fold), nothing, nothing, probabilities)


def finish(run, *folds):
    """Put down what finished folds leave."""
    for fold in folds:
        run.fold(fold).mkdir(exist_ok=True)
        write(predictions((fold + 1,), fold), run.fold(fold) / "predictions.npz")


def epoch_ended(fold=0, epoch=0, progress=0.5, seconds=4.0):
    return EpochEnded(fold, epoch, progress, {"recognition": 1.0}, 0.5, {"nm": 0.5}, seconds)


@contextmanager
def drawn_study(folder, subjects=4, size=32):
    """A study of drawn faces, imported as a user's would be."""
    faces = drawings.study(folder / "faces", subjects=subjects, size=size)
    with Study(folder / "study", create=True) as study:
        save(inspect(faces, study), study)
        yield study


def material():
    """One fold's data: ten images to train on and four to test, all masked."""
    random = np.random.default_rng(0)
    return FoldData(
        fold=0,
        seed=3,
        pixels=random.integers(0, 255, (14, 32, 32, 3), dtype=np.uint8),
        expressions=np.arange(14) % 7,
        conditions=np.arange(14) // 7,
        train=np.arange(10)[:, None],
        test=np.arange(10, 14),
    )
