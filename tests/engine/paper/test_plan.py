import json

import pytest

from engine.cli import main
from engine.domain import Failure
from engine.events import RunEnded, RunStarted, encode
from engine.paper.plan import duration, outlook, summary
from engine.paper.reproduction import ReproductionRequest, lay_out
from engine.store.runs import State, runs_in
from engine.training import step_time
from tests.engine.making import drawn_study, epoch_ended

QUICK = ReproductionRequest("quick", folds=2, changes={"epochs": 2, "drops": [1]})
GUESS = 120.0  # seconds, of every run that nothing is known of


@pytest.fixture
def study(tmp_path):
    with drawn_study(tmp_path) as study:
        yield study


@pytest.fixture(autouse=True)
def guessed(monkeypatch):
    """The experiments whose time was guessed by a step."""
    asked = []
    monkeypatch.setattr(
        step_time, "estimate_seconds", lambda one, dataset: asked.append(one) or GUESS
    )
    return asked


def finish(run, seconds):
    for fold in run.protocol.folds:
        run.fold(fold.number).mkdir()
        (run.fold(fold.number) / "predictions.npz").touch()
    run.events_file.write_text(encode(RunEnded("finished", seconds)) + "\n", encoding="utf-8")


def test_that_every_run_is_listed_with_its_teacher_before_it_and_none_is_made(study, guessed):
    steps = outlook(study, "table5", QUICK)
    labels = ["ResNet-18", "CL", "teacher of KD", "KD", "RAN", "SCAN"]
    assert [step.label for step in steps] == labels
    assert {step.what for step in steps} == {"is trained"}
    assert steps[2].name == "baseline-nm"
    assert len(guessed) == len(steps)
    assert summary(steps) == "6 of 6 runs are to be worked on: about 12 minutes."
    assert runs_in(study.runs_folder) == []


def test_that_it_lists_what_is_then_laid_out(study):
    names = [(s.experiment.method, s.experiment.train) for s in outlook(study, "all", QUICK)]
    lay_out(study, "all", QUICK)
    made = runs_in(study.runs_folder)
    assert sorted(names) == sorted((r.experiment.method, r.experiment.train) for r in made)
    assert [s.run.id for s in outlook(study, "all", QUICK) if not s.run] == []


def test_that_finished_runs_are_used_again_and_tell_how_long_others_take(study, guessed):
    first = lay_out(study, "table5", QUICK)["table5"][0].run
    finish(first, 40.0)
    steps = outlook(study, "table5", QUICK)
    assert (steps[0].what, steps[0].seconds) == ("used again", 0)
    assert {step.what for step in steps[1:]} == {"is made already"}
    guessed.clear()
    longer = ReproductionRequest("quick", folds=3, changes={"epochs": 4, "drops": [1]})
    step = outlook(study, "table5", longer)[0]
    assert (step.run, step.state, step.seconds) == (None, State.QUEUED, 40 * 2 * 2)
    assert first.experiment.method not in {g.method for g in guessed if g.train == "pairs"}


def test_that_a_study_on_which_it_cannot_work_is_refused(study):
    with pytest.raises(Failure, match="table9"):
        outlook(study, "table9", QUICK)
    with pytest.raises(Failure, match="subjects"):
        outlook(study, "table5", ReproductionRequest("quick", folds=50))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (20, "less than a minute"),
        (70, "a minute or two"),
        (600, "about 10 minutes"),
        (9000, "about 2 hours"),
        (400_000, "about 5 days"),
    ],
)
def test_that_a_time_is_told_in_the_largest_unit_that_says_enough(seconds, words):
    assert duration(seconds) == words


def test_the_command(study, capsys):
    words = ["reproduce", "table3", "--study", str(study.folder), "--preset", "quick", "--plan"]
    with pytest.raises(SystemExit) as ended:
        main([*words, "--folds", "2", "--json"])
    assert ended.value.code == 0
    said = json.loads(capsys.readouterr().out)
    assert {(one["run"], one["what"]) for one in said["plan"]} == {("", "is trained")}
    assert said["told"].endswith("minutes.")
    assert runs_in(study.runs_folder) == []


def test_that_a_time_that_nobody_can_know_yet_is_not_guessed(study, monkeypatch):
    monkeypatch.setattr(step_time, "estimate_seconds", lambda one, dataset: None)
    steps = outlook(study, "table3", QUICK)
    assert summary(steps).endswith("to be worked on: a time unknown until the first epoch.")
    run = lay_out(study, "table3", QUICK)["table3"][0].run
    said = [RunStarted(2, 2, "cpu", "fp32", 1), epoch_ended(seconds=5.0)]
    run.events_file.write_text("".join(encode(one) + "\n" for one in said), encoding="utf-8")
    step = outlook(study, "table3", QUICK)[0]
    assert step.seconds == pytest.approx(5.0 * 3)  # one of four epochs is done
    assert "of a time unknown" in summary(outlook(study, "table3", QUICK))
