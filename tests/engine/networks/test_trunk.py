import pytest
import torch
from torchvision import models

from engine.networks._trunk import WIDTHS, trunk


@pytest.mark.parametrize("variant", WIDTHS)
def test_that_a_trunk_gives_the_map_that_its_width_says(variant):
    with torch.inference_mode():
        maps = trunk(variant).eval()(torch.rand(1, 3, 64, 64))
    assert maps.shape == (1, WIDTHS[variant], 2, 2)


def test_that_a_trunk_has_the_names_and_the_results_of_the_library():
    library = models.resnet18(weights=None).eval()
    library.fc = torch.nn.Identity()
    own = trunk("resnet18").eval()
    own.load_state_dict(library.state_dict())
    faces = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(own(faces).mean((2, 3)), library(faces))


def test_that_a_trunk_may_end_earlier():
    assert list(dict(trunk("resnet18", last="layer3").named_children()))[-1] == "layer3"
