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
