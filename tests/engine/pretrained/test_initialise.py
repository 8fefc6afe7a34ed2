import json
from dataclasses import asdict, replace
from shutil import copyfile, rmtree

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.data.importing import inspect, save
from engine.data.packing import pack
from engine.domain import Failure
from engine.events import BatchEnded, Cancelled
from engine.experiment.folds import protocol
from engine.networks.base import build
from engine.pretrained.matching import fit
from engine.pretrained.origin import check_origin
from engine.runs import coordinator, fold
from engine.runs.assignment import Assignment
from engine.runs.planning import RunRequest, plan
from engine.store.files import write_json
from engine.store.networks import FOLDER
from engine.store.runs import State
from engine.store.study import Study
from tests import drawings
from tests.engine.pretrained.making import prefixed, random_state

TINY = {"epochs": 2, "size": 32, "batch": 16, "drops": [], "trunk_rate": 1e-9}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    faces = drawings.study(folder / "faces", subjects=4, size=32)
    with Study(folder / "study", create=True) as study:
        save(inspect(faces, study), study)
        yield study


@pytest.fixture(scope="module")
def state():
    return build("resnet18").trunk.state_dict()


@pytest.fixture(scope="module")
def file(study, state):
    torch.save({"state_dict": prefixed(state, "module.")}, study.folder / "faces.pth")
    return study.folder / "faces.pth"


def planned(study, weights, **changes):
    choices = RunRequest("baseline", "nm", "quick", folds=2, changes=TINY | changes)
    return plan(study, replace(choices, weights=str(weights)))


def nothing(_event):
    return


def work(study, run, report=nothing):
    """The first fold, in this process."""
    pixels = pack(study.dataset(), 32, study.folder / "cache", nothing)
    fold.work(Assignment(run.folder, 0, pixels, "cpu", "fp32", 16), report)
    return load_file(run.fold(0) / "network.safetensors")


@pytest.fixture(scope="module")
def uninterrupted(study, file):
    run = planned(study, file)
    return run, work(study, run)


def test_that_a_fold_starts_from_the_weights_and_reports_them(uninterrupted, state):
    run, network = uninterrupted
    assert torch.allclose(
        network["trunk.layer1.0.conv1.weight"], state["layer1.0.conv1.weight"], atol=1e-6
    )
    report = json.loads((run.fold(0) / "weights.json").read_text(encoding="utf-8"))
    assert (report["share"], report["missing"], len(report["matched"])) == (1, [], 100)


def test_that_a_stopped_fold_goes_on_from_its_checkpoint_bit_for_bit(study, file, uninterrupted):
    run = planned(study, file)
    heard = []

    def stop(event):
        heard.append(event)
        if len([one for one in heard if isinstance(one, BatchEnded)]) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        work(study, run, stop)
    (run.fold(0) / "weights.json").unlink()
    network = work(study, run)
    assert not (run.fold(0) / "weights.json").exists()
    assert all(torch.equal(network[name], value) for name, value in uninterrupted[1].items())


def test_that_a_run_whose_weights_changed_since_is_not_gone_on_with(study, state):
    file = study.folder / "changing.safetensors"
    save_file({name: value.clone() for name, value in state.items()}, file)
    run = planned(study, file)
    save_file(random_state(build("resnet18").trunk), file)
    assert coordinator.work(run, 1) is State.FAILED
    assert "changing.safetensors has changed since the run was made" in run.failure()
    assert not run.fold(0).exists()


def test_that_weights_that_do_not_fit_are_refused_before_a_run_is_made(study, file):
    before = sorted(study.runs_folder.iterdir())
    with pytest.raises(Failure, match=r"faces\.pth fill \d+ %"):
        planned(study, file, network="resnet50")
    assert sorted(study.runs_folder.iterdir()) == before


def test_that_a_network_is_remembered_when_it_is_saved(study):
    run = planned(study, "")
    work(study, run)
    [record] = (study.folder / FOLDER).glob(f"{run.id}-fold-01-*.json")
    assert json.loads(record.read_bytes())["trained_on"] == list(run.protocol.folds[0].train)


def test_that_a_run_that_starts_remembers_what_older_programs_saved(study, alone):
    run = planned(study, "")
    run.stop_file.touch()
    assert coordinator.work(run, 1) is State.STOPPED
    [record] = (study.folder / FOLDER).iterdir()
    assert record.name.startswith(f"{alone.id}-fold-01-")


def test_that_weights_learnt_in_this_study_are_refused(study, uninterrupted):
    run, _ = uninterrupted
    with pytest.raises(Failure, match="people of this study"):
        planned(study, run.fold(0) / "network.safetensors")


def halves(tensors):
    return {name: value.half() if value.is_floating_point() else value for name, value in tensors}


DISGUISES = {
    "copied": lambda tensors: dict(tensors),
    "with a prefix": lambda tensors: {"net": prefixed(dict(tensors), "module.encoder_q.")},
    "of half precision": halves,
    "of another half precision": lambda tensors: {n: v.bfloat16() for n, v in tensors},
    "without its head": lambda tensors: {n: v for n, v in tensors if "head" not in n},
    "renamed by number": lambda tensors: {
        name.replace("trunk.conv1.", "0.")
        .replace("trunk.bn1.", "1.")
        .replace("trunk.layer1.", "4.")
        .replace("trunk.layer2.", "5.")
        .replace("trunk.layer3.", "6.")
        .replace("trunk.layer4.", "7."): value
        for name, value in tensors
    },
    "a little changed": lambda tensors: {
        n: v + 1 if n == "trunk.bn1.bias" else v for n, v in tensors
    },
}


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("zipped", [True, False])
def test_that_a_network_of_this_study_is_recognised_under_any_name(
    study, uninterrupted, tmp_path, disguise, zipped
):
    run, network = uninterrupted
    file = tmp_path / "public.pth"
    content = DISGUISES[disguise](network.items())
    torch.save(content, file, _use_new_zipfile_serialization=zipped)
    with pytest.raises(Failure, match=f"are those of fold 1 of run {run.id}"):
        planned(study, file)


@pytest.fixture
def alone(study, uninterrupted):
    """The run, while no other one has its network."""
    run, _ = uninterrupted
    twins = [
        f
        for f in study.runs_folder.glob("*/fold-*/network.safetensors")
        if run.folder not in f.parents
    ]
    remembered = study.folder / FOLDER
    for file in (*twins, remembered):
        file.rename(file.with_suffix(".away"))
    yield run
    rmtree(remembered, ignore_errors=True)
    for file in (*twins, remembered):
        file.with_suffix(".away").rename(file)


def test_that_a_network_that_was_moved_away_is_recognised_by_its_mark(study, alone, tmp_path):
    network = alone.fold(0) / "network.safetensors"
    moved = network.rename(tmp_path / "public.safetensors")
    with pytest.raises(Failure, match="are those of fold 1 of run"):
        planned(study, moved)
    moved.rename(network)


@pytest.fixture
def left(study, alone, tmp_path):
    """Its network, which an older program saved and which left its fold before anybody met it."""
    network = alone.fold(0) / "network.safetensors"
    save_file(load_file(network), tmp_path / "left.safetensors")
    network.rename(network.with_suffix(".away"))
    yield tmp_path / "left.safetensors"
    network.with_suffix(".away").rename(network)


@pytest.mark.parametrize("disguise", ["copied", "with a prefix", "of half precision"])
def test_that_a_network_that_nobody_met_is_recognised_by_what_it_says(
    study, left, tmp_path, disguise
):
    torch.save(DISGUISES[disguise](load_file(left).items()), tmp_path / "w")
    with pytest.raises(Failure, match="are those of fold 1 of run"):
        planned(study, tmp_path / "w")


def test_that_a_network_that_says_otherwise_is_not_taken_for_one_that_left(study, left, tmp_path):
    state = load_file(left)
    state["head.bias"] = state["head.bias"] + torch.linspace(0, 0.5, 7)
    save_file(state, tmp_path / "w")
    assert planned(study, tmp_path / "w").experiment.weights


def test_that_a_network_of_a_damaged_run_is_recognised(study, alone, tmp_path):
    copyfile(alone.fold(0) / "network.safetensors", tmp_path / "w")
    kept = (alone.folder / "folds.json").read_bytes()
    (alone.folder / "folds.json").write_bytes(b"{")
    with pytest.raises(Failure, match=f"fold 1 of run {alone.id}"):
        planned(study, tmp_path / "w")
    (alone.folder / "folds.json").write_bytes(kept)


def test_that_a_network_of_a_run_in_the_studys_trash_is_recognised(study, alone, tmp_path):
    copyfile(alone.fold(0) / "network.safetensors", tmp_path / "w")
    trash = study.folder / "trash" / f"{alone.id}-7"
    trash.parent.mkdir()
    alone.folder.rename(trash)
    with pytest.raises(Failure, match=f"fold 1 of run {trash.name}"):
        planned(study, tmp_path / "w")
    trash.rename(alone.folder)


def test_that_what_public_weights_became_does_not_forbid_them(study, file, uninterrupted):
    assert planned(study, file).experiment.weights


def test_that_the_state_of_a_fold_in_training_is_refused(study, state, tmp_path):
    trunk = random_state(build("resnet18").trunk)
    save_file(prefixed(trunk, "method.network.trunk."), tmp_path / "w")
    with pytest.raises(Failure, match="a run in training"):
        planned(study, tmp_path / "w")


def test_that_a_network_that_saw_nobody_of_the_new_folds_may_be_started_from(
    study, alone, tmp_path
):
    """Only where the run's own folds say so, and nothing came from elsewhere."""
    copyfile(alone.fold(0) / "network.safetensors", tmp_path / "w")
    found = fit(build("resnet18"), tmp_path / "w")

    def check(*folds):
        check_origin(found, tmp_path / "w", study, protocol([list(people) for people in folds], 0))

    with pytest.raises(Failure, match="people of this study"):
        check(["somebody"], ["else"])  # the run began from weights
    kept = (alone.folder / "experiment.json").read_bytes()
    plain = replace(alone.experiment, weights="", weights_sha256="")
    write_json(alone.folder / "experiment.json", asdict(plain))
    (held_out, *_), (seen, *_) = alone.protocol.folds[0].test, alone.protocol.folds[0].train
    check(["somebody"], ["else"])
    check(["somebody"], [held_out])
    with pytest.raises(Failure, match="people of this study"):
        check(["somebody"], [held_out, seen])
    (alone.folder / "experiment.json").write_bytes(kept)


def test_that_a_run_at_random_weights_records_none(study):
    made = planned(study, "").experiment
    assert (made.weights, made.weights_sha256) == ("", "")
