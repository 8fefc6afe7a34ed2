from dataclasses import replace

import pytest
import torch

from engine.methods.base import methods
from engine.runs.planning import RunRequest, design
from engine.training.step_time import estimate_seconds
from tests.engine.making import drawn_study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    with drawn_study(tmp_path_factory.mktemp("pace")) as study:
        yield study


@pytest.mark.parametrize("name", methods())
def test_that_the_time_of_every_method_is_guessed(study, name):
    threads = torch.get_num_threads()
    experiment, _ = design(study, RunRequest(name, preset="quick", folds=2))
    assert 0 < estimate_seconds(experiment, study.dataset()) < 3600
    assert torch.get_num_threads() == threads


def test_that_more_work_takes_longer(study):
    short, long = (
        design(study, RunRequest("baseline", "mix", "quick", folds=2, changes={"epochs": epochs}))[
            0
        ]
        for epochs in (10, 1000)
    )
    dataset = study.dataset()
    assert estimate_seconds(long, dataset) > 3 * estimate_seconds(short, dataset)


def test_that_a_short_trial_tells_nothing_of_a_week(study):
    short, _ = design(study, RunRequest("baseline", "mix", "quick", folds=2))
    endless = replace(short, training=replace(short.training, epochs=100_000_000))
    assert estimate_seconds(endless, study.dataset()) is None
