import numpy as np
import pytest
import torch
from PIL import Image

from engine.data.images import decode, square
from engine.experiment.experiment import Training
from engine.networks.base import IMAGENET_MEAN, IMAGENET_SD
from engine.training.augmentation import augment, normalise

OFF = {"flip": False, "geometry": 0.0, "colour": 0.0}
WAYS = [{"flip": True}, {"geometry": 1.0}, {"geometry": 4.0}, {"colour": 1.0}, {"colour": 4.0}, {}]


def training(**ways):
    """Only what is named; with no name, everything at its default."""
    return Training(**({**OFF, **ways} if ways else {}))


def random(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def pixels():
    """One view of eight smooth images that are not symmetric, (1, 8, 24, 24, 3)."""
    coarse = torch.rand(8, 3, 4, 4, generator=random(1)) * 255
    smooth = torch.nn.functional.interpolate(coarse, 24, mode="bilinear")
    return smooth.byte().movedim(1, -1)[None]


def test_that_normalised_pixels_have_imagenets_mean_and_deviation():
    colours = torch.tensor([[[[0, 0, 0], [255, 255, 255]]]], dtype=torch.uint8)
    standard = normalise(colours)
    assert standard.shape == (1, 3, 1, 2)
    black, white = standard[0, :, 0].T.double().numpy()
    assert black == pytest.approx(-np.array(IMAGENET_MEAN) / IMAGENET_SD, rel=1e-5)
    assert white == pytest.approx((1 - np.array(IMAGENET_MEAN)) / IMAGENET_SD, rel=1e-5)


def test_that_red_green_and_blue_have_each_its_own_mean_and_deviation(tmp_path):
    Image.new("RGB", (8, 8), (255, 51, 0)).save(tmp_path / "red.png")
    pixels = torch.from_numpy(square(decode(tmp_path / "red.png"), 8))
    # Of ImageNet, as torchvision's weights are made for: red comes first.
    expected = [(1 - 0.485) / 0.229, (0.2 - 0.456) / 0.224, (0 - 0.406) / 0.225]
    tested = normalise(pixels)
    trained = augment(pixels[None, None], training(**OFF), random())[0, 0]
    for images in (tested, trained):
        assert images.shape == (3, 8, 8)
        assert images.mean((1, 2)).tolist() == pytest.approx(expected, abs=1e-4)


def test_that_pixels_can_be_scaled_by_halves_as_the_released_program_tests_them():
    colours = torch.tensor([[[[0, 0, 0], [255, 255, 255]]]], dtype=torch.uint8)
    assert normalise(colours, "half")[0, :, 0].T.tolist() == [[-1.0] * 3, [1.0] * 3]


@pytest.mark.parametrize("ways", WAYS, ids=str)
def test_that_both_images_of_a_pair_are_changed_alike(pixels, ways):
    pair = augment(pixels.repeat(2, 1, 1, 1, 1), training(**ways), random())
    assert torch.equal(pair[0], pair[1])


@pytest.mark.parametrize("ways", WAYS, ids=str)
def test_that_the_images_are_finite_and_in_range(pixels, ways):
    images = augment(pixels.repeat(2, 1, 1, 1, 1), training(**ways), random())
    assert images.shape == (2, 8, 3, 24, 24)
    assert images.dtype == torch.float32
    mean, deviation = (torch.tensor(v).view(3, 1, 1) for v in (IMAGENET_MEAN, IMAGENET_SD))
    colours = images * deviation + mean
    assert colours.isfinite().all()
    assert colours.min() > -1e-5
    assert colours.max() < 1 + 1e-5


@pytest.mark.parametrize("ways", WAYS, ids=str)
def test_that_the_seed_alone_decides_the_change(pixels, ways):
    first = augment(pixels, training(**ways), random(3))
    assert torch.equal(first, augment(pixels, training(**ways), random(3)))
    assert not torch.equal(first, augment(pixels, training(**ways), random(4)))


def test_that_with_everything_off_pixels_are_only_normalised(pixels):
    images = augment(pixels, training(**OFF), random())
    torch.testing.assert_close(images, normalise(pixels), atol=1e-4, rtol=0)


def test_that_flipping_mirrors_about_half_of_the_images(pixels):
    many = pixels.repeat(1, 20, 1, 1, 1)
    images = augment(many, training(flip=True), random())[0]
    plain = normalise(many)[0]
    kept = near(images, plain)
    mirrored = near(images, plain.flip(-1))
    assert (kept ^ mirrored).all()
    assert 0.3 < mirrored.float().mean() < 0.7


def near(images, others):
    return (images - others).abs().amax((1, 2, 3)) < 1e-3


def test_that_geometry_keeps_colours_and_colour_keeps_places(pixels):
    flat = torch.full_like(pixels, 100)
    moved = augment(flat, training(geometry=1.0), random())
    torch.testing.assert_close(moved, normalise(flat), atol=1e-4, rtol=0)
    recoloured = augment(flat, training(colour=1.0), random())
    assert recoloured.var((-1, -2)).max() < 1e-6
    assert not torch.allclose(recoloured, normalise(flat), atol=0.05)


def test_that_each_image_of_a_batch_is_changed_in_its_own_way(pixels):
    one = pixels[:, :1].repeat(1, 8, 1, 1, 1)
    images = augment(one, Training(), random())[0]
    assert len({tuple(image.flatten()[:50].tolist()) for image in images}) > 4


def test_that_the_released_shift_stays_within_a_sixteenth():
    dot = torch.zeros(1, 64, 33, 33, 3, dtype=torch.uint8)
    dot[:, :, 14:19, 14:19] = 255
    images = augment(dot, training(geometry=1.0), random())[0].mean(1)
    light = (images - images.amin((1, 2), keepdim=True)).clamp(min=0)
    place = torch.arange(33.0) - 16
    for axis in (1, 2):
        moved = (light.sum(axis) * place).sum(1) / light.sum((1, 2))
        # Up to 33/16 px, times the largest enlargement, 1.1 × 1.25.
        assert moved.abs().max() < 33 / 16 * 1.1 * 1.25 + 0.3
        assert moved.abs().max() > 0.5


@pytest.fixture
def ramps():
    """Levels from 64 that grow by 4 a pixel to the right, (1, 400, 32, 32, 3)."""
    level = (torch.arange(32) * 4 + 64).to(torch.uint8)
    return level.view(1, 1, 1, 32, 1).expand(1, 400, 32, 32, 3)


def levels_of(images):
    return (
        images * torch.tensor(IMAGENET_SD).view(3, 1, 1) + torch.tensor(IMAGENET_MEAN).view(3, 1, 1)
    ) * 255


def slopes(images):
    """How much the middle of each image grows to the right and downwards, in levels a pixel."""
    middle = levels_of(images)[:, 0, 10:22, 10:22]
    return middle.diff(dim=2).mean((1, 2)), middle.diff(dim=1).mean((1, 2))


@pytest.mark.parametrize("strength", [1.0, 2.0])
def test_that_half_of_the_images_are_turned_by_at_most_three_degrees(ramps, strength):
    right, down = slopes(augment(ramps, training(geometry=strength), random())[0])
    degrees = torch.rad2deg(torch.atan2(down, right)) / strength
    assert 2.8 < degrees.abs().max() < 3.05
    assert degrees.min() < -2 < 2 < degrees.max()
    assert 0.4 < (degrees.abs() < 0.01).float().mean() < 0.6


def test_that_geometry_keeps_the_shapes_of_things(ramps):
    columns, rows = (
        torch.stack(slopes(augment(ramp, training(geometry=2.0, flip=True), random())[0]))
        for ramp in (ramps, ramps.transpose(2, 3))
    )
    lengths = columns.norm(dim=0), rows.norm(dim=0)
    torch.testing.assert_close(*lengths, rtol=1e-2, atol=0)
    cosines = (columns * rows).sum(0) / (lengths[0] * lengths[1])
    assert cosines.abs().max() < 0.02


def test_that_enlargement_stays_within_the_released_ranges(ramps):
    right, down = slopes(augment(ramps, training(geometry=1.0), random())[0])
    enlargement = 4 / torch.hypot(right, down)
    assert 0.89 < enlargement.min() < 0.92
    assert 1.3 < enlargement.max() < 1.1 * 1.25 + 0.01
    # Two draws of one half each: a quarter of the images keep their size.
    assert 0.18 < ((enlargement - 1).abs() < 1e-3).float().mean() < 0.32


@pytest.mark.parametrize("strength", [1.0, 3.0])
def test_that_half_of_the_images_get_up_to_a_fifth_brighter_or_darker(strength):
    grey = torch.full((1, 400, 4, 4, 3), 100, dtype=torch.uint8)
    images = augment(grey, training(colour=strength), random())[0]
    levels = levels_of(images)
    # Grey has neither hue nor saturation, and contrast is about its own level.
    assert levels.flatten(1).var(1).max() < 1e-2
    brighter = (levels.mean((1, 2, 3)) / 100 - 1) / strength
    assert -0.2 - 1e-3 < brighter.min() < -0.17
    assert 0.17 < brighter.max() < 0.2 + 1e-3
    assert 0.4 < (brighter.abs() < 1e-4).float().mean() < 0.6


def test_that_hue_turns_the_colour_and_saturation_stretches_it_about_grey():
    mild = torch.tensor([120, 100, 90], dtype=torch.uint8).expand(1, 400, 4, 4, 3)
    colours = levels_of(augment(mild, training(colour=1.0), random())[0]).mean((2, 3))
    yiq = torch.tensor(
        [[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]]
    )
    before, (light, *plane) = yiq @ torch.tensor([120.0, 100, 90]), yiq @ colours.T
    # Brightness takes part in all three alike.
    chroma = torch.complex(*plane) / light / (torch.complex(*before[1:]) / before[0])
    turned, stretched = torch.rad2deg(chroma.angle()), chroma.abs()
    assert -20.1 < turned.min() < -18 < 18 < turned.max() < 20.1
    assert 0.4 < (turned.abs() < 0.05).float().mean() < 0.6
    # By saturation and by contrast, which draws a colour to the grey of its image.
    assert 0.8**2 - 0.01 < stretched.min() < 0.72
    assert 1.28 < stretched.max() < 1.2**2 + 0.01
    assert 0.18 < ((stretched - 1).abs() < 1e-3).float().mean() < 0.32


def test_that_contrast_stretches_levels_about_the_images_own_mean(ramps):
    images = levels_of(augment(ramps, training(colour=1.0), random())[0]).flatten(1)
    plain = ramps[0, 0].float().flatten()
    brightness = images.mean(1) / plain.mean()
    contrast = images.std(1) / plain.std() / brightness
    assert brightness.min() > 0.79
    assert brightness.max() < 1.21
    assert 0.79 < contrast.min() < 0.83
    assert 1.17 < contrast.max() < 1.21
    assert 0.4 < ((contrast - 1).abs() < 1e-3).float().mean() < 0.6


def test_that_what_happens_to_an_image_does_not_depend_on_those_beside_it(pixels):
    others = pixels.clone()
    others[0, 0] = 255 - others[0, 0]
    one, other = (augment(batch, Training(), random())[0] for batch in (pixels, others))
    assert torch.equal(one[1:], other[1:])
    assert not torch.equal(one[0], other[0])
