"""Mean heatmaps on an average face, by expression and condition."""

from collections.abc import Iterator, Sequence

import numpy as np

from engine.attention.average_faces import Averaged, Shown, average
from engine.data.images import Unreadable
from engine.domain import Condition, Expression, Sample
from engine.events import Progressed, Report
from engine.explanation.heatmap import Heatmaps
from engine.faces.finder import FaceFinder, picture
from engine.faces.regions import Unplaced

Cell = tuple[Expression, Condition]


def averages(
    faces: FaceFinder, samples: Sequence[Sample], maps: Heatmaps, report: Report, size: int = 128
) -> dict[Cell, Averaged]:
    """An average for each expression and condition with a face; ``maps`` are aligned.

    Images on which no face is found are not in it: ``Averaged.n`` says how many are.
    """
    cells: dict[Cell, list[int]] = {}
    for row, sample in enumerate(samples):
        cells.setdefault((sample.expression, sample.condition), []).append(row)
    found = {}
    for done, cell in enumerate(sorted(cells)):
        report(Progressed("Average faces", done, len(cells)))
        found[cell] = average(_choose_faces(faces, samples, maps, cells[cell]), size)
    report(Progressed("Average faces", len(cells), len(cells)))
    return {cell: one for cell, one in found.items() if one.n}


def _choose_faces(
    faces: FaceFinder, samples: Sequence[Sample], maps: Heatmaps, rows: Sequence[int]
) -> Iterator[Shown]:
    for row in rows:
        try:
            face, image = faces.face(samples[row]), picture(samples[row])
        except (Unplaced, Unreadable):
            continue
        high, wide = face.regions.shape
        scale = np.array([image.shape[1] / wide, image.shape[0] / high])  # a map may be larger
        yield Shown(image, maps.values[row], face.eyes * scale)
