"""A rendered study as it lies on disk: its images, region maps and labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.data import label_words, tables
from engine.domain import Condition, Dataset, Failure, Sample

REGIONS = (  # in the order of their ids
    "background", "skin", "eyes", "brows", "nose", "mouth", "mask", "hair", "glasses", "clothes",
)  # fmt: skip
CORNERS = ("right_eye_outer", "right_eye_inner", "left_eye_inner", "left_eye_outer")
EYES = ("right_eye", "left_eye")  # centres
LANDMARKS = (
    *CORNERS, *EYES, "nose_tip", "mouth_right", "mouth_left", "upper_lip", "lower_lip", "chin",
)  # fmt: skip


@dataclass(frozen=True)
class Labelled:
    """The rows of ``labels.csv`` and the samples they name, aligned."""

    folder: Path
    rows: tuple[Mapping[str, str], ...]
    dataset: Dataset

    def __len__(self) -> int:
        return len(self.rows)

    def file(self, row: int) -> Path:
        return self.dataset.samples[row].file

    def image(self, row: int) -> Image.Image:
        """RGB."""
        return _opened(self.file(row)).convert("RGB")

    def regions(self, row: int) -> NDArray[np.uint8]:
        """Region ids, (height, width)."""
        file = self.folder / "regions" / f"{self.file(row).stem}.png"
        picture = _opened(file)
        if picture.mode not in ("P", "L"):
            raise Failure(f"{file} is in mode {picture.mode}: a region map has a palette.")
        return np.asarray(picture, dtype=np.uint8)

    def column(self, name: str) -> NDArray[np.str_]:
        """Raises ``Failure`` if the table has no such column."""
        if self.rows and name not in self.rows[0]:
            raise Failure(f"The labels of {self.folder} have no column “{name}”.")
        return np.array([row[name] for row in self.rows], dtype=np.str_)

    def landmark(self, name: str) -> NDArray[np.float64]:
        """Its place in every image, in pixels, (n, 2)."""
        return np.stack([self.column(f"{name}_{axis}").astype(float) for axis in "xy"], axis=1)

    def eye_distance(self) -> NDArray[np.float64]:
        """Pixels between the eyes' centres, (n,)."""
        right, left = (self.landmark(name) for name in EYES)
        return np.asarray(np.linalg.norm(left - right, axis=1), dtype=np.float64)

    def where(self, chosen: NDArray[np.bool_]) -> "Labelled":
        """The rows that are chosen."""
        rows = np.flatnonzero(chosen)
        samples = tuple(self.dataset.samples[row] for row in rows.tolist())
        kept = tuple(self.rows[row] for row in rows)
        return Labelled(self.folder, kept, Dataset(self.dataset.name, samples))

    def of(self, condition: Condition) -> "Labelled":
        return self.where(self.dataset.conditions == condition)


def read(folder: Path) -> Labelled:
    """Raises ``Failure`` for a missing table or a row whose label is unknown."""
    table = tables.read(folder / "labels.csv")
    rows = tuple(dict(zip(table.columns, row, strict=True)) for _, row in table.rows)
    samples = [_sample(folder, number, row) for number, row in enumerate(rows)]
    return Labelled(folder, rows, Dataset(folder.name, tuple(samples)))


def _sample(folder: Path, number: int, row: Mapping[str, str]) -> Sample:
    try:
        file, subject = row["file"], row["subject"]
        expression = label_words.expression(row["expression"])
        condition = label_words.condition(row["condition"])
    except KeyError as error:
        raise Failure(f"The labels of {folder} have no column {error}.") from error
    if expression is None or condition is None:
        raise Failure(f"{folder}: the row of {file} has a label that is not known.")
    places = (folder / file, folder / "faces" / file)
    found = next((place for place in places if place.is_file()), places[0])
    return Sample(number, found, subject, expression, condition, row.get("pair", ""))


def _opened(file: Path) -> Image.Image:
    try:
        with Image.open(file) as picture:
            picture.load()
            return picture
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error}.") from error
