"""A network so small that its losses can be worked out by hand."""

import pytest
import torch

from tests.engine.methods.making import Tiny


@pytest.fixture
def tiny():
    return Tiny()


@pytest.fixture
def make():
    return Tiny


@pytest.fixture
def image():
    """Makes an image of one column a pixel, (3, 1, width), from its first two channels."""

    def made(*pixels):
        return torch.tensor([[*pixel, 0.0] for pixel in pixels]).T.unsqueeze(1)

    return made
