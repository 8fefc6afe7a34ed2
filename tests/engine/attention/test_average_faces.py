import numpy as np
import pytest

from engine.attention.average_faces import EYES, Shown, align_face, average


def marked(points, height=90, width=70):
    """White discs on black around each eye's centre."""
    down, across = np.mgrid[:height, :width] + 0.5
    discs = [np.hypot(across - x, down - y) < 4 for x, y in points]
    return np.where(np.any(discs, axis=0), 255, 0).astype(np.uint8)


def centre_of(image):
    """Of what is bright, in pixels."""
    down, across = np.mgrid[: image.shape[0], : image.shape[1]] + 0.5
    return np.array([(across * image).sum(), (down * image).sum()]) / image.sum()


def test_that_eyes_come_to_where_they_should_be():
    eyes = [np.array([[20.0, 30.0], [50.0, 40.0]]), np.array([[30.0, 60.0], [55.0, 50.0]])]
    discs = [marked(pair) for pair in eyes]
    images = [np.repeat(one[..., None], 3, axis=2) for one in discs]
    found = average(map(Shown, images, [one.astype(np.float32) for one in discs], eyes), size=100)
    assert found.n == 2
    for picture in (found.image[..., 0], found.values):
        left, right = picture[:, :50], picture[:, 50:]
        assert centre_of(left) == pytest.approx(EYES[0] * 100, abs=0.5)
        assert centre_of(right) + np.array([50, 0]) == pytest.approx(EYES[1] * 100, abs=0.5)


def test_that_an_image_whose_eyes_are_in_place_stays_as_it_is():
    pixels = np.random.default_rng(0).random((40, 40)).astype(np.float32)
    assert align_face(pixels, EYES * 40, 40) == pytest.approx(pixels, abs=1e-5)


def test_that_the_mean_of_maps_keeps_their_unit():
    image = np.full((32, 32, 3), 90, dtype=np.uint8)
    maps = [np.full((2, 2), height, dtype=np.float32) for height in (0.0, 1.0, 5.0)]
    found = average([Shown(image, values, EYES * 32) for values in maps], size=16)
    assert found.values == pytest.approx(np.full((16, 16), 2.0))
    assert found.image == pytest.approx(np.full((16, 16, 3), 90.0))


def test_that_the_mean_of_nothing_is_nothing():
    found = average([], size=8)
    assert (found.n, found.values.sum(), found.image.shape) == (0, 0, (8, 8, 3))
