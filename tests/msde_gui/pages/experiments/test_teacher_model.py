import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal

from engine.data import near_duplicates
from msde_gui.pages.experiments import teacher_model
from msde_gui.pages.experiments.panel import ExperimentsPanel
from msde_gui.session.session import Session
from tests.msde_gui import making


class Job(QObject):
    succeeded = Signal(object)
    failed = Signal(str, str)
    ended = Signal()

    def __init__(self, parent):
        super().__init__(parent)
        self.cancelled = False

    def cancel(self):
        self.cancelled = True


@pytest.fixture
def session(qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(teacher_model, "PAUSE", 0)
    made = Session()
    assert made.open(making.study_in(tmp_path / "S"))
    yield made
    made.close()


@pytest.fixture
def asked(session, monkeypatch):
    """What the engine was asked, and the jobs."""
    found = []

    def start(title, arguments):
        found.append((arguments, Job(session)))
        return found[-1][1]

    monkeypatch.setattr(session, "start", start)
    return found


@pytest.fixture
def panel(qtbot, session, asked):
    made = ExperimentsPanel(session)
    qtbot.addWidget(made)
    session.catalogue = making.catalogue()
    session.catalogue_changed.emit()
    return made


def finished(session, **choices):
    """A run whose folds are done."""
    run = making.run_in(session.study.folder, **choices)
    for fold in range(3):
        making.predict(run, session.dataset, fold)
    session.runs._look(list_again=True)
    return run.id


def titles(panel):
    box = panel.card.plan.widget("teacher")
    return [box.itemText(row) for row in range(box.count())]


def test_that_only_methods_that_learn_from_a_run_have_a_teacher(panel, asked):
    assert "teacher" not in panel.card.plan.values()
    panel.model.choose_method("distillation")
    assert titles(panel) == ["Automatic"]
    panel.model.choose_method("baseline")
    assert "teacher" not in panel.card.plan.values()
    assert panel.card.taught.isHidden()


def test_that_finished_runs_of_the_right_kind_can_be_chosen(panel, session):
    panel.model.choose_method("distillation")
    finished(session, train="m")
    making.run_in(session.study.folder, train="nm")  # not finished
    name = finished(session, train="nm", seed=4)
    assert titles(panel) == ["Automatic", "Run 3 · quick · seed 4"]
    panel.card.plan.widget("teacher").setCurrentIndex(1)
    assert panel.model.arguments[-2:] == ["--teacher", name]
    panel.model.choose_method("baseline")
    assert "--teacher" not in panel.model.arguments


def test_that_a_teacher_that_is_gone_is_no_longer_chosen(panel, session):
    panel.model.choose_method("distillation")
    name = finished(session, train="nm")
    panel.model.change("plan", {"teacher": name})
    (session.study.runs_folder / name).rename(session.study.folder / "gone")
    session.runs._look(list_again=True)
    assert (titles(panel), panel.model.choice.teacher) == (["Automatic"], "")


def test_that_the_engine_says_who_teaches(panel, asked, qtbot):
    panel.model.choose_method("distillation")
    assert "Looking for" in panel.card.taught.text()
    qtbot.waitUntil(lambda: bool(asked))
    words, job = asked[0]
    assert words == [*panel.model.arguments, "--dry-run"]
    job.succeeded.emit({"taught": "Its teacher, 003-baseline-nm, is finished.", "warnings": []})
    assert panel.card.taught.text() == "Its teacher, 003-baseline-nm, is finished."
    assert panel.model.problem == ""


def test_that_an_edit_asks_anew_and_a_refusal_is_told(panel, asked, qtbot):
    panel.model.choose_method("distillation")
    qtbot.waitUntil(lambda: len(asked) == 1)
    panel.card.plan.widget("seed").setValue(7)
    assert asked[0][1].cancelled
    qtbot.waitUntil(lambda: len(asked) == 2)
    asked[1][1].failed.emit("Run 003-baseline-nm has other folds.", "")
    assert panel.card.problem.text() == "Run 003-baseline-nm has other folds."
    assert panel.card.taught.isHidden()
    panel.model.choose_method("baseline")
    assert panel.model.problem == ""


def test_that_the_form_warns_of_people_who_look_alike_whatever_is_trained(
    panel, session, qtbot, asked
):
    groups = np.full(len(session.dataset), -1)
    groups[[0, -1]] = 0  # of the first and the last person
    file = near_duplicates._file(session.study, session.dataset)
    near_duplicates.keep_columns(file, {"groups": groups})
    panel.card.plan.widget("seed").setValue(7)
    qtbot.waitUntil(lambda: bool(asked))
    assert asked[0][0] == [*panel.model.arguments, "--dry-run"]
    asked[0][1].succeeded.emit({"taught": "", "warnings": ["2 images look the same."]})
    assert panel.card.warning.text() == "2 images look the same."
    assert not panel.card.warning.isHidden()
    panel.card.plan.widget("seed").setValue(8)
    assert panel.card.warning.isHidden()  # until the engine has answered for these folds
    groups[-1] = -1
    groups[1] = 0  # both of one person
    near_duplicates.keep_columns(file, {"groups": groups})
    qtbot.waitUntil(lambda: len(asked) == 2)
    panel.card.plan.widget("seed").setValue(9)
    assert not panel.model.teaching._timer.isActive()
