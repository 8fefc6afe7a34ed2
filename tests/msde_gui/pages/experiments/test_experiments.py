import json
import os
import time
from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Qt, Signal

from engine import events
from msde_gui.pages.experiments.panel import ExperimentsPanel
from msde_gui.pages.experiments.queue_model import QueueModel, history, row
from msde_gui.pages.experiments.run_log import line
from msde_gui.plots.curves import CurveData, Curves, best, mean
from msde_gui.session.session import Session
from tests.msde_gui import making


class FakeJob(QObject):
    succeeded = Signal(object)
    failed = Signal(str, str)
    ended = Signal()


@pytest.fixture
def session(qtbot, tmp_path):
    made = Session()
    assert made.open(making.study_in(tmp_path / "S"))
    yield made
    made.close()


@pytest.fixture
def panel(qtbot, session):
    made = ExperimentsPanel(session)
    qtbot.addWidget(made)
    return made


@pytest.fixture
def started(session, monkeypatch):
    """What the panel asked the engine to do, and the jobs it was given."""
    asked = []

    def start(title, arguments):
        job = FakeJob(session)
        asked.append((arguments, job))
        return job

    monkeypatch.setattr(session, "start", start)
    return asked


def learn(session):
    session.catalogue = making.catalogue()
    session.catalogue_changed.emit()


def look(session):
    session.runs._look(list_again=True)


def test_that_the_form_waits_for_the_catalogue(panel, session):
    assert not panel.card.button.isEnabled()
    learn(session)
    assert panel.card.button.isEnabled()


def test_that_every_method_of_the_catalogue_appears_in_the_form(panel, session):
    learn(session)
    box = panel.card.method.widget("method")
    box.setCurrentIndex(box.findText("Contrastive learning (CL)"))
    assert panel.model.choice.method == "contrastive"
    assert panel.card.settings.widget("feature_weight").text() == "0.2"
    assert panel.card.plan.widget("train").currentText() == "Pairs"


def test_that_the_command_follows_every_edit(panel, session):
    learn(session)
    panel.card.training.widget("epochs").setValue(5)
    panel.card.plan.widget("seed").setValue(7)
    command = panel.card.command.toPlainText()
    assert command.startswith("msde run --study ")
    assert command.endswith("--preset quick --seed 7 --folds 3 --set epochs=5")


def test_that_another_preset_fills_the_training_fields(panel, session):
    learn(session)
    panel.card.training.widget("trunk_rate").setText("abc")
    box = panel.card.plan.widget("preset")
    box.setCurrentIndex(box.findData("paper"))
    assert panel.card.training.widget("epochs").value() == 25
    assert panel.card.training.widget("trunk_rate").text() == "0.0001"
    assert panel.card.plan.widget("folds").value() == 10
    assert panel.card.button.isEnabled()


def test_that_bad_text_is_told_and_nothing_can_be_queued(panel, session):
    learn(session)
    panel.card.training.widget("trunk_rate").setText("abc")
    assert "Trunk rate" in panel.card.problem.text()
    assert not panel.card.button.isEnabled()


def test_that_a_queued_run_is_made_chosen_and_started(
    panel, session, started, monkeypatch, tmp_path
):
    learn(session)
    begun = []
    monkeypatch.setattr(session.runs, "enqueue", begun.append)
    panel.card.button.click()
    arguments, job = started[0]
    assert arguments[:3] == ["run", "--study", str(tmp_path / "S")]
    assert arguments[-1] == "--queue"
    assert not panel.card.button.isEnabled()
    run = making.run_in(tmp_path / "S")
    look(session)
    job.succeeded.emit({"run": run.id})
    job.ended.emit()
    assert begun == [run.id]
    assert panel.queue.chosen == run.id
    assert panel.card.button.isEnabled()


def test_that_a_refusal_is_told_at_the_form_and_by_the_session(panel, session, started, qtbot):
    learn(session)
    panel.card.button.click()
    with qtbot.waitSignal(session.failed):
        started[0][1].failed.emit("3 folds need at least 3 subjects.", "")
    started[0][1].ended.emit()
    assert panel.card.problem.text() == "3 folds need at least 3 subjects."
    assert panel.card.button.isEnabled()


def test_that_the_page_says_what_to_do_before_the_first_run(panel, session, tmp_path):
    learn(session)
    assert panel.stack.currentWidget() is panel.empty
    making.run_in(tmp_path / "S")
    look(session)
    assert panel.stack.currentWidget() is panel.monitor


def test_that_without_faces_the_button_leads_to_the_data(qtbot, tmp_path):
    session = Session()
    session.open(tmp_path / "empty", create=True)
    panel = ExperimentsPanel(session)
    qtbot.addWidget(panel)
    learn(session)
    assert not panel.card.button.isEnabled()
    with qtbot.waitSignal(session.asked_for_page) as asked:
        panel.bring_in.click()
    assert asked.args == ["data"]
    session.close()


def test_that_the_grid_shows_the_state_of_each_fold(session, tmp_path):
    run = making.run_in(tmp_path / "S", folds=4)
    good = {"nm": 0.6, "m": 0.4}
    making.say(
        run,
        events.RunStarted(4, 2, "cpu", "fp32", 2),
        events.FoldStarted(0, 0, 10),
        events.FoldEnded(0, good, 1.0),
        events.FoldStarted(1, 0, 10),
        making.epoch(1, 0, 2, good),
        events.FoldStarted(2, 0, 10),
        events.Failed("Out of memory.", "", 2),
    )
    run.beat(os.getpid())
    look(session)
    cells = row(session.runs.view(run.id)).cells
    assert [cell.state for cell in cells] == ["done", "running", "failed", "waiting"]
    assert cells[0].accuracy == pytest.approx(0.5)
    assert cells[1].progress == 0.5
    assert "Out of memory." in cells[2].tip


def test_that_a_click_on_a_row_chooses_its_run(panel, session, qtbot, tmp_path):
    first, second = (making.run_in(tmp_path / "S", seed=seed) for seed in (0, 1))
    look(session)
    panel.resize(1000, 800)
    panel.show()
    assert [one.id for one in panel.monitor.grid.rows] == [second.id, first.id]
    centre = panel.monitor.grid.row_rect(1).center().toPoint()
    qtbot.mouseClick(panel.monitor.grid, Qt.MouseButton.LeftButton, pos=centre)
    assert panel.queue.chosen == first.id
    assert panel.monitor.details.name.text() == first.id


def test_that_stop_answers_at_once(panel, session, tmp_path):
    run = making.run_in(tmp_path / "S")
    run.beat(os.getpid())
    look(session)
    details = panel.monitor.details
    assert details.stop.isEnabled()
    assert not details.resume.isEnabled()
    assert not details.discard.isEnabled()
    details.stop.click()
    assert details.state.text() == "Stopping: finishing batch"
    assert not details.stop.isEnabled()
    (run.folder / "heartbeat").unlink()


def test_that_force_is_offered_once_stopping_takes_too_long(panel, session, tmp_path):
    run = making.run_in(tmp_path / "S")
    run.beat(os.getpid())
    look(session)
    panel.queue.stop()
    panel.queue._lose_patience()
    assert panel.monitor.details.stop.text() == "Force stop"
    assert panel.monitor.details.stop.isEnabled()
    (run.folder / "heartbeat").unlink()


def test_that_a_run_is_discarded_by_the_second_click_only(panel, session, tmp_path, monkeypatch):
    run = making.run_in(tmp_path / "S")
    look(session)
    gone = []
    monkeypatch.setattr(session.runs, "discard", gone.append)
    panel.monitor.details.discard.click()
    assert panel.monitor.details.discard.text() == "Really discard?"
    panel.queue._forgive()
    panel.monitor.details.discard.click()
    assert gone == []
    panel.monitor.details.discard.click()
    assert gone == [run.id]


def test_that_a_failed_run_says_why_and_hands_out_its_log(panel, session, tmp_path):
    run = making.run_in(tmp_path / "S")
    making.say(run, events.RunStarted(3, 2, "cpu", "fp32", 1))
    (run.folder / "failed.json").write_text(json.dumps({"message": "The disk is full."}))
    (run.folder / "worker.log").write_text("last words", encoding="utf-8")
    look(session)
    details = panel.monitor.details
    assert details.notice.text.text() == "The disk is full."
    details.tabs.button(1).click()
    assert details.log.toPlainText().endswith("last words")


def test_that_events_read_as_sentences():
    said = line(making.epoch(0, 2, 5, {"nm": 0.5, "m": 0.25}))
    assert said.startswith("Fold 1: epoch 3, cross_entropy 0.667, training 60.0 %")
    assert "non-masked 50.0 %, masked 25.0 %" in said
    assert line(events.BatchEnded(0, 0, 0.1)) == ""


def test_that_the_curves_hold_every_epoch_of_every_fold(session, tmp_path):
    run = making.run_in(tmp_path / "S")
    making.train(run, session.dataset, epochs=4)
    look(session)
    shown = history(session.runs.view(run.id))
    assert [len(fold) for fold in shown.losses["cross_entropy"]] == [4, 4, 4]
    assert set(shown.held_out) == {"nm", "m"}


def test_that_each_term_of_the_loss_has_a_curve_and_a_name(session, qtbot, tmp_path):
    run = making.run_in(tmp_path / "S")
    terms = {"non_masked": 1.5, "masked": 1.75, "feature": 0.01}
    said = [replace(making.epoch(f, 0, 2, {"nm": 0.5}), losses=terms) for f in range(2)]
    making.say(run, events.RunStarted(3, 2, "cpu", "fp32", 1), *said)
    look(session)
    shown = history(session.runs.view(run.id))
    assert dict(shown.losses) == {name: [[value], [value]] for name, value in terms.items()}
    curves = Curves()
    qtbot.addWidget(curves)
    curves.show_history(shown)
    curves.refresh()
    colours = {line.opts["pen"].color().name() for line in curves.loss.listDataItems()}
    assert len(colours) == 3
    assert all(name.replace("_", " ") in curves.terms.text() for name in terms)


def test_that_curves_are_redrawn_at_most_ten_times_a_second(qtbot):
    curves = Curves()
    qtbot.addWidget(curves)
    before, began = curves.draws, time.monotonic()
    for step in range(100):
        curves.show_history(CurveData({"loss": [[1.0] * step]}, [[0.5] * step], {}, 100))
        qtbot.wait(5)
    assert 1 <= curves.draws - before <= 10 * (time.monotonic() - began) + 1


def test_that_a_redrawing_keeps_the_lines_and_drops_those_that_are_gone(qtbot):
    curves = Curves()
    qtbot.addWidget(curves)
    for epochs in (3, 4):
        shares = [[0.5] * epochs] * 2
        curves._history = CurveData({"a": shares, "b": shares}, shares, {"nm": shares}, 9)
        curves._redraw()
        lines = curves.loss.listDataItems()
        assert len(lines) == 4
        assert len(lines[1].getData()[0]) == epochs
    curves._history = CurveData({"a": shares}, shares, {"nm": shares}, 9)
    curves._redraw()
    assert curves.loss.listDataItems() == lines[:2]


def test_that_curves_are_not_redrawn_without_news(qtbot):
    curves = Curves()
    qtbot.addWidget(curves)
    same = CurveData({"loss": [[2.0, 1.0]]}, [[0.1, 0.2]], {"nm": [[0.1, 0.3]]}, 2)
    curves.show_history(same)
    qtbot.wait(200)
    before = curves.draws
    curves.show_history(CurveData({"loss": [[2.0, 1.0]]}, [[0.1, 0.2]], {"nm": [[0.1, 0.3]]}, 2))
    qtbot.wait(200)
    assert curves.draws == before


def test_that_the_mean_is_over_the_folds_that_came_so_far():
    assert mean([[1.0, 3.0], [3.0]]).tolist() == [2.0, 3.0]
    assert best({"nm": [[0.1, 0.5, 0.2]], "m": [[0.3, 0.3, 0.4]]}) == (2, pytest.approx(0.4))


def test_that_a_run_in_line_says_its_place(session, tmp_path):
    busy, waiting = (making.run_in(tmp_path / "S", seed=seed) for seed in (0, 1))
    busy.beat(os.getpid())
    model = QueueModel(session)
    look(session)
    session.runs.enqueue(waiting.id)
    assert model.rows()[0].note == "next"
    model.choose(waiting.id)
    model.stop()
    assert model.rows()[0].note == "queued"
    (busy.folder / "heartbeat").unlink()


def test_that_the_keys_of_a_run_do_nothing_where_there_is_none(panel, qtbot, session):
    with qtbot.assertNotEmitted(session.failed):
        for command in panel.commands():
            if command.title in ("Stop the chosen run", "Resume the chosen run"):
                command.run()
        panel.queue.overdue = True
        panel.queue.stop()
        for _ in range(2):
            panel.queue.discard()


def test_that_a_damaged_run_says_so_and_is_repaired_by_a_button(
    panel, session, started, monkeypatch, tmp_path
):
    run = making.run_in(tmp_path / "S")
    making.train(run, session.dataset, epochs=1)
    look(session)
    details = panel.monitor.details
    assert "Fold 1: its network is missing or damaged" in details.notice.text.text()
    assert not details.repair.isHidden()
    details.repair.click()
    arguments, job = started[0]
    assert arguments == ["resume", run.id, "--study", str(tmp_path / "S"), "--repair", "--queue"]
    begun = []
    monkeypatch.setattr(
        "msde_gui.session.run_list.launch.start", lambda run: begun.append(run.id) or Worker()
    )
    for fold in range(3):
        (run.fold(fold) / "predictions.npz").unlink()
    job.succeeded.emit({"run": run.id})
    assert begun == [run.id]
    assert details.repair.isHidden()


class Worker:
    def ended(self):
        return False

    def leave(self):
        pass
