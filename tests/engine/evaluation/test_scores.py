import numpy as np
import pytest

from engine.evaluation.scores import accuracy, confusion, score
from engine.experiment.predictions import Predictions


def said(*rows):
    """Predictions from rows of (fold, condition, truth, predicted)."""
    folds, conditions, truth, predicted = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    probabilities = np.eye(7, dtype=np.float32)[predicted]
    return Predictions(np.arange(len(rows)), folds, conditions, truth, probabilities)


def scored(*rows):
    return score(said(*rows), np.arange(len(rows)).astype(str))


def test_that_truth_is_in_rows_and_predicted_in_columns():
    table = confusion(said((0, 0, 3, 5), (0, 0, 3, 5), (0, 0, 1, 1)))
    assert table.shape == (7, 7)
    assert (table[3, 5], table[5, 3], table[1, 1], table.sum()) == (2, 0, 1, 3)
    assert scored((0, 0, 3, 5))["nm"].confusion[3][5] == 1


def test_that_accuracy_is_the_mean_over_folds_not_over_samples():
    # Fold 0: 1 of 1 right. Fold 1: 1 of 4 right.
    wrong = [(1, 0, 0, 1)] * 3
    found = scored((0, 0, 0, 0), (1, 0, 0, 0), *wrong)["nm"]
    assert found.accuracy == pytest.approx((1 + 0.25) / 2)
    assert found.sd == pytest.approx(np.std([1, 0.25], ddof=1))
    assert found.n == 5


def test_that_one_fold_has_no_deviation():
    assert scored((0, 0, 0, 0), (0, 0, 0, 1))["nm"].sd == 0


def test_that_recall_f1_and_balanced_accuracy_are_as_worked_out_by_hand():
    # Surprise: 3 of 4 found; fear: 1 of 2 found; one surprise was called fear, one fear surprise.
    rows = [(0, 0, 0, 0)] * 3 + [(0, 0, 0, 1), (0, 0, 1, 1), (0, 0, 1, 0)]
    found = scored(*rows)["nm"]
    assert found.recall == {"surprise": 0.75, "fear": 0.5}
    assert found.balanced == pytest.approx((0.75 + 0.5) / 2)
    # Precision is 3/4 and 1/2 as well, so that F1 equals recall.
    assert found.macro_f1 == pytest.approx(0.625)
    assert found.accuracy == pytest.approx(4 / 6)


def test_that_f1_counts_false_alarms():
    # Surprise: recall 1, precision 1/2, F1 2/3; fear: never found, F1 0.
    found = scored((0, 0, 0, 0), (0, 0, 1, 0))["nm"]
    assert found.macro_f1 == pytest.approx((2 / 3 + 0) / 2)
    assert found.balanced == 0.5


def test_that_an_absent_condition_is_left_out():
    found = scored((0, 1, 0, 0), (0, 1, 0, 1))
    assert set(found) == {"m", "average"}
    assert found["average"].accuracy == found["m"].accuracy == 0.5
    assert accuracy(said((0, 1, 0, 0))) == {"m": 1.0}


def test_that_nothing_predicted_has_no_score():
    assert scored() == {}


def test_that_the_average_weighs_both_conditions_alike():
    # Non-masked: 3 of 3 right; masked: 0 of 1.
    found = scored(*[(0, 0, 2, 2)] * 3, (0, 1, 2, 3))
    assert (found["nm"].accuracy, found["m"].accuracy) == (1, 0)
    assert found["average"].accuracy == 0.5
    assert found["average"].n == 4
    assert found["average"].interval == (0.5, 0.5)


def people(n):
    """Two images a person, in two folds; of three people two are right in both."""
    rows = [(p % 2, c, 4, 4 if p % 3 else 5) for p in range(n) for c in (0, 1)]
    return score(said(*rows), np.repeat(np.arange(n), 2))["average"]


def test_that_the_interval_holds_the_accuracy():
    low, high = people(60).interval
    assert 0 < low < people(60).accuracy < high < 1


def test_that_fewer_people_make_the_interval_wider():
    def width(n):
        low, high = people(n).interval
        return high - low

    assert width(12) > 1.5 * width(60)


def test_that_more_images_of_the_same_people_do_not_narrow_the_interval():
    rows = [(0, 0, 4, 4 if p % 3 else 5) for p in range(12)]
    once = score(said(*rows), np.arange(12))["nm"].interval
    often = score(said(*rows * 10), np.tile(np.arange(12), 10))["nm"].interval
    assert often == pytest.approx(once)


def test_that_the_interval_is_the_same_each_time():
    assert people(12).interval == people(12).interval
