import numpy as np
import pytest

from engine.synthesis.geometry import (
    grid_triangles,
    noise,
    normals,
    ramp,
    rotation,
    sample_texture,
    tube,
)
from engine.synthesis.mask import taut
from engine.synthesis.raster import fill, stroke
from engine.synthesis.subdivision import subdivide


def test_that_yaw_turns_the_face_to_the_subjects_left():
    assert np.allclose(rotation(np.pi / 2, 0, 0) @ [0, 0, 1], [1, 0, 0])


def test_that_a_ramp_rises_smoothly_and_can_fall():
    assert np.allclose(ramp(0, 2, np.array([-1, 0, 1, 2, 3.0])), [0, 0, 0.5, 1, 1])
    assert np.allclose(ramp(2, 0, np.array([0, 1, 2.0])), [1, 0.5, 0])


def test_that_noise_is_smooth_bounded_and_the_same_every_time():
    points = np.random.default_rng(0).normal(size=(500, 3)) * 10
    values = noise(points, 3.0)
    assert np.abs(values).max() <= 0.5
    assert values.std() > 0.1
    assert np.array_equal(values, noise(points, 3.0))
    assert np.abs(noise(points + 1e-4, 3.0) - values).max() < 0.01


def test_that_a_texture_is_sampled_bilinearly_with_v_upwards():
    texture = np.array([[0.0, 1.0], [2.0, 3.0]])
    assert sample_texture(texture, np.array([[0.5, 0.5]]))[0] == pytest.approx(1.5, abs=0.02)
    assert sample_texture(texture, np.array([[0.25, 0.75]]))[0] == pytest.approx(0.0, abs=0.02)


def test_that_normals_of_a_flat_grid_point_one_way():
    across, down = np.meshgrid(np.arange(4.0), np.arange(3.0))
    flat = np.stack([across.ravel(), -down.ravel(), np.zeros(12)], 1)
    assert np.allclose(normals(flat, grid_triangles(3, 4)), [0, 0, 1])


def test_that_a_tube_keeps_its_radius():
    path = np.stack([np.linspace(0, 1, 9), np.zeros(9), np.zeros(9)], 1)
    vertices, _ = tube(path, 0.1)
    assert np.allclose(np.hypot(vertices[:, 1], vertices[:, 2]), 0.1)


CUBE = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]


def test_that_a_cubes_corner_goes_where_catmull_and_clark_put_it():
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=float)
    smooth = subdivide(8, CUBE, [np.zeros((4, 2))] * 6)
    fine = smooth.operator @ corners
    # F = 1/3, R = 2/3, n = 3: (1/3 + 2 · 2/3) / 3 = 5/9
    assert np.allclose(fine[7], [5 / 9] * 3)
    assert len(smooth.quads) == 24
    assert len(fine) == 8 + 12 + 6
    assert np.allclose(np.asarray(smooth.operator.sum(1)).ravel(), 1)


def test_that_a_boundary_edge_follows_the_spline():
    square = np.array([[0, 0, 0], [4, 0, 0], [4, 4, 0], [0, 4, 0]], dtype=float)
    smooth = subdivide(4, [[0, 1, 2, 3]], [np.zeros((4, 2))])
    fine = smooth.operator @ square
    assert np.allclose(fine[0], [0.5, 0.5, 0])  # 3/4 of itself, 1/8 of each neighbour
    assert np.allclose(fine[8], [2, 2, 0])


def buffers(side=4):
    return np.full((side, side), 1e9), np.full((side, side), -1), np.zeros((side, side, 2))


def test_that_the_nearest_triangle_owns_a_pixel():
    depth, owner, bary = buffers()
    whole = np.array([[-9, -9, 5.0], [20, -9, 5], [-9, 20, 5]])
    corner = np.array([[0, 0, 1.0], [2, 0, 1], [0, 2, 1]])
    points = np.concatenate([whole, corner])
    fill(points, np.array([[0, 1, 2], [3, 4, 5]]), depth, owner, bary, 10)
    assert owner[0, 0] == 11
    assert owner[3, 3] == 10
    assert depth[0, 0] == pytest.approx(1)
    assert np.allclose(bary[0, 0], [0.25, 0.25])


def test_that_a_line_is_drawn_whole_where_nothing_is_nearer():
    depth, image, cover = np.full((9, 20), 2.0), np.zeros((9, 20, 3)), np.zeros((9, 20))
    depth[:, 15:] = 0.5
    line = np.array([[2.5, 4.5, 1.0], [18.5, 4.5, 1.0], [2.5, 8.5, 1.0], [2.5, 8.5, 1.0]])
    stroke(line, 2, 0.5, np.ones((4, 3)), np.ones(4), (depth, image, cover))
    assert np.allclose(image[4, 2:15, 0], 1)
    assert not image[4, 15:].any()
    assert np.allclose(depth[4, 2:15], 1)
    assert not cover[5:8, 3:].any()  # the second line begins anew


def test_that_a_line_is_as_thick_as_asked_and_as_dense():
    depth, image, cover = np.full((20, 20), 2.0), np.zeros((20, 20, 3)), np.zeros((20, 20))
    line = np.array([[0.0, 10.0, 1.0], [20.0, 10.0, 1.0]])
    stroke(line, 2, 3.0, np.ones((2, 3)), np.full(2, 1.0), (depth, image, cover))
    assert cover[:, 10].sum() == pytest.approx(6, abs=1)
    faint = np.zeros((20, 20))
    stroke(line, 2, 0.5, np.ones((2, 3)), np.full(2, 0.2), (depth + 2, image, faint))
    assert 0.1 < faint[9, 10] < 0.5


def test_that_fabric_is_stretched_over_the_peaks():
    values = np.array([[0.0, 0.0, 3.0, 0.0, 1.0, 0.0]])
    taut(values, np.arange(6.0)[None])
    assert np.allclose(values, [[0, 1.5, 3, 2, 1, 0]])
