import numpy as np
import pytest
from scipy import stats

from engine.domain import Condition, Region
from engine.evaluation.paired_tests import (
    ComparedImages,
    by_subject,
    compare_all_pairs,
    difference,
    holm,
    rank_differences,
)

BY = np.array([f"s{n // 2:02}" for n in range(24)])  # two images a subject
SEEN = ComparedImages(BY, np.full(24, int(Condition.MASKED)))


def shares(seed, **raised):
    """Rows that sum to 1, with more on some regions."""
    rows = np.random.default_rng(seed).random((24, 8))
    for name, more in raised.items():
        rows[:, Region[name.upper()]] += more
    return rows / rows.sum(axis=1, keepdims=True)


def test_that_a_test_is_scipys_on_the_means_of_subjects():
    first, second = shares(0), shares(1, mask=0.2)
    found = difference(
        ("a", "b"), {"a": first, "b": second}, SEEN, (Region.MASK,), Condition.MASKED
    )
    steps = (first - second)[:, Region.MASK].reshape(12, 2).mean(axis=1)
    assert found.subjects == 12
    assert found.p == pytest.approx(stats.wilcoxon(steps).pvalue)
    assert found.median == pytest.approx(np.median(steps))
    assert found.interval[0] <= found.median <= found.interval[1]


def test_that_an_interval_holds_95_percent():
    n = 401
    steps = np.linspace(-0.1, 0.1, n)
    parts = {name: np.full((n, 8), 0.125) for name in "ab"}
    parts["a"][:, Region.EYES] += steps
    seen = ComparedImages(
        np.array([f"s{k:03}" for k in range(n)]), np.full(n, int(Condition.MASKED))
    )
    found = difference(("a", "b"), parts, seen, (Region.EYES,), Condition.MASKED)
    # The median lies between the order statistics 1.96 deviations, √n / 2 each, off the middle.
    reach = 1.96 * np.sqrt(n) / 2 * 0.2 / (n - 1)
    assert found.interval == pytest.approx((-reach, reach), rel=0.08)


def test_that_the_effect_is_that_worked_out_by_hand():
    # ranks of the sizes: 1, 2, 3.5, 3.5, 5; up 1 + 3.5 + 5, down 2 + 3.5; 0 is left out
    p, effect = rank_differences(np.array([0.1, -0.2, 0.3, -0.3, 0.5, 0.0]))
    assert effect == pytest.approx((9.5 - 5.5) / 15)
    assert 0 < p <= 1


@pytest.mark.parametrize("sign", [1, -1])
def test_that_a_change_that_all_share_has_the_whole_effect(sign):
    p, effect = rank_differences(sign * np.arange(1, 9) / 100)
    assert effect == sign
    assert p == pytest.approx(2 / 2**8)


def test_that_no_change_at_all_is_no_effect():
    assert rank_differences(np.zeros(5)) == (1.0, 0.0)
    assert rank_differences(np.full(5, 1e-16)) == (1.0, 0.0)


def test_that_images_of_a_person_count_as_one():
    values, subjects = np.array([1.0, 3.0, 10.0]), np.array(["b", "b", "a"])
    assert by_subject(values, subjects).tolist() == [10.0, 2.0]


def test_that_holm_is_stepped_down():
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])).tolist() == pytest.approx(
        [0.03, 0.06, 0.06, 0.02]
    )
    assert holm(np.array([0.9, 0.8])).tolist() == [1.0, 1.0]
    assert holm(np.array([])).tolist() == []


def test_that_every_pair_and_region_is_tested_once_and_corrected_together():
    tests = compare_all_pairs({"a": shares(0), "b": shares(1, eyes=3.0), "c": shares(2)}, SEEN)
    assert len({(t.first, t.second, t.of, t.condition) for t in tests}) == len(tests) == 3 * 8
    assert [t.corrected for t in tests] == pytest.approx(holm(np.array([t.p for t in tests])))
    eyes = {(t.first, t.second): t for t in tests if t.of == (Region.EYES,)}
    assert eyes["a", "b"].sure
    assert eyes["a", "b"].effect == -1
    assert not eyes["a", "c"].sure


def test_that_regions_nobody_shows_and_conditions_nobody_has_are_not_tested():
    parts = {name: shares(seed) for seed, name in enumerate("ab")}
    for one in parts.values():
        one[:, Region.MOUTH] = 0
    tested = {(t.of[0], t.condition) for t in compare_all_pairs(parts, SEEN)}
    assert tested == {(r, Condition.MASKED) for r in Region if r is not Region.MOUTH}


def test_that_an_image_without_shares_in_one_run_is_left_out_of_its_pair():
    first, second = shares(0), shares(1)
    second[[0, 1, 4]] = np.nan  # all of the first subject, half of the third
    pair = {"a": first, "b": second}
    found = difference(("a", "b"), pair, SEEN, (Region.EYES,), Condition.MASKED)
    steps = np.delete(first - second, [0, 1, 4], axis=0)[:, Region.EYES]
    assert found.subjects == 11
    assert found.median == pytest.approx(
        np.median([steps[0:2].mean(), steps[2], *steps[3:].reshape(-1, 2).mean(axis=1)])
    )
