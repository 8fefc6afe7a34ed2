from contextlib import suppress

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.data.packing import pack
from engine.events import BatchEnded, Cancelled, EpochEnded, FoldEnded, silent
from engine.runs.assignment import Assignment
from engine.runs.fold import work
from engine.runs.planning import RunRequest, plan
from tests.engine.making import drawn_study

ONCE = {"epochs": 1, "size": 32, "batch": 32, "trunk_rate": 1e-9, "head_rate": 1e-9}


@pytest.fixture
def study(tmp_path):
    with drawn_study(tmp_path) as drawn:
        yield drawn


@pytest.fixture(autouse=True)
def threads():
    """A fold has a process of its own, whose threads it limits."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def begun(study, fold=0, seed=0):
    """The weights of a fold whose first step has moved them by next to nothing."""
    run = plan(study, RunRequest("baseline", "nm", "quick", seed=seed, folds=2, changes=ONCE))
    dataset = study.dataset()
    pixels = pack(dataset, 32, study.cache, silent)

    def leave(event):
        if isinstance(event, BatchEnded):
            raise Cancelled

    with pytest.raises(Cancelled):
        work(Assignment(run.folder, fold, pixels, "cpu", "fp32", 32), leave)
    kept = load_file(run.fold(fold) / "training.safetensors")
    return torch.cat(
        [kept[f"method.network.{name}"].flatten() for name in ("trunk.conv1.weight", "head.weight")]
    )


def test_that_seed_and_fold_decide_the_first_weights_whatever_was_drawn_before(study):
    torch.manual_seed(1)
    first = begun(study)
    torch.manual_seed(2)
    assert begun(study) == pytest.approx(first, abs=1e-7)
    assert not torch.allclose(begun(study, fold=1), first, atol=1e-3)
    assert not torch.allclose(begun(study, seed=1), first, atol=1e-3)


def test_that_a_fold_done_after_a_break_has_each_epoch_once_and_predicts_whom_it_held_out(study):
    changes = ONCE | {"epochs": 2, "batch": 8}
    run = plan(study, RunRequest("baseline", "nm", "quick", folds=2, changes=changes))
    assignment = Assignment(
        run.folder, 0, pack(study.dataset(), 32, study.cache, silent), "cpu", "fp32", 8
    )

    def leave(event):
        told.append(event)
        if isinstance(event, BatchEnded) and event.progress > 0.5:
            raise Cancelled

    told = []
    with suppress(Cancelled):
        work(assignment, leave)
    assert [event.epoch for event in told if isinstance(event, EpochEnded)] == [0]
    told.clear()
    work(assignment, told.append)
    predictions, dataset = run.predictions(), study.dataset()
    tested = np.isin(dataset.subjects, run.protocol.folds[0].test)
    assert predictions.samples.tolist() == dataset.ids[tested].tolist()
    assert predictions.expressions.tolist() == dataset.expressions[tested].tolist()
    assert predictions.conditions.tolist() == dataset.conditions[tested].tolist()
    assert [event.epoch for event in told if isinstance(event, EpochEnded)] == [1]
    assert isinstance(told[-1], FoldEnded)
