"""Large pictures from the samples' own files, the thumbnail where that is impossible."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QImageReader

LARGE = 640  # px of the longer side
SLOW = 16_000_000  # pixels; above it only a format that can shrink while it reads is opened


def read_large(file: Path, thumbnail: bytes | None) -> tuple[QImage, str]:
    """The picture, and a sentence if it is not what the file holds now."""
    fallback = QImage.fromData(thumbnail) if thumbnail else QImage()
    if not file.is_file():
        return fallback, f"The file is missing: {file}"
    reader = QImageReader(str(file))
    reader.setAutoTransform(True)
    size = reader.size()
    shrinks = bytes(reader.format().data()) == b"jpeg"
    if size.width() * size.height() > SLOW and not shrinks:
        return fallback, ""
    if size.isValid() and max(size.width(), size.height()) > LARGE:
        reader.setScaledSize(size.scaled(QSize(LARGE, LARGE), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        return fallback, f"The file cannot be shown: {reader.errorString()}"
    return image, ""
