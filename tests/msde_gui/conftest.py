"""A small study of random faces, a session on it, and a watch over leaked widgets."""

import gc
import hashlib
import io

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from PySide6.QtWidgets import QApplication, QMenu

from engine.domain import Condition, Expression
from engine.experiment.experiment import Experiment, Training
from engine.experiment.folds import split
from engine.experiment.predictions import Predictions
from engine.store import prediction_files, runs
from engine.store.study import Inspected, Skipped, Study, source_of
from msde_gui.session import preferences
from msde_gui.session.session import Session
from msde_gui.style import theme

SUBJECTS = ("Ada", "Bo", "Cid", "Dee")


@pytest.fixture(scope="session")
def qapp(qapp):
    theme.apply(qapp, theme.DARK)
    return qapp


@pytest.fixture(autouse=True)
def own_preferences(tmp_path, monkeypatch):
    """The tests neither read nor change what the user's window remembers."""
    file = str(tmp_path / "window.ini")
    monkeypatch.setattr(preferences, "store", lambda: QSettings(file, QSettings.Format.IniFormat))
    monkeypatch.setattr(preferences, "data_folder", lambda: tmp_path / "data")


@pytest.fixture(autouse=True, scope="module")
def frozen_before():
    """What lives before a module's tests is not looked through again after each of them."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_leaked_widgets(qapp):
    before = set(QApplication.topLevelWidgets())
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    after = set(QApplication.topLevelWidgets()) - before
    # pyqtgraph gives the context menus of its plots no parent and keeps them in a cycle.
    left = [w for w in after if w.parent() is None and not isinstance(w, QMenu)]
    assert not left, f"widgets without a parent outlived the test: {left}"


@pytest.fixture
def study_folder(tmp_path):
    """Four subjects, seven expressions, both conditions: 56 faces in 28 pairs, one left out."""
    folder = tmp_path / "Tëst data" / "study"
    images = tmp_path / "Tëst data" / "images"
    images.mkdir(parents=True)
    random = np.random.default_rng(0)
    faces = [
        face(images, subject, expression, condition, random)
        for subject in SUBJECTS
        for expression in Expression
        for condition in Condition
    ]
    with Study(folder, create=True) as study:
        skipped = [Skipped("bad.jpg", "“contempt” is not one of the seven expressions")]
        study.add(source_of("random", "folders", images), faces, skipped, copy=False)
    return folder


def face(folder, subject, expression, condition, random):
    """A small picture on the disk, as an import would have read it."""
    name = f"{subject}-{expression.title}"
    file = folder / f"{name}-{condition.short}.jpg"
    pixels = random.integers(0, 255, (24, 24, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    content = buffer.getvalue()
    file.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    return Inspected(file, subject, expression, condition, name, digest, (24, 24), content)


@pytest.fixture
def session(qapp, study_folder):
    """A session with the study open."""
    made = Session()
    assert made.open(study_folder)
    yield made
    for job in list(made.jobs):
        job.cancel()
    made.close()


@pytest.fixture
def run(session):
    """A finished run of two folds; about half of its answers are wrong."""
    dataset = session.dataset
    experiment = Experiment("baseline", "mix", "quick", 0, 2, Training(epochs=1), {})
    protocol = split(dataset, 2, 0)
    made = runs.create(session.study.runs_folder, experiment, protocol)
    fold_of = protocol.fold_of()
    folds = np.array([fold_of[subject] for subject in dataset.subjects])
    values = np.random.default_rng(1).random((len(dataset), 7)).astype(np.float32)
    values[np.arange(len(dataset)), dataset.expressions] += 0.4
    shares = values / values.sum(axis=1, keepdims=True)
    whole = Predictions(dataset.ids, folds, dataset.conditions, dataset.expressions, shares)
    for fold in protocol.folds:
        made.fold(fold.number).mkdir()
        file = made.fold(fold.number) / "predictions.npz"
        prediction_files.write(whole.where(folds == fold.number), file)
    session.runs._look(list_again=True)
    return made
