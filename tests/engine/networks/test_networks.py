import pytest
import torch
from torch import nn

from engine.domain import Expression
from engine.networks.base import Network, build, variants

PARAMETERS = {
    "resnet18": 11_180_103,
    "msde18": 11_180_103,
    "ran18": 11_185_225,
    "ran34": 21_293_385,
    "ran50": 23_542_857,
    "scan": 70_196_307,
    "scan-shared": 13_536_339,
}


@pytest.fixture(params=variants(), scope="module")
def network(request):
    return build(request.param).eval()


@pytest.fixture
def images():
    return torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def test_that_a_network_gives_features_and_seven_logits(network, images):
    with torch.inference_mode():
        features, logits = network.features(images), network(images)
        assert torch.equal(network.head(features), logits)
    assert features.ndim == 2
    assert len(features) == 2
    assert logits.shape == (2, len(Expression))
    assert logits.isfinite().all()


def test_that_the_layer_of_its_heatmap_is_a_map_within_it(network, images):
    shapes = []
    assert network.heatmap_layer in list(network.modules())
    hook = network.heatmap_layer.register_forward_hook(lambda _m, _i, out: shapes.append(out.shape))
    with torch.inference_mode():
        network(images)
    hook.remove()
    assert [len(shape) for shape in shapes] == [4]


def test_that_the_head_learns_all_that_no_weight_file_fills(network):
    head = {id(parameter) for parameter in network.head_parameters()}
    trunk = {id(parameter) for parameter in network.trunk.parameters()}
    everything = {id(parameter) for parameter in network.parameters()}
    assert head >= {id(parameter) for parameter in network.head.parameters()}
    assert trunk
    assert not head & trunk
    assert head | trunk == everything


def test_that_the_seed_decides_the_first_weights():
    def first(seed):
        torch.manual_seed(seed)
        return nn.utils.parameters_to_vector(build("resnet18").parameters())

    assert torch.equal(first(0), first(0))
    assert not torch.equal(first(0), first(1))


@pytest.mark.parametrize(("name", "count"), PARAMETERS.items())
def test_that_the_architecture_has_the_size_it_is_known_for(name, count):
    network = build(name)
    assert isinstance(network, Network)
    assert sum(parameter.numel() for parameter in network.parameters()) == count
