"""The strip of jobs and runs."""

from dataclasses import replace

import pytest

from engine.events import EpochEnded, FoldStarted, Progressed, RunStarted
from engine.experiment.progress import RunProgress, follow
from engine.store.runs import State
from msde_gui.session.jobs import Job
from msde_gui.session.run_list import Runs, RunView
from msde_gui.window.job_strip import JobStrip, fraction, how_far, time_left

BEGUN = [
    RunStarted(3, 4, "cpu", "fp32", 1),
    FoldStarted(0, 0, 20),
    EpochEnded(0, 0, 0.25, {"ce": 1.0}, 0.5, {"nm": 0.4}, 60.0),
]


@pytest.fixture
def view(run):
    return RunView(run, State.RUNNING, follow(RunProgress(), BEGUN))


@pytest.fixture
def strip(qtbot, session):
    made = JobStrip(session)
    qtbot.addWidget(made)
    made.show()
    return made


def test_that_a_run_says_fold_epoch_and_time_left(view):
    assert how_far(view) == "fold 1 of 3 · epoch 2 of 4"
    assert fraction(view) == pytest.approx(0.25 / 3)
    assert time_left(view.progress.seconds_left) == "about 11 min"
    reading = replace(view, progress=RunProgress(step=Progressed("Reading images", 5, 10)))
    assert (how_far(reading), fraction(reading)) == ("Reading images · 5 of 10", 0.5)


def test_that_stop_answers_at_once(strip, session, view, monkeypatch):
    shown = [view]
    monkeypatch.setattr(Runs, "working", property(lambda runs: shown))
    monkeypatch.setattr(
        Runs, "stop", lambda runs, name: shown.__setitem__(0, replace(view, state=State.STOPPING))
    )
    strip.refresh()
    (entry,) = strip._entries.values()
    entry.button.click()
    assert entry.text.text() == "Stopping: finishing batch"
    assert not entry.button.isVisible()


def test_that_a_job_shows_its_progress_and_can_be_cancelled(strip, session, monkeypatch):
    monkeypatch.setattr(Job, "start", lambda job: None)
    job = session.start("Import", ["import"])
    job.report(Progressed("Reading", 1, 4))
    (entry,) = strip._entries.values()
    assert entry.text.text() == "Reading · 1 of 4"
    entry.button.click()
    assert job.cancelled
    assert not strip._entries


def test_that_what_the_session_says_is_shown(strip, session):
    session.said.emit("Copied")
    assert strip.said.text().startswith("Copied")
