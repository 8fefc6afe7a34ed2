import numpy as np
import pytest
from PIL import Image

from engine.attention.region_shares import areas, density, share, shares
from engine.data import sample_study
from engine.domain import Condition, Expression, Region, Sample
from engine.faces.finder import regions

QUARTERS = np.array(
    [[6, 6, 4, 4], [6, 6, 4, 4], [0, 0, 7, 7], [0, 0, 7, 7]], dtype=np.uint8
)  # forehead, eyes, mask, outside


def shipped(name):
    condition = Condition.MASKED if name.endswith("_m") else Condition.NON_MASKED
    file = sample_study.find_shipped() / "faces" / f"{name}.jpg"
    return Sample(1, file, "S001", Expression.HAPPY, condition)


def test_that_shares_are_those_worked_out_by_hand():
    values = np.array([[[1, 2, 0, 1], [0, 1, 1, 0], [4, 0, 0, 0], [5, 1, 2, 2]]], dtype=np.float32)
    found = shares(values, [QUARTERS])[0]
    by_hand = {Region.FOREHEAD: 4, Region.EYES: 2, Region.MASK: 10, Region.OUTSIDE: 4}
    assert found == pytest.approx([by_hand.get(region, 0) / 20 for region in Region])


def test_that_a_small_map_is_enlarged_onto_the_pixels():
    values = np.array([[[1, 0], [0, 0]]], dtype=np.float32)
    # rows and columns weigh 1, 3/4, 1/4, 0: forehead (7/4)², eyes and mask 7/16, outside 1/16
    found = shares(values, [QUARTERS])[0]
    assert found[Region.FOREHEAD] == pytest.approx(49 / 64)
    assert found[Region.EYES] == pytest.approx(7 / 64)
    assert found[Region.MASK] == pytest.approx(7 / 64)
    assert found[Region.OUTSIDE] == pytest.approx(1 / 64)


def test_that_every_row_sums_to_one_and_a_map_of_zeros_has_no_shares():
    random = np.random.default_rng(0)
    values = random.normal(size=(5, 3, 7)).astype(np.float32)
    values[2] = 0
    parts = [random.integers(0, 8, (20, 30)).astype(np.uint8) for _ in values]
    found = shares(values, parts)
    assert np.isnan(found[2]).all()
    assert np.delete(found, 2, axis=0).sum(axis=1) == pytest.approx(1)
    assert (np.delete(found, 2, axis=0) >= 0).all()


def test_that_nothing_has_no_rows():
    assert shares(np.zeros((0, 2, 2), dtype=np.float32), []).shape == (0, 8)


def test_that_density_is_one_for_a_map_that_is_the_same_all_over():
    area = areas(QUARTERS)
    found = density(shares(np.ones((1, 2, 2), dtype=np.float32), [QUARTERS])[0], area)
    assert found[[Region.FOREHEAD, Region.EYES, Region.MASK, Region.OUTSIDE]] == pytest.approx(1)
    assert np.isnan(found[Region.NOSE])


def test_that_a_map_of_the_mask_alone_lies_on_the_mask():
    masked = shipped("S001_happy_m")
    parts = regions(masked)
    shown = np.asarray(Image.open(sample_study.region_map(masked)))
    whole = (shown == 6).astype(np.float32)  # the mask, as resources/sample/README.md has it
    assert shares(whole[None], [parts])[0, Region.MASK] == 1
    half = whole.reshape(64, 2, 64, 2).mean(axis=(1, 3))
    assert shares(half[None], [parts])[0, Region.MASK] > 0.9


def test_that_negative_energy_counts_for_nothing():
    regions = np.zeros((4, 4), dtype=np.uint8)
    regions[:, 2:] = 1
    values = np.full((4, 4), -3, dtype=np.float32)
    values[:, :1] = 1
    assert share(values, regions)[:2].tolist() == [1, 0]
