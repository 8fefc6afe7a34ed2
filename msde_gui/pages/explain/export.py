"""A page of heatmaps as files: the figure, the numbers, the raw maps, the list of faces."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from threading import Thread

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPaintDevice, QPainter
from PySide6.QtSvg import QSvgGenerator

from engine.domain import Expression, Sample
from engine.explanation.heatmap import Heatmaps, write
from engine.store.files import make_folder, write_bytes
from engine.store.study import exports_of
from engine.store.tables import table_text
from msde_gui.heatmaps.colour_bar import HEIGHT, draw_bar, scale_numbers
from msde_gui.heatmaps.pixmaps import HeatmapPixmaps
from msde_gui.heatmaps.requests import SampleHeatmap
from msde_gui.pages.explain.drawing import Drawing
from msde_gui.pages.explain.layout import GAP, HEAD, TEXT, HeatmapLayout
from msde_gui.pages.explain.snapshot import Still
from msde_gui.style import theme

SIDE = 160  # px of a face in a figure
MOST = 24  # rows of a figure
SHARP = 2  # pixels of a picture for each px
MARGIN = 16  # px
COLUMNS = ("run", "sample", "file", "subject", "condition", "truth", "fold", "predicted")


def folder(study: Path) -> Path:
    """Where the files of one export go."""
    return exports_of(study) / f"heatmaps-{datetime.now():%Y%m%d-%H%M%S}"


def write_all(still: Still, command: str, pictures: HeatmapPixmaps, to: Path) -> Iterator[None]:
    """Step by step, so that the window stays awake. Raises ``OSError``, and leaves no part then."""
    make_folder(to.parent)
    make_folder(to)
    try:
        yield from _write(still, command, pictures, to)
    except OSError:
        rmtree(to, ignore_errors=True)
        raise


def _write(still: Still, command: str, pictures: HeatmapPixmaps, to: Path) -> Iterator[None]:
    faces = "".join(f"{sample.file}\n" for sample in still.samples)
    texts = (("faces.txt", faces), ("heatmaps.csv", table(still)), ("command.txt", command + "\n"))
    for name, text in texts:
        write_bytes(to / name, text.encode(errors="backslashreplace"))
        yield
    for column, run in enumerate(still.runs):
        made = {sample.id: one for sample, one in _column(still, column)}
        if made:
            write(_heatmaps(made), to / f"{run}.npz")
            yield
    yield from _vector(still, pictures, to / "heatmaps.svg")
    yield from _picture(still, pictures, to / "heatmaps.png")


def table(still: Still) -> str:
    """One line for each run and face that has been explained, as CSV."""
    shares = [f"p_{expression.title}" for expression in Expression]
    head = [*COLUMNS, "target", "maximum", "mean", "layer", *shares]
    lines = [
        [run, *_about(sample, made), *made.probabilities]
        for column, run in enumerate(still.runs)
        for sample, made in _column(still, column)
    ]
    return table_text([head, *lines])


def _about(sample: Sample, made: SampleHeatmap) -> list[object]:
    known = (sample.subject, sample.condition.title, sample.expression.title)
    predicted, target = Expression(made.predicted).title, Expression(made.target).title
    values = float(made.values.max()), float(made.values.mean())
    place = [sample.id, sample.file, *known, made.fold + 1]
    return [*place, predicted, target, *values, made.layer]


def _column(still: Still, column: int) -> list[tuple[Sample, SampleHeatmap]]:
    """The faces that a run has explained."""
    maps = [still.cells[row, column].map for row in range(len(still.samples))]
    return [(sample, one) for sample, one in zip(still.samples, maps, strict=True) if one]


def _heatmaps(made: dict[int, SampleHeatmap]) -> Heatmaps:
    maps = list(made.values())
    return Heatmaps(
        samples=np.array(list(made), dtype=np.int64),
        folds=np.array([one.fold for one in maps], dtype=np.int64),
        targets=np.array([one.target for one in maps], dtype=np.int64),
        probabilities=np.array([one.probabilities for one in maps], dtype=np.float32),
        values=np.stack([one.values for one in maps]),
        layer=maps[0].layer,
    )


def _sheet(still: Still) -> HeatmapLayout:
    runs, rows = len(still.runs), min(MOST, len(still.samples))
    width = (runs + 1) * (SIDE + GAP) - GAP
    return HeatmapLayout(width, HEAD + SIDE + TEXT + GAP, rows, runs)


def _size(sheet: HeatmapLayout) -> QSize:
    return QSize(sheet.width + 2 * MARGIN, sheet.length + HEIGHT + 2 * MARGIN)


def _picture(still: Still, pictures: HeatmapPixmaps, file: Path) -> Iterator[None]:
    """A thread packs it, which takes Qt seconds."""
    image = QImage(_size(_sheet(still)) * SHARP, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SHARP)
    yield from _paint(image, still, pictures, SHARP)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    packing = Thread(target=image.save, args=(buffer, "PNG"))
    packing.start()
    while packing.is_alive():
        yield
    write_bytes(file, bytes(buffer.data().data()))


def _vector(still: Still, pictures: HeatmapPixmaps, file: Path) -> Iterator[None]:
    size, buffer = _size(_sheet(still)), QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle(still.note)
    yield from _paint(generator, still, pictures, 1)
    write_bytes(file, bytes(buffer.data().data()))


def _paint(
    device: QPaintDevice, still: Still, pictures: HeatmapPixmaps, ratio: int
) -> Iterator[None]:
    painter = QPainter(device)
    try:
        yield from _draw(painter, still, pictures, ratio)
    finally:
        painter.end()  # before the device goes, also where the window closes meanwhile


def _draw(painter: QPainter, still: Still, pictures: HeatmapPixmaps, ratio: int) -> Iterator[None]:
    sheet = _sheet(still)
    size = _size(sheet)
    painter.fillRect(0, 0, size.width(), size.height(), QColor(theme.current().surface))
    painter.translate(MARGIN, MARGIN)
    drawing = Drawing(painter, sheet, still, pictures, ratio)
    drawing.heads()
    room = QRectF(0, sheet.length, 240, HEIGHT)
    draw_bar(painter, room, still.look.colours, scale_numbers(still.peak))
    for row in range(sheet.rows):
        yield from drawing.row(row)
        yield
