"""Our networks say what the public implementations say, for weights and faces made by a rule.

``golden/NAME.npz`` holds what those return in evaluation mode. A tensor's values follow from its
public name and shape alone, the input's from its shape.
"""

import math
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.networks.msde import MSDENetwork
from engine.networks.ran import RAN
from engine.networks.scan import SCAN

FOLDER = Path(__file__).parent / "golden"
PUBLIC = {  # what we call a part, and what it is called there
    "msde": {"trunk.": "backbone.", "head.": "classifier.fc."},
    "ran": {
        "trunk.": "net.",
        "self_attention.": "net.alpha.0.",
        "relation_attention.": "net.beta.0.",
        "head.": "net.fc.",
    },
    "scan": {
        "trunk.": "base.",
        "attention.whole.gate.": "attention.global_attention_mask.attention.",
        "attention.local.": "attention.local_attention_masks.",
        ".gate.": ".attention.",
        "context.neighbours.": "region.eca.conv.",
        "head.patches.": "attention.fc.",
        "head.region.": "region.region_net.",
    },
}
WHOLE = {"ran18": 5, "ran50": 0}  # where the public crops have the whole face


@pytest.fixture
def golden(request):
    with np.load(FOLDER / f"{request.param}.npz") as outputs:
        return request.param, [torch.from_numpy(outputs[f"output{n}"]) for n in range(3)]


@pytest.mark.parametrize("golden", WHOLE, indirect=True)
def test_that_ran_weighs_crops_as_the_public_one(golden):
    name, (logits, largest, whole) = golden
    network = RAN(name, classes=8)
    assert (
        sum(p.numel() for p in network.parameters())
        == {
            "ran18": 11_186_250,
            "ran50": 23_546_954,
        }[name]
    )
    fill(network, PUBLIC["ran"])
    crops = drawn(2, 6, 3, 224, 224).transpose(0, 1).flatten(0, 1)
    with torch.inference_mode():
        features, weights = network._attended(crops)
        assert alike(network.head(features), logits)
    assert alike(weights[:, :5].amax(1, keepdim=True), largest)
    assert alike(weights[:, [WHOLE[name]]], whole)


@pytest.mark.parametrize("golden", ["scan", "scan-shared"], indirect=True)
def test_that_scan_branches_as_the_public_one(golden):
    name, (patches, regions, logits) = golden
    network = SCAN(name, swapped_bottom=True)
    fill(network, PUBLIC["scan"], shared=name == "scan-shared")
    with torch.inference_mode():
        features = network.features(drawn(2, 3, 224, 224))
        branches = network.head.branches(features)
        assert alike(network.head(features), logits)
    assert alike(branches[:, 0], patches)
    assert alike(branches[:, 1:].transpose(1, 2), regions)


@pytest.mark.parametrize("golden", ["msde18"], indirect=True)
def test_that_msde18_has_the_unit_map_of_the_public_one(golden):
    name, (corner, pooled, probabilities) = golden
    network = MSDENetwork(name)
    fill(network, PUBLIC["msde"])
    with torch.inference_mode():
        unit = network.unit_map(drawn(2, 3, 224, 224))
        said = network.head(unit.mean((2, 3))).softmax(1)
    assert alike(unit[:, :, :2, :2], corner)
    assert alike(unit.mean((2, 3)), pooled)
    assert alike(said, probabilities)


def fill(network, names, shared=False):
    network.eval()
    for own, tensor in network.state_dict().items():
        public = own
        for part, name in names.items():
            if own.startswith(part) or (part.startswith(".") and part in own):
                public = public.replace(part, name, 1)
        if shared:
            public = public.replace("masks.0.", "masks.")
        if not own.endswith("num_batches_tracked"):
            tensor.copy_(torch.from_numpy(np.asarray(values(public, tensor.shape))))


def values(name, shape):
    draw = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape)
    draw = draw.astype(np.float32)
    last = name.rpartition(".")[2]
    if last == "running_var":
        return 1 + np.float32(0.1) * abs(draw)
    if last in {"running_mean", "bias"}:
        return np.float32(0.1) * draw
    if len(shape) == 1:
        return 1 + np.float32(0.1) * draw
    return draw * np.float32(math.sqrt(1 / math.prod(shape[1:])))


def drawn(*shape):
    return torch.from_numpy(np.random.default_rng(0).standard_normal(shape).astype(np.float32))


def alike(said, public):
    return float((said - public).abs().max() / public.abs().max()) < 1e-5
