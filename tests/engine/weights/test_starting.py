import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from benchmarks import drawings
from engine.domain import Failure
from engine.events import BatchEnded, Cancelled
from engine.execution import fold, local
from engine.execution.assignment import Assignment
from engine.importing import inspect, save
from engine.networks.base import build
from engine.pixels import pack
from engine.planning import Choices, plan
from engine.store.runs import State
from engine.store.study import Study
from tests.engine.weights.making import prefixed, random_state

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
    choices = Choices("baseline", "nm", "quick", folds=2, changes=TINY | changes)
    return plan(study, replace(choices, weights=str(weights)))


def nothing(_event):
    return


def work(study, run, report=nothing):
    """The first fold, in this process."""
    pixels = pack(study.dataset(), 32, study.folder / "cache", nothing)
    fold.work(Assignment(run.folder, 0, pixels, "cpu", 16), report)
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
    assert local.work(run, 1) is State.FAILED
    assert "changing.safetensors has changed since the run was made" in run.failure()
    assert not run.fold(0).exists()


def test_that_weights_that_do_not_fit_are_refused_before_a_run_is_made(study, file):
    before = sorted(study.runs_folder.iterdir())
    with pytest.raises(Failure, match=r"faces\.pth fill \d+ %"):
        planned(study, file, network="resnet50")
    assert sorted(study.runs_folder.iterdir()) == before


def test_that_weights_learnt_in_this_study_are_refused(study, uninterrupted):
    run, _ = uninterrupted
    with pytest.raises(Failure, match="people of this study"):
        planned(study, run.fold(0) / "network.safetensors")


def test_that_a_run_at_random_weights_records_none(study):
    made = planned(study, "").experiment
    assert (made.weights, made.weights_sha256) == ("", "")
