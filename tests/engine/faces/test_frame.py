import numpy as np
import pytest

from engine.faces.frame import below, similarity, transform_points


def test_that_below_is_square_to_the_eyes():
    eyes = np.array([[0.0, 0.0], [10.0, 10.0]])
    assert below(np.array([5.0, 5.0]), eyes) == pytest.approx(0)
    assert below(np.array([4.0, 6.0]), eyes) == pytest.approx(np.sqrt(2))
    assert below(np.array([[6.0, 4.0]]), eyes) == pytest.approx([-np.sqrt(2)])


def test_that_a_similarity_brings_eyes_onto_eyes_and_keeps_angles():
    source = np.array([[1.0, 2.0], [5.0, 3.0]])
    target = np.array([[10.0, 10.0], [12.0, 18.0]])
    turn = similarity(source, target)
    assert transform_points(source, turn) == pytest.approx(target)
    linear = turn[:, :2]
    assert linear @ linear.T == pytest.approx(np.eye(2) * np.linalg.det(linear))
