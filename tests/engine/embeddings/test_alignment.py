import numpy as np
import pytest

from engine.embeddings.alignment import similarity


def points(n=30, seed=0):
    return np.random.default_rng(seed).normal(size=(n, 2)).astype(np.float32)


@pytest.mark.parametrize("mirror", [1, -1])
def test_that_a_known_turn_scale_and_shift_are_undone(mirror):
    fixed = points()
    angle = 2.1
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = (3.5 * fixed @ turn * [1, mirror] + [7, -40]).astype(np.float32)
    assert similarity(moved, fixed)(moved) == pytest.approx(fixed, abs=1e-5)


def test_that_shapes_are_kept_and_sizes_become_equal():
    moving, fixed = 9 * points(seed=1), points(seed=2)
    found = similarity(moving, fixed)
    laid = found(moving)
    assert found.turn @ found.turn.T == pytest.approx(np.eye(2), abs=1e-9)
    assert (laid - laid.mean(axis=0)).std() == pytest.approx((fixed - fixed.mean(axis=0)).std())
    before = np.linalg.norm(moving[0] - moving[1]) / np.linalg.norm(moving[2] - moving[3])
    after = np.linalg.norm(laid[0] - laid[1]) / np.linalg.norm(laid[2] - laid[3])
    assert after == pytest.approx(before, rel=1e-4)


def test_that_no_other_turn_lies_better():
    moving, fixed = points(seed=3), points(seed=4)
    best = np.linalg.norm(similarity(moving, fixed)(moving) - fixed)
    found = similarity(moving, fixed)
    for angle in np.linspace(0, 2 * np.pi, 50):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        for mirrored in (turn, turn * [1, -1]):
            other = found.scale * (moving - found.origin) @ mirrored + found.target
            assert best <= np.linalg.norm(other - fixed) + 1e-6


def test_that_points_that_coincide_only_shift():
    moved = similarity(np.ones((3, 2), np.float32), points(3))(np.ones((3, 2), np.float32))
    assert moved == pytest.approx(np.tile(points(3).mean(axis=0), (3, 1)), abs=1e-6)
