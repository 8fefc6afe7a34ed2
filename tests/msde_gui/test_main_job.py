"""The main job by mouse: import, train, read the errors; and the same by command."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from engine.store.runs import State
from msde_gui.dialogs import import_dialog
from msde_gui.session.session import Session
from msde_gui.window.main_window import MainWindow
from tests import drawings

ROOT = Path(__file__).parents[2]
TINY = {"epochs": 2, "size": 32, "batch": 8}


@pytest.fixture
def window(qtbot):
    session = Session()
    window = MainWindow(session)
    window.ask = lambda *_: None
    qtbot.addWidget(window)
    window.resize(1480, 960)
    window.show()
    session.learn()
    yield window
    session.close()


def click(qtbot, widget, place=None):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place) if place else qtbot.mouseClick(
        widget, Qt.MouseButton.LeftButton
    )


def page(window, title):
    number = [one.title for one in window.pages].index(title)
    window.show_page(number)
    return window.pages[number]


def test_that_mouse_and_command_import_train_and_score_alike(qtbot, window, tmp_path):
    session = window.session
    faces = drawings.study(tmp_path / "faces", subjects=4, size=32)
    bring_in(qtbot, session, window, faces, tmp_path / "Tëst データ")
    assert len(session.dataset) == 56

    experiments = page(window, "Experiments")
    qtbot.waitUntil(lambda: bool(session.catalogue.methods), timeout=30000)
    choose(experiments.card)
    command = list(experiments.model.arguments)
    click(qtbot, experiments.card.button)
    qtbot.waitUntil(lambda: bool(session.runs.views), timeout=30000)
    run = session.runs.views[0].run
    done = [State.FINISHED, State.FAILED, State.STOPPED]
    qtbot.waitUntil(lambda: session.runs.view(run.id).state in done, timeout=90000)
    assert session.runs.view(run.id).state is State.FINISHED, run.failure()
    assert [len(fold.epochs) for fold in session.runs.view(run.id).progress.folds] == [2, 2]

    typed = [sys.executable, "-m", "engine", *command, "--json", "--progress", "none"]
    answer = json.loads(subprocess.check_output(typed, cwd=ROOT))
    stored = json.loads((run.folder / "scores.json").read_text("utf-8"))
    assert answer["scores"] | {"format": 1} == stored

    results = page(window, "Results")
    results.model.choose(run.id)
    check_cell(qtbot, session, results, run)


def bring_in(qtbot, session, window, faces, study):
    assistant = import_dialog.show(session, window, faces)
    assistant.form.study.setText(str(study))
    click(qtbot, assistant.look)
    qtbot.waitUntil(lambda: assistant.bring_in.isEnabled(), timeout=30000)
    click(qtbot, assistant.bring_in)
    qtbot.waitUntil(lambda: len(session.dataset) > 0, timeout=30000)
    assistant.close()


def choose(card):
    card.plan.widget("preset").setCurrentText("Quick")
    card.plan.widget("train").setCurrentText("Both conditions")
    card.plan.widget("folds").setValue(2)
    for key, value in TINY.items():
        card.training.widget(key).setValue(value)


def check_cell(qtbot, session, results, run):
    """Click the fullest cell of the masked matrix: exactly its faces are selected."""
    predictions = run.predictions()
    predictions = predictions.where(predictions.conditions == 1)
    cells = list(zip(predictions.expressions, predictions.predicted, strict=True))
    truth, predicted = max(set(cells), key=cells.count)
    matrix = results.matrices[1]
    place = matrix.lattice().rect(truth, predicted).center().toPoint()
    click(qtbot, matrix, place)
    belongs = (predictions.expressions == truth) & (predictions.predicted == predicted)
    assert sorted(session.selection.ids) == np.sort(predictions.samples[belongs]).tolist()
    assert session.selection.run == run.id
