"""The sample study in the window: the first start, and the ways back to it."""

import shutil

import pytest
from PySide6.QtWidgets import QMenu

from engine.data import sample_study as shipped_sample
from msde_gui import app
from msde_gui.dialogs import study_menu
from msde_gui.pages.data.panel import DataPanel
from msde_gui.session import preferences
from msde_gui.session import sample_study as sample
from msde_gui.session.jobs import Job
from msde_gui.session.session import Session
from msde_gui.window.main_window import MainWindow
from tests.engine.making import sample_study


@pytest.fixture(autouse=True)
def shipped(tmp_path, monkeypatch):
    folder = sample_study(tmp_path / "shipped")
    monkeypatch.setattr(shipped_sample, "find_shipped", lambda: folder)
    return folder


@pytest.fixture
def started(monkeypatch):
    """Jobs that wait for the test to say what they do."""
    jobs = []
    monkeypatch.setattr(Job, "start", lambda job: jobs.append(job))
    return jobs


@pytest.fixture
def empty(qapp):
    """A session without a study."""
    made = Session()
    yield made
    made.close()


def finish(job):
    """Do what the process would do."""
    assert job.arguments == ["sample", str(sample.place())]
    shipped_sample.copy(sample.place())
    job.succeeded.emit({})
    job.ended.emit()


def offered(session):
    menu = QMenu()
    study_menu.fill(menu, session, menu)
    return sample.TITLE in [action.text() for action in menu.actions()]


def test_that_the_first_start_opens_a_copy_and_never_what_ships(empty, started, shipped, tmp_path):
    app.open_first(empty, None)
    (job,) = started
    finish(job)
    assert empty.study.folder == tmp_path / "data" / "Sample study"
    assert len(empty.dataset) == 30
    assert not any(one.file.is_relative_to(shipped) for one in empty.dataset.samples)


def test_that_only_the_very_first_start_makes_a_copy(empty, started, study_folder, tmp_path):
    app.open_first(empty, study_folder)
    preferences.remember_study(study_folder)
    app.open_first(empty, None)
    shutil.rmtree(study_folder)
    app.open_first(empty, None)
    assert started == []


def test_that_the_start_page_tells_of_the_copying_and_then_shows_faces(qtbot, empty, started):
    panel = DataPanel(empty)
    qtbot.addWidget(panel)
    panel.show()
    panel.open_sample.click()
    assert "being copied" in panel.empty.heading.text()
    assert not panel.open_sample.isEnabled()
    finish(*started)
    assert panel.browser.counter.text() == "30 of 30"


def test_that_a_copy_that_fails_is_told_and_offered_again(qtbot, empty, started):
    panel = DataPanel(empty)
    qtbot.addWidget(panel)
    sample.open_copy(empty)
    with qtbot.waitSignal(empty.failed):
        started[0].failed.emit("The disk is full.", "")
    started[0].ended.emit()
    assert panel.empty.heading.text() == "No study is open"
    assert panel.open_sample.isEnabled()


def test_that_the_copy_is_made_once_and_again_when_it_was_thrown_away(session, started):
    assert offered(session)
    sample.open_copy(session)
    sample.open_copy(session)
    finish(*started)
    session.open(session.study.folder)
    sample.open_copy(session)
    assert len(started) == 1
    session.close()
    shutil.rmtree(sample.place())
    assert offered(session)
    sample.open_copy(session)
    assert len(started) == 2


def test_that_who_opened_another_study_meanwhile_stays_there(empty, started, study_folder):
    sample.open_copy(empty)
    empty.open(study_folder)
    finish(*started)
    assert empty.study.folder == study_folder


def test_that_the_palette_offers_it(qtbot, session):
    window = MainWindow(session)
    qtbot.addWidget(window)
    assert sample.TITLE in [command.title for command in window.commands()]


def test_that_without_a_shipped_sample_there_is_the_start_page_as_ever(
    qtbot, empty, started, monkeypatch
):
    monkeypatch.setattr(shipped_sample, "find_shipped", lambda: None)
    app.open_first(empty, None)
    panel = DataPanel(empty)
    qtbot.addWidget(panel)
    panel.show()
    assert started == []
    assert panel.empty.heading.text() == "No study is open"
    assert not panel.open_sample.isVisible()
    assert not offered(empty)
