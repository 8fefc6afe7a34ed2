import pytest

from engine import events
from engine.store.runs import State
from engine.store.study import Study
from msde_gui.queue_model import note
from msde_gui.runs import Runs
from tests.gui import making


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

    monkeypatch.setattr("msde_gui.runs.launch.start", start)
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
