import hashlib
import io
import pickle

import numpy as np
import pytest
from PIL import Image, ImageOps

from engine.data.images import FORMATS, SUFFIXES, Unreadable, decode, read, square, thumbnail
from engine.store.thumbnails import SIZE
from tests.engine.store.hostile_files import endless, pipe, script


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "Tëst データ"
    place.mkdir()
    return place


def noise(width=24, height=16, seed=0):
    values = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16", "I", "F"])
def test_that_every_mode_becomes_rgb(folder, mode):
    suffix = "tif" if mode in ("CMYK", "I", "F") else "png"
    grey = np.tile(np.linspace(0, 65535, 24), (16, 1))
    kinds = {"I;16": np.uint16, "I": np.int32, "F": np.float32}
    image = Image.fromarray(grey.astype(kinds[mode])) if mode in kinds else noise().convert(mode)
    image.save(folder / f"x.{suffix}")
    found = decode(folder / f"x.{suffix}")
    assert (found.mode, found.size) == ("RGB", (24, 16))
    if mode in kinds:
        assert np.abs(np.asarray(found)[0, :, 0] - np.linspace(0, 255, 24)).max() <= 1


def test_that_a_dark_16_bit_image_stays_dark(folder):
    Image.fromarray(np.full((4, 4), 2570, dtype=np.uint16)).save(folder / "x.png")
    assert np.asarray(decode(folder / "x.png")).max() == 10


def test_that_transparent_pixels_become_mid_grey(folder):
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(folder / "x.png")
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    palette.save(folder / "p.png", transparency=b"\xff\x00")
    for name in ("x.png", "p.png"):
        assert decode(folder / name).getpixel((1, 1)) == (128, 128, 128)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
@pytest.mark.parametrize("orientation", range(10))
def test_that_a_turned_photograph_is_set_upright(folder, orientation, suffix):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.new("RGB", (40, 20))
    image.paste((255, 255, 255), (0, 0, 20, 10))
    image.save(folder / f"x.{suffix}", exif=exif)
    picture = read(folder / f"x.{suffix}")
    assert picture.shape == picture.image.size
    assert picture.shape == ((20, 40) if 5 <= orientation <= 8 else (40, 20))
    with Image.open(folder / f"x.{suffix}") as raw:
        expected = ImageOps.exif_transpose(raw).convert("RGB")
    assert np.array_equal(np.asarray(picture.image), np.asarray(expected))


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_that_damaged_metadata_does_not_lose_the_image(folder):
    noise().save(folder / "x.jpg", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff")
    assert decode(folder / "x.jpg").size == (24, 16)


def test_that_one_pixel_is_an_image(folder):
    Image.new("RGB", (1, 1), (1, 2, 3)).save(folder / "x.png")
    image = decode(folder / "x.png")
    assert Image.open(io.BytesIO(thumbnail(image))).size == (1, 1)
    assert square(image, 4).shape == (4, 4, 3)


def test_that_fifty_megapixels_are_read_small_but_keep_their_shape(folder):
    Image.new("L", (10_000, 5_000), 77).save(folder / "x.jpg")
    picture = read(folder / "x.jpg", side=2 * SIZE)
    assert picture.shape == (10_000, 5_000)
    assert 2 * SIZE <= min(picture.image.size) < 5_000
    assert Image.open(io.BytesIO(thumbnail(picture.image))).size == (SIZE, SIZE // 2)


def test_that_the_hash_is_of_the_files_bytes(folder):
    noise().save(folder / "x.png")
    expected = hashlib.sha256((folder / "x.png").read_bytes()).hexdigest()
    assert read(folder / "x.png").sha256 == expected


def bomb():
    content = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(content, "PNG")
    return content.getvalue()


def cut(kind):
    content = io.BytesIO()
    noise(64, 64).save(content, kind)
    return content.getvalue()[: len(content.getvalue()) // 2]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"<html>not found</html>", "is not an image"),
        (cut("JPEG"), "cut short or damaged"),
        (cut("PNG"), "cut short or damaged"),
        (cut("GIF"), "cut short or damaged"),
        (cut("BMP"), "cut short or damaged"),
        (cut("TIFF"), "cut short or damaged"),
        (cut("WEBP"), "not an image|cut short"),
        (bomb(), "too many pixels"),
    ],
    ids=["empty", "text", "jpeg", "png", "gif", "bmp", "tiff", "webp", "bomb"],
)
def test_that_what_cannot_be_read_is_named_with_the_reason(folder, content, reason):
    file = folder / "x.jpg"
    file.write_bytes(content)
    with pytest.raises(Unreadable, match=reason) as caught:
        decode(file)
    assert str(file) in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_that_a_missing_file_and_a_folder_are_named(folder):
    with pytest.raises(Unreadable, match="No such file"):
        decode(folder / "gone.jpg")
    with pytest.raises(Unreadable, match="cannot be read"):
        decode(folder)


def test_that_a_square_holds_the_whole_image():
    image = Image.new("RGB", (40, 20))
    image.paste((255, 0, 0), (20, 0, 40, 20))
    pixels = square(image, 8)
    assert (pixels.shape, pixels.dtype) == ((8, 8, 3), np.uint8)
    assert pixels[:, 0].max() == 0
    assert pixels[:, -1, 0].min() == 255


@pytest.mark.parametrize("name", ["x.jpg", "x.png", "x.tif"])
def test_that_no_image_starts_a_program(folder, name):
    with pytest.raises(Unreadable, match="is not an image, whatever its name says"):
        decode(script(folder / name))


@pytest.mark.parametrize("make", [pipe, endless])
def test_that_what_never_ends_is_no_image(folder, make):
    with pytest.raises(Unreadable, match="It is no regular file"):
        decode(make(folder / "x.jpg"))


def test_that_an_image_may_be_a_link(folder):
    noise().save(folder / "x.png")
    (folder / "y.png").symlink_to(folder / "x.png")
    assert decode(folder / "y.png").size == (24, 16)


def test_that_the_formats_are_those_of_the_suffixes(folder):
    Image.init()
    known = {kind for suffix, kind in Image.EXTENSION.items() if suffix in SUFFIXES}
    assert known <= {*FORMATS, "MPO"}
