import numpy as np
import pytest
from sklearn import manifold
from sklearn.metrics import silhouette_score

from engine.embeddings.quality import MOST, purity, silhouette, structure, trustworthiness

NO_PAIRS = np.zeros((0, 2), dtype=np.int64)


def line(*places):
    """Points on a line, and their distances."""
    values = np.array(places, dtype=np.float32)[:, None]
    return np.abs(values - values.T)


def test_that_separated_groups_have_a_silhouette_near_one():
    assert silhouette(line(0, 1, 1000, 1001), np.array([0, 0, 1, 1])) == pytest.approx(0.999)


def test_that_a_silhouette_is_that_of_scikit_learn():
    random = np.random.default_rng(0)
    values = random.normal(size=(60, 5)).astype(np.float32)
    groups = random.integers(3, 7, size=60)
    groups[0] = 0  # alone
    found = structure(values, groups, NO_PAIRS).silhouette
    assert found == pytest.approx(silhouette_score(values, groups), abs=1e-5)


@pytest.mark.parametrize("groups", [[1, 1, 1], [0, 1, 2]], ids=["one group", "all alone"])
def test_that_without_groups_there_is_no_silhouette(groups):
    assert silhouette(line(0, 1, 2), np.array(groups)) is None


def test_that_purity_is_the_share_of_neighbours_in_the_own_group():
    # 0 and 1 see each other and 5; 5 sees 1 and 0 of the other group.
    groups = np.array([0, 0, 1])
    assert purity(line(0, 1, 5), groups, 1) == pytest.approx(2 / 3)
    assert purity(line(0, 1, 5), groups, 2) == pytest.approx((1 / 2 + 1 / 2 + 0) / 3)
    assert purity(line(0, 1, 5), groups) == purity(line(0, 1, 5), groups, 2)


def test_that_pair_distance_is_relative_to_that_of_any_two_samples():
    # Pairs are 1 and 3 apart, median 2; all six distances 1, 3, 10, 11, 13, 14 have median 10.5.
    values = np.array([[0], [1], [11], [14]], dtype=np.float32)
    found = structure(values, np.array([0, 0, 1, 1]), np.array([[0, 1], [2, 3]]))
    assert found.pair_distance == pytest.approx(2 / 10.5, rel=1e-5)


def test_that_what_cannot_be_measured_is_absent():
    values = np.zeros((4, 2), dtype=np.float32)
    found = structure(values, np.array([0, 0, 1, 1]), np.array([[0, 1]]))
    assert found.pair_distance is None
    assert found.silhouette == 0
    assert structure(values[:1], np.array([0]), NO_PAIRS).purity is None


def test_that_many_samples_are_measured_by_some_of_them():
    random = np.random.default_rng(0)
    groups = np.arange(MOST + 500) % 2
    values = (random.normal(size=(len(groups), 2)) + 30 * groups[:, None]).astype(np.float32)
    found = structure(values, groups, np.array([[0, 1]]))
    assert found.silhouette > 0.9
    assert found.purity == 1
    assert found == structure(values, groups, np.array([[0, 1]]))


def test_that_trustworthiness_is_scikit_learns():
    random = np.random.default_rng(0)
    values = random.normal(size=(60, 8)).astype(np.float32)
    for points in (values[:, :2], random.normal(size=(60, 2)).astype(np.float32)):
        expected = manifold.trustworthiness(values, points, n_neighbors=10)
        assert trustworthiness(values, points) == pytest.approx(expected)
    assert trustworthiness(values[:, :2], values[:, :2]) == 1
    assert trustworthiness(values[:20], values[:20, :2]) is None
