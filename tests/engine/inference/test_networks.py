from dataclasses import replace

import pytest
import torch

from engine.inference.networks import Networks, load_network, make_untrained
from engine.store.runs import Run
from tests.engine.embeddings.making import trained_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return trained_run(tmp_path_factory.mktemp("runs"), seed=7)


def seeded(run, seed):
    other = Run(run.folder)
    other.__dict__["experiment"] = replace(run.experiment, seed=seed)
    return other


def weights(network):
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


def test_that_networks_come_in_evaluation_mode(run):
    warm = Networks()
    for network in (
        load_network(run, 0),
        make_untrained(run, 0),
        warm.of(run, 0),
        warm.of(run, 0, "cpu", True),
    ):
        assert not any(part.training for part in network.modules())


def test_that_seed_and_fold_decide_the_random_weights(run):
    first = weights(make_untrained(run, 0))
    torch.manual_seed(9)
    assert torch.equal(weights(make_untrained(run, 0)), first)
    assert not torch.allclose(weights(make_untrained(run, 1)), first, atol=1e-3)
    assert not torch.allclose(weights(make_untrained(seeded(run, 1), 0)), first, atol=1e-3)
    assert not torch.allclose(weights(load_network(run, 0)), first, atol=1e-3)
