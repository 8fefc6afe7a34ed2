import os

import pytest

from engine import events
from engine.store import queue
from engine.store.runs import State
from engine.store.study import Study
from msde_gui.pages.experiments.queue_model import note
from msde_gui.session import preferences, queue_recovery
from msde_gui.session.run_list import Runs
from msde_gui.session.session import Session
from tests.msde_gui import making


@pytest.fixture
def study(tmp_path):
    with Study(making.study_in(tmp_path / "S")) as opened:
        yield opened


@pytest.fixture
def runs(qtbot, study):
    made = Runs(study)
    yield made
    made.close(keep_running=False)


def test_that_a_run_made_elsewhere_is_found(runs, study, qtbot):
    run = making.run_in(study.folder)
    qtbot.waitUntil(lambda: runs.view(run.id) is not None)
    assert runs.view(run.id).state is State.QUEUED


def test_that_the_events_of_a_run_are_followed(runs, study):
    run = making.run_in(study.folder)
    making.train(run, study.dataset(), epochs=2)
    runs._look(list_again=True)
    view = runs.view(run.id)
    assert view.state is State.FINISHED
    assert [len(fold.epochs) for fold in view.progress.folds] == [2, 2, 2]


def test_that_a_new_run_under_the_name_of_a_discarded_one_is_read_from_its_first_event(
    runs, study, tmp_path
):
    first = making.run_in(study.folder)
    making.say(first, events.RunStarted(3, 2, "cpu", "fp32", 1), events.FoldStarted(0, 0, 9))
    runs._look(list_again=True)
    first.folder.rename(tmp_path / "gone")
    runs._look(list_again=True)
    second = making.run_in(study.folder)
    assert second.id == first.id
    making.say(second, events.RunStarted(3, 2, "cpu", "fp32", 1))
    runs._look(list_again=True)
    assert len(runs.view(second.id).progress.folds) == 3
    assert not runs.view(second.id).progress.folds[0].started


def test_that_a_damaged_run_is_told_once_and_left_out(runs, study, qtbot):
    run = making.run_in(study.folder)
    whole = making.run_in(study.folder, seed=1)
    (run.folder / "experiment.json").write_text("{")
    with qtbot.waitSignal(runs.failed) as told:
        runs._look(list_again=True)
    assert "experiment.json" in told.args[0]
    with qtbot.assertNotEmitted(runs.failed):
        runs._look(list_again=True)
    assert [view.id for view in runs.views] == [whole.id]


@pytest.fixture
def started(runs, monkeypatch):
    """The runs that were started, in order; each counts as working until its worker has ended."""
    begun = []

    class Worker:
        done = False

        def ended(self):
            return self.done

        def leave(self):
            pass

    def start(run):
        begun.append((run.id, Worker()))
        return begun[-1][1]

    monkeypatch.setattr("msde_gui.session.run_list.launch.start", start)
    return begun


def test_that_a_teacher_goes_first_and_its_student_waits_for_it(runs, study, started):
    teacher = making.run_in(study.folder, train="nm")
    student = making.run_in(study.folder, method="distillation", teacher=teacher.id)
    other = making.run_in(study.folder, seed=1)
    runs.enqueue(student.id)
    runs.enqueue(other.id)
    assert [name for name, _ in started] == [teacher.id]
    assert runs.waiting == (student.id, other.id)
    assert runs.view(student.id).awaited == teacher.id
    assert note(runs.view(student.id), runs.waiting) == "waits for run 1"
    started[0][1].done = True  # stopped before its end: the others go on
    runs._start_next()
    assert [name for name, _ in started] == [teacher.id, other.id]
    for fold in range(3):
        making.predict(teacher, study.dataset(), fold)
    started[1][1].done = True
    runs._look(list_again=True)
    runs._start_next()
    assert [name for name, _ in started] == [teacher.id, other.id, student.id]
    assert runs.view(student.id).awaited == ""


def test_that_a_student_whose_teacher_is_gone_is_told_and_not_queued(runs, study, started, qtbot):
    student = making.run_in(study.folder, method="distillation", teacher="009-baseline-nm")
    with qtbot.waitSignal(runs.failed) as told:
        runs.enqueue(student.id)
    assert "009-baseline-nm, is no longer in the study" in told.args[0]
    assert runs.waiting == ()
    assert started == []


def test_that_the_queue_is_there_when_the_study_is_opened_again(qtbot, study, started):
    first, second, third = (making.run_in(study.folder, seed=seed) for seed in range(3))
    before = Runs(study)
    for run in (first, third, second):
        before.enqueue(run.id)
    assert before.waiting == (third.id, second.id)
    before._timer.stop()  # the machine lost power: nothing was said or stopped
    after = Runs(study)
    assert after.waiting == (first.id, third.id, second.id)
    after._start_next()
    assert [name for name, _ in started] == [first.id, first.id]
    after.stop(third.id)
    assert after.waiting == (second.id,)
    after.close(keep_running=False)


def test_that_two_windows_never_start_the_same_run(qtbot, study, monkeypatch):
    begun = []

    def start(run):
        run.beat(os.getpid())
        begun.append(run.id)

    monkeypatch.setattr("msde_gui.session.run_list.launch.start", start)
    run = making.run_in(study.folder)
    windows = [Runs(study), Runs(study)]
    queue.join(run)
    for window in windows:
        window._timer.stop()
        window._look(list_again=True)
        window._waiting = (run.id,)  # as it was when it looked
        window._views[run.id] = window.view(run.id)
        window._workers.clear()
    for window in windows:
        window._start_next()
    assert begun == [run.id]
    (run.folder / "heartbeat").unlink()


def test_that_a_closed_window_leaves_the_queue_to_a_process_of_its_own(
    runs, study, started, monkeypatch
):
    asked = []
    monkeypatch.setattr("msde_gui.session.run_list.launch.start_queue", asked.append)
    first, second = (making.run_in(study.folder, seed=seed) for seed in range(2))
    for run in (first, second):
        runs.enqueue(run.id)
    started[0][1].detach = lambda: asked.append(first.id)
    runs.close(keep_running=True)
    assert asked == [study.folder, first.id]
    assert queue.list_queued(study.runs_folder) == [first, second]


def test_that_stop_and_save_keeps_the_queue_until_a_run_is_resumed(runs, study, started):
    first, second = (making.run_in(study.folder, seed=seed) for seed in range(2))
    for run in (first, second):
        runs.enqueue(run.id)
    first.beat(os.getpid())  # also if another process had started it
    runs.close(keep_running=False)
    assert first.stop_file.exists()
    (first.folder / "heartbeat").unlink()
    after = Runs(study)
    after._start_next()
    assert after.held
    assert after.waiting == (first.id, second.id)
    assert len(started) == 1
    after.enqueue(second.id)
    assert not after.held
    assert [name for name, _ in started] == [first.id, first.id]
    after.close(keep_running=False)


def test_that_nothing_starts_by_itself_in_a_study_that_was_never_open_here(qtbot, study, started):
    run = making.run_in(study.folder)
    queue.join(run)
    runs = Runs(study, goes_on=False)
    runs._start_next()
    assert runs.held
    assert (runs.waiting, started) == ((run.id,), [])
    runs.close(keep_running=False)
    assert not queue.is_held(study.runs_folder)


def test_that_what_became_of_the_queue_is_told_once(qtbot, tmp_path):
    folder = making.study_in(tmp_path / "S")
    done, failed, waits = (making.run_in(folder, seed=seed) for seed in range(3))
    queue_recovery.remember(folder, [done.id, failed.id, waits.id])
    preferences.remember_study(folder)
    with Study(folder) as study:
        making.train(done, study.dataset(), epochs=1)
    (failed.folder / "failed.json").write_text('{"message": "The disk is full."}')
    queue.join(waits)
    queue.hold(waits.folder.parent)
    session, said = Session(), []
    session.said.connect(said.append)
    session.open(folder)
    assert said == [
        "While the window was closed: 1 finished, 1 failed. 1 run waits in the queue: Resume lets "
        "it go on."
    ]
    session.runs.stop(waits.id)
    session.close()
    session.open(folder)
    assert len(said) == 1
    session.close()
