"""Large pictures from the samples' own files, the thumbnail where that is impossible."""

from PIL.Image import Image
from PySide6.QtGui import QImage

from engine.data.images import Large, Unreadable, decode_sample
from engine.domain import Sample
from msde_gui.widgets.pictures import read_jpeg

LARGE = 640  # px of the longer side
SLOW = 16_000_000  # pixels; above it only a format that can shrink while it reads is opened


def read_large(sample: Sample, thumbnail: bytes | None) -> tuple[QImage, str]:
    """The picture as it was imported, and a sentence if that is not what the file holds now."""
    fallback = read_jpeg(thumbnail)
    if not sample.file.is_file():
        return fallback, f"The file is missing: {sample.file}"
    try:
        return _convert(decode_sample(sample, LARGE, SLOW)), ""
    except Large:
        return fallback, ""
    except Unreadable as error:
        return fallback, str(error)


def _convert(image: Image) -> QImage:
    image.thumbnail((LARGE, LARGE))
    width, height = image.size
    return QImage(image.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
