import csv
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.events import FoldStarted
from engine.store.runs import State, runs_in
from tests import drawings
from tests.engine.runs.following import said

ROOT = Path(__file__).parents[3]
TINY = ["--set", "epochs=1", "--set", "size=32", "--set", "batch=8", "--folds", "2"]


def msde(*words, code=0):
    """Run the command in a process of its own and return its JSON document."""
    command = [sys.executable, "-m", "engine", *map(str, words), "--json"]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, text=True, encoding="utf-8")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("Tëst データ")
    drawings.study(folder / "faces", subjects=4, size=32)
    msde("import", folder / "faces", "--study", folder / "study")
    return folder / "study"


@pytest.fixture(scope="module")
def run(study):
    return msde("run", "--study", study, "--method", "baseline", "--train", "nm", *TINY)


def test_that_import_counts_what_it_read_and_lists_what_it_left_out(tmp_path):
    faces = drawings.study(tmp_path / "faces", subjects=3, size=32)
    (faces / "MSD-E" / "000_0_drawn.jpg").write_bytes(b"")
    preview = msde("import", faces, "--study", tmp_path / "study", "--dry-run")
    assert not (tmp_path / "study").exists()
    done = msde("import", faces, "--study", tmp_path / "study", "--name", "drawn")
    assert (done["imported"], done["subjects"], done["pairs"]) == (41, 3, 20)
    assert done["counts"]["surprise"] == {"nm": 2, "m": 3}
    assert [one["file"] for one in done["skipped"]] == ["MSD-E/000_0_drawn.jpg"]
    assert {**done, "dataset": preview["dataset"]} == preview


def test_that_a_run_answers_with_folds_that_share_nobody_and_their_scores(run):
    assert run["state"] == "finished"
    assert len(run["folds"]) == 2
    for fold in run["folds"]:
        assert not set(fold["train_subjects"]) & set(fold["test_subjects"])
        assert len(fold["train_subjects"]) + len(fold["test_subjects"]) == 4
        assert set(fold["scores"]) == {"nm", "m"}
    assert run["scores"]["average"]["n"] == 56
    assert run["seconds"] > 0


def test_that_scores_and_predictions_agree(run, study, tmp_path):
    file = tmp_path / "predictions.csv"
    said = msde("scores", run["run"], "--study", study, "--predictions", file)
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len({row["sample"] for row in rows}) == len(rows) == 56
    nm = [row for row in rows if row["condition"] == "nm"]
    by_fold = [
        [row["predicted"] == row["expression"] for row in nm if row["fold"] == fold]
        for fold in ("1", "2")
    ]
    mean = sum(sum(right) / len(right) for right in by_fold) / 2
    assert said["runs"][run["run"]]["nm"]["accuracy"] == pytest.approx(mean)
    assert all(abs(sum(float(row[e]) for e in said_expressions()) - 1) < 1e-4 for row in rows)


def said_expressions():
    return ["surprise", "fear", "disgust", "happy", "sad", "anger", "neutral"]


def test_that_a_queued_run_is_listed_resumed_and_discarded(study):
    queued = msde("run", "--study", study, "--method", "baseline", *TINY, "--queue")
    states = {one["run"]: one["state"] for one in msde("runs", "--study", study)["runs"]}
    assert states[queued["run"]] == "queued"
    assert msde("resume", queued["run"], "--study", study)["state"] == "finished"
    assert msde("discard", queued["run"], "--study", study)["state"] == "discarded"
    assert queued["run"] not in [one["run"] for one in msde("runs", "--study", study)["runs"]]


@pytest.mark.parametrize("precision", ["bf16", "fp32"])
def test_that_a_precision_can_be_forced(study, precision):
    words = ("--method", "baseline", "--precision", precision, "--queue", *TINY)
    name = msde("run", "--study", study, *words)["run"]
    experiment = json.loads((study / "runs" / name / "experiment.json").read_text("utf-8"))
    assert experiment["precision"] == experiment["training"]["precision"] == precision
    msde("discard", name, "--study", study)


def test_that_distillation_trains_its_teacher_first_and_uses_it_again(study):
    words = ["run", "--study", study, "--method", "distillation", *TINY, "--seed", "7"]
    first = msde(*words)
    assert first["state"] == "finished"
    runs = {one["run"]: one for one in msde("runs", "--study", study)["runs"]}
    teacher = runs[first["teacher"]]
    assert (teacher["method"], teacher["train"], teacher["state"]) == ("baseline", "nm", "finished")
    second = msde(*words, "--queue")
    assert second["teacher"] == first["teacher"]
    assert len(msde("runs", "--study", study)["runs"]) == len(runs) + 1


def test_that_resume_of_a_student_goes_by_its_teacher(study):
    words = ["run", "--study", study, "--method", "distillation", *TINY, "--seed", "8"]
    queued = msde(*words, "--queue")
    assert queued["state"] == "queued"
    assert msde("discard", queued["teacher"], "--study", study, code=1)["error"]
    assert msde("resume", queued["run"], "--study", study)["state"] == "finished"


def test_that_a_stopped_teacher_leaves_its_student_waiting(study):
    words = ["run", "--study", study, "--method", "distillation", *TINY, "--seed", "9"]
    words = [str(word) for word in words] + ["--set", "epochs=40", "--json"]
    command = [sys.executable, "-m", "engine", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        name = wait_for_working(study)
        assert msde("stop", name, "--study", study)["state"] == "stopped"
        answer = json.loads(run.communicate(timeout=30)[0])
    assert run.returncode == 130
    assert (answer["state"], answer["teacher"]) == ("queued", name)
    assert f"Its teacher, {name}, is stopped." in answer["error"]


def test_that_stop_from_elsewhere_ends_a_run_that_resume_finishes(study):
    words = ["run", "--study", study, "--method", "baseline", "--train", "mix", *TINY]
    words = [str(word) for word in words] + ["--set", "epochs=40", "--json"]
    command = [sys.executable, "-m", "engine", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        name = wait_for_working(study)
        assert msde("stop", name, "--study", study)["state"] == "stopped"
        answer = json.loads(run.communicate(timeout=30)[0])
    assert run.returncode == 130
    assert answer["state"] == "stopped"


def wait_for_working(study):
    for _ in range(600):
        for run in runs_in(study / "runs"):
            if run.state() is State.RUNNING and said(run, FoldStarted):
                return run.id
        time.sleep(0.1)
    raise AssertionError("no run began")


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (["run", "--method", "nope"], 1, "nope"),
        (["run", "--method", "baseline", "--train", "sideways"], 1, "sideways"),
        (["run", "--method", "baseline", "--preset", "slow"], 1, "slow"),
        (["run", "--method", "baseline", "--preset", "released"], 1, "paper, quick"),
        (["run", "--method", "baseline", "--seed", "4294967296"], 2, "4294967295"),
        (["run", "--method", "baseline", "--set", "epochs=true"], 1, "epochs"),
        (["run", "--method", "scan", "--preset", "authors", "--set", "size=64"], 1, "224 px"),
        (["reproduce", "table5", "--preset", "released"], 1, "paper, quick"),
        (["run", "--method", "baseline", "--set", "epoch=3"], 1, "epoch"),
        (["run", "--method", "baseline", "--set", "epochs=0"], 1, "epochs"),
        (["run", "--method", "baseline", "--set", "network=vgg"], 1, "vgg"),
        (["run", "--method", "baseline", "--precision", "fp16"], 1, "fp16"),
        (["run", "--method", "baseline", "--set", "epochs"], 2, "epochs"),
        (["run", "--method", "baseline", "--folds", "5"], 1, "5 folds"),
        (["run", "--method", "baseline", "--workers", "many"], 2, "many"),
        (["run"], 2, "--method"),
        (["scores", "99"], 1, "99"),
        (["stop", "99"], 1, "99"),
    ],
)
def test_that_a_wrong_word_is_named_in_one_sentence(study, words, code, part):
    sentence = msde(*words, "--study", study, code=code)["error"]
    assert part in sentence
    assert "\n" not in sentence


def test_that_a_missing_study_is_named(tmp_path):
    assert "nowhere" in msde("runs", "--study", tmp_path / "nowhere", code=1)["error"]


def test_that_methods_formats_and_doctor_say_what_there_is():
    catalogue = msde("methods")
    assert {"baseline"} <= {method["name"] for method in catalogue["methods"]}
    assert {"paper", "quick"} <= set(catalogue["presets"])
    assert {f["name"] for f in msde("formats")["formats"]} >= {"folders", "table", "msde"}
    facts = {"python", "torch", "qt", "device", "cores", "precision", "weights"}
    assert facts <= set(msde("doctor"))
