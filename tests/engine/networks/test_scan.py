from itertools import chain

import pytest
import torch

from engine.domain import Failure
from engine.networks.scan import SCAN, Classifiers, _Attention, _Context, patches


def cells(side):
    """A map whose cells are numbered by rows."""
    return torch.arange(side * side, dtype=torch.float32).view(1, 1, side, side)


def numbers(patch):
    return patch.flatten().int().tolist()


def test_that_the_papers_map_falls_into_25_patches_in_its_order():
    parts = patches(cells(28))
    assert [tuple(part.shape[2:]) for part in parts] == (
        [(6, 6)] * 16 + [(6, 4)] * 4 + [(4, 6)] * 4 + [(4, 4)]
    )
    corners = [divmod(numbers(part)[0], 28) for part in parts]
    assert corners[:5] == [(0, 0), (0, 6), (0, 12), (0, 18), (6, 0)]
    assert corners[16:20] == [(0, 24), (6, 24), (12, 24), (18, 24)]
    assert corners[20:] == [(24, 0), (24, 6), (24, 12), (24, 18), (24, 24)]
    assert sorted(chain(*map(numbers, parts))) == list(range(28 * 28))


@pytest.mark.parametrize("side", [4, 7, 8, 14, 16, 56])
def test_that_patches_of_other_maps_leave_no_cell_out_and_none_is_empty(side):
    parts = patches(cells(side))
    assert len(parts) == 25
    assert all(part.numel() for part in parts)
    assert set(chain(*map(numbers, parts))) == set(range(side * side))


def test_that_swapped_bottom_patches_are_rows_of_the_strip():
    parts, plain = patches(cells(28), swapped_bottom=True), patches(cells(28))
    for row, part in enumerate(parts[20:24], start=24):
        assert part.shape == (1, 1, 4, 6)
        assert numbers(part) == list(range(28 * row, 28 * row + 24))
    for number in {*range(25)} - {*range(20, 24)}:
        assert torch.equal(parts[number], plain[number])


def test_that_swapped_bottom_patches_need_the_papers_size():
    with pytest.raises(Failure, match="224 px"):
        SCAN("scan18-shared", swapped_bottom=True)(torch.rand(1, 3, 64, 64))


def test_that_channels_are_scaled_by_their_neighbours():
    context = _Context()
    context.neighbours.weight.data.copy_(torch.tensor([[[0.0, 1.0, 2.0, 0.0, 0.0]]]))
    maps = torch.tensor([1.0, -1.0, 3.0]).view(1, 3, 1, 1).expand(1, 3, 4, 4)
    scale = torch.sigmoid(torch.tensor([2 * 1.0, 1.0 - 2.0, -1.0 + 6.0]))
    expected = (scale * torch.tensor([1.0, -1.0, 3.0])).expand(1, 4, 3)
    torch.testing.assert_close(context(maps), expected)


def test_that_the_context_is_the_mean_of_each_quarter():
    context = _Context()
    context.neighbours.weight.data.fill_(0.0)  # every channel is scaled by one half
    top, bottom = [[1.0, 3.0, 0.0, 0.0]] * 2, [[4.0, 4.0, 5.0, 7.0]] * 2
    said = context(torch.tensor([[top + bottom]]))
    assert said.flatten().tolist() == [1.0, 0.0, 2.0, 3.0]


def test_that_patch_features_are_the_strongest_patch_and_the_whole_at_unit_length():
    attention = _Attention(1, gates=1, swapped_bottom=False).eval()
    for gate in (attention.local[0], attention.whole):
        gate.gate[0].weight.data.fill_(0.0)  # every cell is scaled by one half
    maps = torch.zeros(1, 1, 28, 28)
    maps[:, :, 24:, 24:] = 49.0  # the corner alone; 1/49 of the map
    said = attention(maps).flatten()
    assert (said[0] / said[1]).item() == pytest.approx(49)
    assert said.norm().item() == pytest.approx(1)


def test_that_five_classifiers_are_averaged_and_four_are_one():
    head = Classifiers(2, 3)
    quarter = torch.rand(1, 3)
    features = torch.cat([torch.rand(1, 2), quarter, torch.rand(1, 6), quarter], 1)
    branches = head.branches(features)
    assert branches.shape == (1, 5, 7)
    assert torch.equal(head(features), branches.mean(1))
    torch.testing.assert_close(branches[:, 0], head.patches(features[:, :2]))
    torch.testing.assert_close(branches[:, 1], head.region(quarter))
    torch.testing.assert_close(branches[:, 4], branches[:, 1])


@pytest.mark.parametrize(("variant", "gates"), [("scan18", 25), ("scan18-shared", 1)])
def test_that_each_branch_teaches_its_own_part_and_the_shared_trunk(variant, gates):
    torch.manual_seed(0)
    network = SCAN(variant).train()
    assert len(network.attention.local) == gates
    parts = [
        network.trunk.get_submodule("layer2"),
        network.trunk.get_submodule("layer3"),
        *network.attention.local,
        network.attention.whole,
        network.context,
        network.head.patches,
        network.head.region,
    ]
    branches = network.head.branches(network.features(torch.rand(4, 3, 64, 64)))
    branches[:, 0].square().sum().backward(retain_graph=True)
    assert taught(parts) == [True, False, *[True] * gates, True, False, True, False]
    network.zero_grad(set_to_none=True)
    branches[:, 1:].square().sum().backward()
    assert taught(parts) == [True, True, *[False] * gates, False, True, False, True]


def taught(parts):
    return [all(p.grad is not None and p.grad.any() for p in part.parameters()) for part in parts]
