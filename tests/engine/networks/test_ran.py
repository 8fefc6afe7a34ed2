import copy
import math

import pytest
import torch
from torch import nn

from engine.networks.ran import CROPS, RAN, cut_crops


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return RAN("ran18").eval()


@pytest.fixture
def narrow():
    """Crops of one feature, each attending to it directly."""
    network = RAN("ran18")
    network.self_attention = nn.Linear(1, 1)
    network.relation_attention = nn.Linear(2, 1)
    network.self_attention.weight.data.fill_(1.0)
    network.self_attention.bias.data.fill_(0.0)
    network.relation_attention.weight.data.copy_(torch.tensor([[1.0, 0.0]]))
    network.relation_attention.bias.data.fill_(0.0)
    return network


def test_that_crops_are_cut_crop_by_crop_where_the_paper_says():
    side = 160
    across = (torch.arange(side) + 0.5) / side
    faces = torch.stack([across.expand(side, side), across[:, None].expand(side, side)])
    crops = cut_crops(torch.stack([faces, 1 - faces])).view(len(CROPS), 2, 2, side, side)
    for crop, (left, top, right, bottom) in zip(crops, CROPS, strict=True):
        middle = crop.mean((2, 3))
        assert middle[0].tolist() == pytest.approx([(left + right) / 2, (top + bottom) / 2])
        assert (middle[0] + middle[1]).tolist() == pytest.approx([1, 1])
        span = crop[0].amax((1, 2)) - crop[0].amin((1, 2)) + 1 / side
        assert span.tolist() == pytest.approx([right - left, bottom - top])


def test_that_the_crops_are_the_whole_three_of_three_quarters_and_two_about_the_middle():
    assert CROPS == (
        (0.0, 0.0, 1.0, 1.0),
        (0.0, 0.0, 0.75, 0.75),  # to the left, above
        (0.25, 0.0, 1.0, 0.75),  # to the right, above
        (0.125, 0.25, 0.875, 1.0),  # in the middle, below
        (0.05, 0.05, 0.95, 0.95),
        (0.075, 0.075, 0.925, 0.925),
    )


def test_that_the_first_crop_is_the_whole_face():
    faces = torch.rand(2, 3, 36, 36)
    assert torch.equal(cut_crops(faces)[:2], faces)


def test_that_features_are_those_of_the_attended_crops(network):
    faces = torch.rand(2, 3, 32, 32)
    with torch.inference_mode():
        features, weights = network.attended(faces)
        assert torch.equal(network.features(faces), features)
    assert features.shape == (2, 1024)
    assert weights.shape == (2, 6)
    assert weights.sum(1).tolist() == pytest.approx([1, 1])


def test_that_the_softmax_of_a_sigmoid_bounds_the_weights(narrow):
    alone = torch.full((1, 6, 1), -1e4)
    alone[0, 2] = 1e4
    heaviest = narrow._weighed(alone).weights[0, 2].item()
    lightest = narrow._weighed(-alone).weights[0, 2].item()
    assert heaviest == pytest.approx(math.e / (math.e + 5), abs=1e-6)
    assert lightest == pytest.approx(1 / (1 + 5 * math.e), abs=1e-6)
    assert [round(lightest, 4), round(heaviest, 3)] == [0.0685, 0.352]


def test_that_crops_are_summed_by_both_attentions(narrow):
    pooled = torch.full((1, 6, 1), -1e4)
    pooled[0, 0] = 1e4  # its sigmoids are 1, the others' 0
    heavy, light = math.e / (math.e + 5), 1 / (math.e + 5)
    content = heavy * 1e4 - 5 * light * 1e4
    own = (heavy**2 * 1e4 - 5 * light**2 * 1e4) / (heavy**2 + 5 * light**2)
    features = narrow._weighed(pooled).features
    assert features.shape == (1, 2)
    assert features[0].tolist() == pytest.approx([own, content], rel=1e-5)


def test_that_equal_crops_weigh_the_same(network):
    weights = network._weighed(torch.rand(2, 1, 512).expand(2, 6, 512)).weights
    torch.testing.assert_close(weights, torch.full((2, 6), 1 / 6))


def test_that_weights_alone_teach_the_trunk_and_the_self_attention():
    network = RAN("ran18").train()
    network.attended(torch.rand(3, 3, 32, 32)).weights[:, 0].sum().backward()
    assert network.trunk.get_submodule("conv1").weight.grad.abs().max() > 0
    assert network.self_attention.weight.grad.abs().max() > 0
    assert network.relation_attention.weight.grad is None
    assert network.head.weight.grad is None


def test_that_batch_normalisation_can_see_each_crop_apart_in_training():
    torch.manual_seed(0)
    apart = RAN("ran18", crops_apart=True)
    together = copy.deepcopy(apart)
    together.crops_apart = False
    faces = torch.rand(3, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(apart.eval()(faces), together.eval()(faces))
        assert not torch.allclose(apart.train()(faces), together.train()(faces), atol=1e-3)
        seen = []
        apart.trunk.get_submodule("bn1").register_forward_pre_hook(
            lambda _, given: seen.append(len(given[0]))
        )
        features = apart.features(faces)
        assert seen == [3] * 6
        alone = torch.stack(
            [apart.trunk(crop).mean((2, 3)) for crop in cut_crops(faces).chunk(6)], 1
        )
        torch.testing.assert_close(features, apart._weighed(alone).features)
