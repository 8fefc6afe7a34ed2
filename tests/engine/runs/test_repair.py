import json
import os

import pytest
from safetensors.numpy import load_file, save_file

from engine.cli import main
from engine.domain import Failure
from engine.inference.networks import make_untrained
from engine.runs import launch, repair
from engine.store import queue
from engine.store.prediction_files import read
from engine.store.runs import State
from engine.training.checkpoint import load_weights, save_weights
from tests.engine import making


@pytest.fixture
def run(tmp_path):
    """Two finished folds with networks."""
    making.study(tmp_path, making.faces(tmp_path)).close()
    made = making.run(tmp_path)
    making.finish(made, 0, 1)
    for fold in (0, 1):
        save_weights(make_untrained(made, fold), made.fold(fold) / "network.safetensors")
    return made


def said(capsys, *words):
    with pytest.raises(SystemExit) as end:
        main([*map(str, words), "--json", "--progress", "none"])
    return json.loads(capsys.readouterr().out), end.value.code


def cut(file):
    file.write_bytes(file.read_bytes()[:-100])


def test_that_a_whole_run_has_lost_nothing(run):
    assert repair.damages(run) == []
    assert repair.repair(run) == []
    assert run.state() is State.FINISHED


@pytest.mark.parametrize(
    ("name", "lose", "gone"),
    [
        ("network", lambda file: file.unlink(), {"network", "predictions"}),
        ("network", cut, {"network", "predictions"}),
        ("predictions", cut, {"predictions"}),
    ],
)
def test_that_what_is_lost_is_cleared_away_and_no_more(run, name, lose, gone):
    suffix = {"network": "network.safetensors", "predictions": "predictions.npz"}
    lose(run.fold(1) / suffix[name])
    (damage,) = repair.damages(run)
    assert damage.sentence.startswith(f"Fold 2: its {name}")
    assert repair.repair(run) == [damage.sentence]
    assert {one for one in suffix if not (run.fold(1) / suffix[one]).exists()} == gone
    assert all((run.fold(0) / file).exists() for file in suffix.values())
    assert run.state() is State.QUEUED


def test_that_a_damaged_checkpoint_lets_the_fold_begin_again(run):
    for name in ("network.safetensors", "predictions.npz"):
        (run.fold(1) / name).unlink()
    (run.fold(1) / "training.safetensors").write_bytes(b"\0" * 100)
    assert repair.repair(run) == ["Fold 2: its checkpoint is damaged; it begins again."]
    assert not (run.fold(1) / "training.safetensors").exists()


def test_that_what_may_not_be_read_is_not_thrown_away(run, monkeypatch):
    monkeypatch.setattr(os, "access", lambda file, mode: False)
    with pytest.raises(Failure, match="may not be read"):
        repair.repair(run)
    assert run.state() is State.FINISHED


def test_that_a_working_run_is_left_alone(run):
    run.beat()
    with pytest.raises(Failure, match="still working"):
        repair.repair(run)


@pytest.mark.parametrize(
    "use",
    [
        lambda run: load_weights(make_untrained(run, 0), run.fold(0) / "network.safetensors"),
        lambda run: read(run.fold(0) / "predictions.npz"),
    ],
)
def test_that_a_damaged_file_names_the_command_that_makes_it_again(run, use):
    for name in ("network.safetensors", "predictions.npz"):
        cut(run.fold(0) / name)
    with pytest.raises(Failure) as told:
        use(run)
    assert f"`msde resume {run.id} --study {run.study_folder} --repair`" in str(told.value)


def test_that_the_command_repairs_and_queues(run, capsys):
    cut(run.fold(0) / "predictions.npz")
    words = ("resume", run.id, "--study", run.study_folder, "--repair", "--queue")
    document, code = said(capsys, *words)
    assert code == 0
    assert document["repaired"] == [
        "Fold 1: its predictions are damaged; its network makes them again."
    ]
    assert queue.list_queued(run.folder.parent) == [run]


def test_that_a_network_of_another_architecture_is_damage_to_the_command(run, capsys):
    file = run.fold(0) / "network.safetensors"
    weights = load_file(file)
    weights.pop("head.weight")
    save_file(weights, file)
    assert repair.damages(run) == []  # by its header alone
    words = ("resume", run.id, "--study", run.study_folder, "--repair", "--queue")
    assert "trained again" in said(capsys, *words)[0]["repaired"][0]


def test_that_there_is_nothing_to_repair_in_a_whole_run(run, capsys, monkeypatch):
    monkeypatch.setattr(launch, "start", None)
    document, code = said(capsys, "resume", run.id, "--study", run.study_folder, "--repair")
    assert (code, document["state"], document["repaired"]) == (0, "finished", [])
