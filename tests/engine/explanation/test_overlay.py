import numpy as np
from PIL import Image

from engine.explanation.overlay import BAR, MARGIN, SIDE, OverlayStyle, overlaid

RIGHT = 2 * MARGIN + BAR // 2  # of the image's right edge: within the colour bar


def drawn(values, highest=1.0, size=(20, 40)):
    sheet = overlaid(Image.new("RGB", size, (100, 100, 100)), np.array(values, np.float32), highest)
    return np.asarray(sheet).astype(int)


def test_that_the_whole_image_is_covered_at_its_own_shape():
    sheet = drawn([[1.0]])
    assert sheet.shape[0] == SIDE + 2 * MARGIN
    face = sheet[MARGIN : MARGIN + SIDE, MARGIN : MARGIN + SIDE // 2]
    assert (face == face[0, 0]).all()
    opacity = OverlayStyle().opacity
    brightest = np.array([252, 255, 164])  # the end of inferno
    expected = (1 - opacity) * 100 + opacity * brightest
    assert np.abs(face[0, 0] - expected).max() <= 1


def test_that_the_scale_is_shared_and_what_exceeds_it_is_cut():
    half, whole, beyond = (drawn([[value]], 2.0)[50, 50] for value in (1.0, 2.0, 5.0))
    assert (half != whole).any()
    assert (beyond == whole).all()


def test_that_the_bar_rises_from_nothing_to_the_highest_with_its_numbers():
    sheet = drawn([[0.0, 1.0]], 3.0, (30, 30))
    column = sheet[MARGIN : MARGIN + SIDE, MARGIN + SIDE + RIGHT - MARGIN]
    light = column.sum(1)
    assert light[0] > 600
    assert light[-1] < 20
    assert (np.diff(light) <= 3).all()
    numbers = sheet[:, MARGIN + SIDE + MARGIN + BAR + 2 :].max(2) > 150
    inked = np.flatnonzero(numbers.any(1))
    assert np.count_nonzero(np.diff(inked) > 20) == 2  # three numbers


def test_that_maps_without_any_energy_can_be_drawn():
    assert (drawn([[0.0]], 0.0)[50, 50] < 100).all()
