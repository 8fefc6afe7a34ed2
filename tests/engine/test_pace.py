import pytest
import torch

from benchmarks import drawings
from engine.importing import inspect, save
from engine.methods.base import methods
from engine.pace import expected
from engine.planning import Choices, design
from engine.store.study import Study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pace")
    faces = drawings.study(folder / "faces", subjects=4, size=32)
    with Study(folder / "study", create=True) as study:
        save(inspect(faces, study), study)
        yield study


@pytest.mark.parametrize("name", methods())
def test_that_the_time_of_every_method_is_guessed(study, name):
    threads = torch.get_num_threads()
    experiment, _ = design(study, Choices(name, preset="quick", folds=2))
    assert 0 < expected(experiment, study.dataset()) < 3600
    assert torch.get_num_threads() == threads


def test_that_more_work_takes_longer(study):
    short, long = (
        design(study, Choices("baseline", "mix", "quick", folds=2, changes={"epochs": epochs}))[0]
        for epochs in (10, 1000)
    )
    dataset = study.dataset()
    assert expected(long, dataset) > 3 * expected(short, dataset)
