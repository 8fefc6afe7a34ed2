import math

import pytest
import torch

from engine.methods._pair_losses import distance, recognition, unit_features


def test_that_the_vector_is_the_pooled_feature_at_unit_length(tiny, image):
    features, logits = unit_features(tiny, image((3.0, 8.0), (3.0, 0.0))[None, None], "vector")
    torch.testing.assert_close(features, torch.tensor([[[0.6, 0.8]]]))
    torch.testing.assert_close(logits[0, 0, 1], torch.tensor(0.2 * 3 + 0.3 * 4))


def test_that_the_raw_feature_is_what_the_head_reads(tiny, image):
    features, logits = unit_features(tiny, image((3.0, 8.0), (3.0, 0.0))[None, None], "raw")
    torch.testing.assert_close(features, torch.tensor([[[3.0, 4.0]]]))
    torch.testing.assert_close(tiny.head(features), logits)


def test_that_each_cell_of_the_map_has_unit_length(tiny, image):
    features, logits = unit_features(tiny, image((3.0, 4.0), (0.0, 2.0))[None, None], "map")
    torch.testing.assert_close(features, torch.tensor([[[[[0.6, 0.0]], [[0.8, 1.0]]]]]))
    torch.testing.assert_close(logits[0, 0, 1], torch.tensor(0.2 * 1.5 + 0.3 * 3))


@pytest.mark.parametrize("feature", ["raw", "vector", "map"])
@pytest.mark.parametrize("apart", [False, True])
def test_that_views_and_samples_keep_their_places(tiny, feature, apart):
    images = torch.rand(2, 3, 3, 4, 4)
    whole = unit_features(tiny, images, feature, apart)
    for view in range(2):
        for number in range(3):
            alone = unit_features(tiny, images[view : view + 1, number : number + 1], feature)
            torch.testing.assert_close(whole.features[view, number], alone.features[0, 0])
            torch.testing.assert_close(whole.logits[view, number], alone.logits[0, 0])


def test_that_maps_of_crops_stay_with_their_view(tiny):
    images = torch.rand(2, 3, 3, 4, 4)
    features = tiny.features
    tiny.features = lambda faces: features(torch.cat([faces, 2 - faces]))[: len(faces)]
    found = unit_features(tiny, images, "map").features
    assert found.shape == (2, 6, 2, 4, 4)
    for view in range(2):
        crops = torch.cat([images[view], 2 - images[view]])[:, :2]
        torch.testing.assert_close(found[view], crops / crops.norm(dim=1, keepdim=True))


def test_that_the_distance_is_eq_1_averaged_or_summed_over_the_units():
    ours, theirs = torch.tensor([[0.6, 0.8], [1.0, 0.0]]), torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    assert distance(ours, theirs, "mean").item() == pytest.approx((0.4**2 + 0.8**2) / 4)
    assert distance(ours, theirs, "sum").item() == pytest.approx((0.4**2 + 0.8**2) / 2)


def test_that_the_sum_over_a_map_is_over_its_units_alone():
    ours, theirs = torch.ones(2, 3, 4, 5), torch.zeros(2, 3, 4, 5)
    assert distance(ours, theirs, "mean").item() == 1
    assert distance(ours, theirs, "sum").item() == 3


def test_that_recognition_is_the_mean_cross_entropy():
    logits = torch.tensor([[math.log(3), 0, 0, 0, 0, 0, 0], [0.0] * 7])
    value = recognition(logits, torch.tensor([0, 6]), False)
    assert value.item() == pytest.approx((math.log(9 / 3) + math.log(7)) / 2)


def test_that_softmax_twice_has_the_floor_of_the_released_program():
    certain = torch.tensor([[100.0, 0, 0, 0, 0, 0, 0]])
    assert recognition(certain, torch.tensor([0]), False).item() == pytest.approx(0, abs=1e-6)
    floor = recognition(certain, torch.tensor([0]), True).item()
    assert floor == pytest.approx(math.log(1 + 6 / math.e))
    assert floor == pytest.approx(1.165, abs=1e-3)
