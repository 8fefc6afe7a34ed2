import pytest

from engine import events
from engine.store.runs import State
from engine.store.study import Study
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
