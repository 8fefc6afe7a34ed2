import pytest
import torch
from torch import nn

from engine.networks._convolution import FROM, Convolution, fast


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 3), (2, 2), (3, 4), (4, 4), (7, 8)])
def test_that_small_maps_give_what_the_library_gives(height, width, stride):
    torch.manual_seed(0)
    own = Convolution(3, 8 * FROM, stride).double()
    library = nn.Conv2d(3, 8 * FROM, 3, stride, padding=1, bias=False).double()
    library.load_state_dict(own.state_dict())
    maps = torch.rand(2, 3, height, width, dtype=torch.float64, requires_grad=True)
    said, expected = own(maps), library(maps)
    torch.testing.assert_close(said, expected)
    again = torch.rand_like(expected)
    gradients = torch.autograd.grad(said, (maps, own.weight), again)
    torch.testing.assert_close(
        gradients, torch.autograd.grad(expected, (maps, library.weight), again)
    )


def test_that_larger_maps_go_to_the_library():
    own = Convolution(1, FROM)
    maps = torch.rand(1, 1, 2, 2)
    assert torch.equal(own(maps), nn.Conv2d.forward(own, maps))


def test_that_replacing_keeps_weights_and_their_names():
    network = nn.Sequential(nn.Sequential(nn.Conv2d(2, 3, 3, 2, padding=1, bias=False)), nn.ReLU())
    before = dict(network.named_parameters())
    replaced = fast(network)
    assert isinstance(replaced[0][0], Convolution)
    assert all(before[name] is parameter for name, parameter in replaced.named_parameters())


class Own(nn.Conv2d):
    """Computes who knows what."""


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(2, 2, 3, padding=1),  # a bias
        nn.Conv2d(2, 2, 3, bias=False),
        nn.Conv2d(2, 2, 3, padding="same", bias=False),
        nn.Conv2d(2, 2, 3, padding=2, dilation=2, bias=False),
        nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect", bias=False),
        nn.Conv2d(2, 2, 3, padding=1, groups=2, bias=False),
        nn.Conv2d(2, 2, 3, (1, 2), padding=1, bias=False),
        nn.Conv2d(2, 2, 5, padding=1, bias=False),
        Own(2, 2, 3, padding=1, bias=False),
    ],
    ids=str,
)
def test_that_a_layer_that_computes_something_else_is_left_alone(layer):
    maps = torch.rand(1, 2, 5, 6)
    expected = layer(maps)
    network = nn.Sequential(layer)
    assert fast(network)[0] is layer
    assert torch.equal(network(maps), expected)
