"""Decode any image file into plain RGB, and make the small pictures that stand for it."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from engine.domain import Failure, Sample
from engine.store.files import read_bytes
from engine.store.thumbnails import SIZE
from engine.system.faults import cause

_SUFFIXES = ".avif .bmp .gif .jfif .jp2 .jpe .jpeg .jpg .pbm .pgm .png .pnm .ppm .tif .tiff .webp"
SUFFIXES = frozenset(_SUFFIXES.split())
FORMATS = ("JPEG", "PNG", "AVIF", "BMP", "GIF", "JPEG2000", "PPM", "TIFF", "WEBP")
SHRINKING = ("JPEG", "MPO")  # formats that can come out smaller at once
MOST = 1 << 30  # bytes of a file
CHANGED = "has changed since its import: put it back as it was, or import it again"
BACKGROUND = (128, 128, 128)  # behind transparent pixels
_ORIENTATION = 0x0112  # the EXIF tag
_TURNS = {  # what sets each orientation upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = 5  # this orientation and the later ones swap width and height
_WHITE_16_BIT = 65535

# Damaged metadata is no reason to warn; an image large enough to exhaust memory is left out.
warnings.filterwarnings("ignore", module=r"PIL\.")
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class Unreadable(Failure):
    """An image file that cannot be used; ``reason`` is the sentence without the file."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(file, reason)  # both, so that it crosses processes
        self.file, self.reason = file, reason

    def __str__(self) -> str:
        return f"{self.file} {self.reason}."


class Large(Exception):
    """An image that takes longer to decode than the caller has time."""


@dataclass(frozen=True)
class DecodedImage:
    """A decoded file. ``shape`` is the upright width and height before any reduction."""

    image: Image.Image
    shape: tuple[int, int]
    sha256: str


def decode(file: Path, side: int = 0) -> Image.Image:
    """The whole image, upright, as RGB. Raises ``Unreadable``.

    With ``side``, a large JPEG may come out smaller, but never below ``side`` on either axis.
    """
    return read(file, side).image


def read(file: Path, side: int = 0) -> DecodedImage:
    """As ``decode``, with the file's hash and the image's full size."""
    content = _content(file)
    image, shape = _decode_image(file, content, side)
    return DecodedImage(image, shape, hashlib.sha256(content).hexdigest())


def decode_sample(sample: Sample, side: int = 0, most: int = 0) -> Image.Image:
    """As ``decode``, of a sample's image. Raises ``Unreadable`` if it is not the one imported.

    ``most``, unless it is 0, is of pixels; above it only what can shrink is decoded, and for the
    rest ``Large`` is raised.
    """
    content = _content(sample.file)
    if sample.sha256 and hashlib.sha256(content).hexdigest() != sample.sha256:
        raise Unreadable(sample.file, CHANGED)
    return _decode_image(sample.file, content, side, most)[0]


def open_image(content: bytes, formats: tuple[str, ...] = ()) -> Image.Image:
    """Not yet decoded; of ``formats``, else of those that ``SUFFIXES`` name and no other.

    Some of Pillow's others start programs, such as Ghostscript for PostScript.
    """
    return Image.open(io.BytesIO(content), formats=formats or _list_readable_formats())


def thumbnail(image: Image.Image) -> bytes:
    """JPEG, its longer side at most ``SIZE``."""
    scale = min(1.0, SIZE / max(image.size))
    width, height = (max(1, round(length * scale)) for length in image.size)
    small = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    file = io.BytesIO()
    small.save(file, "JPEG", quality=85)
    return file.getvalue()


def square(image: Image.Image, size: int) -> NDArray[np.uint8]:
    """The whole image resized, antialiased, to (size, size, 3); its aspect is not kept."""
    resized = image.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=3.0)
    return np.array(resized, dtype=np.uint8)


def _content(file: Path) -> bytes:
    try:
        content = read_bytes(file, MOST)
    except OSError as error:
        raise Unreadable(file, f"cannot be read: {cause(error)}") from error
    if not content:
        raise Unreadable(file, "is empty (0 bytes)")
    return content


def _decode_image(
    file: Path, content: bytes, side: int, most: int = 0
) -> tuple[Image.Image, tuple[int, int]]:
    try:
        return _decode(content, side, most)
    except Large:
        raise
    except Exception as error:  # decoders raise anything at all on damaged data
        raise Unreadable(file, _reason(error)) from error


def _decode(content: bytes, side: int, most: int) -> tuple[Image.Image, tuple[int, int]]:
    with open_image(content) as image:
        width, height = image.size
        if most and width * height > most and image.format not in SHRINKING:
            raise Large
        if side:
            image.draft("RGB", (side, side))
        image.load()
        turn = _orientation(image)
        upright = image.transpose(_TURNS[turn]) if turn in _TURNS else image
        return _rgb(upright), (height, width) if turn >= _SIDEWAYS else (width, height)


@lru_cache(maxsize=1)
def _list_readable_formats() -> tuple[str, ...]:
    """Those of ``FORMATS`` that this Pillow was built with."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _orientation(image: Image.Image) -> int:
    """1 is upright, 8 the last there is."""
    try:
        turn = int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # damaged metadata must not lose a good image
        return 1
    return turn if turn in _TURNS else 1


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode == "F" or image.mode.startswith("I"):
        return _from_deep(image)
    if image.has_transparency_data:
        alpha = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (*BACKGROUND, 255))
        return Image.alpha_composite(ground, alpha).convert("RGB")
    return image.copy() if image.mode == "RGB" else image.convert("RGB")


def _from_deep(image: Image.Image) -> Image.Image:
    """Scale 16-bit grey by its full range, and deeper grey by the range it uses."""
    values = np.nan_to_num(np.asarray(image).astype(np.float32))
    low, high = float(values.min()), float(values.max())
    if image.mode != "F" and low >= 0 and high <= _WHITE_16_BIT:
        low, high = 0.0, float(_WHITE_16_BIT)
    grey = (values - low) * (255 / max(high - low, 1e-12))
    return Image.fromarray(grey.round().astype(np.uint8)).convert("RGB")


def _reason(error: Exception) -> str:
    if isinstance(error, Image.DecompressionBombWarning | Image.DecompressionBombError):
        return "has too many pixels to be a face: make it smaller"
    if isinstance(error, UnidentifiedImageError):
        return "is not an image, whatever its name says"
    if isinstance(error, MemoryError):
        return "needs more memory than there is: make it smaller"
    if isinstance(error, ValueError) and "conversion" in str(error):
        return f"has colours that cannot be read ({error}): save it as RGB"
    return "is cut short or damaged: copy it again from its source"
