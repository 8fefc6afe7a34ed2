"""The window on studies of which one thing is damaged, each the last one that was open."""

import time

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMenu

from engine.domain import Dataset
from msde_gui import app
from msde_gui.session import preferences
from msde_gui.session.session import Session
from msde_gui.window.main_window import MainWindow
from tests import hostile
from tests.hostile import CLOSED, DAMAGES, ROW, SCORES

PATIENCE = 20  # seconds: far more than any of these takes


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return hostile.base(tmp_path_factory.mktemp("base") / "study")


@pytest.fixture(scope="module")
def window(qapp, tmp_path_factory):
    """As it is before a study is opened; to make one takes seconds, so all tests share it."""
    with pytest.MonkeyPatch.context() as patched:
        file = str(tmp_path_factory.mktemp("preferences") / "window.ini")
        settings = QSettings(file, QSettings.Format.IniFormat)
        patched.setattr(preferences, "store", lambda: settings)
        made = MainWindow(Session())
        assert made.pages
        made.show()
        yield made
        made.close()
        made.deleteLater()


@pytest.fixture
def started(window, base, tmp_path):
    """The window as it starts after a study with this damage was open last."""

    def start(name):
        preferences.remember_study(hostile.damaged(base, tmp_path / "study", name))
        app.open_first(window.session, None)
        return window

    yield start
    window.session.close()
    window.session.dataset = Dataset("", ())
    for signal in (window.session.study_changed, window.session.runs_changed):
        signal.emit()
    window.notice.hide()


@pytest.mark.parametrize("name", DAMAGES)
def test_that_the_window_starts_with_whatever_was_open_last(started, name):
    began, outcome = time.monotonic(), DAMAGES[name][1]
    window = started(name)
    session = window.session
    for page in ("Experiments", "Results"):
        window.show_page(window.rail.titles.index(page))
        window.stack.currentWidget().grab()
    assert (session.study is None) == (outcome == CLOSED)
    window.top.menu.aboutToShow.emit()
    assert "Open…" in [action.text() for action in window.top.menu.actions()]
    assert window.notice.isHidden() == (outcome not in (CLOSED, ROW, SCORES))
    assert window.notice.isHidden() or window.notice.text.text()
    assert [run[:3] for run in session.faults] == (["002"] if outcome in (ROW, SCORES) else [])
    assert time.monotonic() - began < PATIENCE


@pytest.fixture
def experiments(started):
    window = started("experiment_empty")
    window.show_page(window.rail.titles.index("Experiments"))
    return window.stack.currentWidget()


def test_that_a_damaged_run_can_be_chosen_and_discarded(experiments, qtbot, monkeypatch):
    def none(path):
        raise OSError("no trash")

    monkeypatch.setattr("engine.store.runs.send2trash.send2trash", none)
    details, queue = experiments.monitor.details, experiments.queue
    assert [(row.id[:3], row.note) for row in queue.rows()] == [
        ("001", "finished"),
        ("002", "damaged"),
    ]
    queue.choose("002-baseline-mix")
    assert (details.name.text(), details.state.text()) == ("002-baseline-mix", "damaged")
    assert "experiment.json is damaged" in details.notice.text.text()
    assert details.discard.isEnabled()
    assert not details.stop.isEnabled()
    assert not details.resume.isEnabled()
    details.discard.click()
    details.discard.click()
    assert [row.id[:3] for row in queue.rows()] == ["001"]
    assert (experiments.session.study.folder / "trash").is_dir()


def test_that_a_run_that_was_mended_is_shown_again(experiments):
    run = hostile.second(experiments.session.study.folder)
    whole = hostile.runs_in(run.folder.parent)[0]
    (run.folder / "experiment.json").write_bytes((whole.folder / "experiment.json").read_bytes())
    experiments.session.runs._look(list_again=True)
    assert experiments.session.faults == {}
    assert [row.note for row in experiments.queue.rows()] == ["finished", "finished"]


def test_that_results_say_what_is_wrong_with_predictions(started):
    window = started("predictions_of_no_number")
    window.show_page(window.rail.titles.index("Results"))
    page = window.stack.currentWidget()
    page.model.choose("002-baseline-mix")
    assert "msde resume 002-baseline-mix --study" in page.words.text()
    assert page.note.text() == "002-baseline-mix"
    assert page.table._groups[-1].lines[0].texts[::8] == ("002-baseline-mix", "damaged")
    page.model.choose("001-baseline-mix")
    assert "recognises" in page.words.text()


def test_that_menus_of_runs_end_with_those_that_cannot_be_read(started):
    window = started("experiment_empty")
    window.show_page(window.rail.titles.index("Experiments"))
    menus = [menu for page in window.pages for menu in page.findChildren(QMenu)]
    for menu in menus:
        menu.aboutToShow.emit()
    last = [menu.actions()[-1] for menu in menus if menu.actions()]
    damaged = [action for action in last if action.text() == "002-baseline-mix  ·  damaged"]
    assert len(damaged) == 3  # of embeddings, errors and attention
    assert not any(action.isEnabled() for action in damaged)
    assert "experiment.json is damaged" in damaged[0].toolTip()
