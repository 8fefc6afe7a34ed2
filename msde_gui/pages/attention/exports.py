"""What leaves the view of attention: the figure, shares, tests, the command."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QGuiApplication, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator

from engine.attention.answer import AttentionFound
from engine.domain import Expression
from engine.store.tables import table_text
from msde_gui.heatmaps.colour_bar import HEIGHT, draw_bar
from msde_gui.pages.attention import average_faces
from msde_gui.pages.attention.appearance import UNITS, AttentionAppearance
from msde_gui.pages.attention.model import AttentionModel
from msde_gui.pages.attention.request import REGIONS
from msde_gui.panel import Command
from msde_gui.plots.boxes import Boxes
from msde_gui.session.export import write
from msde_gui.session.session import Session
from msde_gui.style import theme

WIDE, HIGH, KEY, GAP = 1120, 400, 24, 16  # px of the plot, its legend, the space around
SHARP = 2  # px of a PNG for each of the figure
ABOUT = ("run", "sample", "file", "subject", "condition", "expression", "target")
TESTED = (
    "first", "second", "of", "condition", "subjects", "median", "low", "high", "p", "corrected",
    "effect",
)  # fmt: skip


class AttentionExports:
    """Everything is written into the study's folder of exports."""

    def __init__(self, session: Session, model: AttentionModel, drawn: AttentionAppearance) -> None:
        self._session, self._model, self._drawn = session, model, drawn

    def commands(self) -> list[Command]:
        """As the menu and the palette have them."""
        return [
            Command("Export the attention as SVG", self.save_svg),
            Command("Export the attention as PNG", self.save_png),
            Command("Export the attention's shares as CSV", self.save_shares),
            Command("Export the attention's tests as CSV", self.save_tests),
            Command("Copy the command that measures attention", self.copy_command),
        ]

    def save_svg(self) -> None:
        self._write("attention.svg", self._svg)

    def save_png(self) -> None:
        self._write("attention.png", self._png)

    def save_shares(self) -> None:
        self._write("attention-shares.csv", lambda found: _table(self.shares(found)))

    def save_tests(self) -> None:
        self._write("attention-tests.csv", lambda found: _table(tests(found)))

    def copy_command(self) -> None:
        QGuiApplication.clipboard().setText(self._model.command)
        self._session.said.emit("Command copied")

    def shares(self, found: AttentionFound) -> list[list[object]]:
        """A line for each run and face: shares of energy, then of area, by region."""
        lines: list[list[object]] = [[*ABOUT, *REGIONS, *(f"area_{name}" for name in REGIONS)]]
        for run, values in found.shares.items():
            for row, number in enumerate(found.samples.tolist()):
                sample = self._session.sample(number)
                if sample:
                    shown = sample.condition.short, sample.expression.title
                    target = Expression(int(found.targets[run][row])).title
                    about = [run, number, sample.file, sample.subject, *shown, target]
                    lines.append([*about, *values[row].tolist(), *found.areas[row].tolist()])
        return lines

    def _write(self, name: str, content: Callable[[AttentionFound], str | bytes]) -> None:
        if self._model.found:
            write(self._session, name, content(self._model.found))
        else:
            self._session.said.emit("Nothing has been measured yet")

    def _png(self, found: AttentionFound) -> bytes:
        size = self._size(found)
        image = QImage(size * SHARP, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(SHARP)
        self._paint(QPainter(image), found)
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"PNG")).write(image)
        return bytes(buffer.data().data())

    def _svg(self, found: AttentionFound) -> bytes:
        generator, buffer = QSvgGenerator(), QBuffer()
        generator.setOutputDevice(buffer)
        generator.setSize(self._size(found))
        generator.setViewBox(QRect(0, 0, self._size(found).width(), self._size(found).height()))
        generator.setResolution(self._dpi())
        generator.setTitle(self._drawn.note)
        self._paint(QPainter(generator), found)
        return bytes(buffer.data().data())

    @staticmethod
    def _dpi() -> int:
        """Of the screen: axes are recorded at its resolution."""
        return round(QGuiApplication.primaryScreen().logicalDotsPerInchX())

    def _size(self, found: AttentionFound) -> QSize:
        below = self._picture(found).height(WIDE) + HEIGHT + GAP
        return QSize(WIDE + 2 * GAP, HIGH + KEY + below + 3 * GAP)

    def _picture(self, found: AttentionFound) -> average_faces.ConditionAverages:
        return average_faces.ConditionAverages(found, self._drawn.condition)

    def _paint(self, painter: QPainter, found: AttentionFound) -> None:
        """On white, as for a paper."""
        size = self._size(found)
        painter.fillRect(0, 0, size.width(), size.height(), QColor(theme.LIGHT.surface))
        painter.translate(GAP, GAP)
        plot = Boxes(theme.LIGHT)
        plot.resize(WIDE, HIGH)
        dense = self._drawn.dense
        plot.show_series(REGIONS, self._drawn.series, found.chance(dense=dense), UNITS[dense])
        plot.plot.resize(WIDE, HIGH)
        plot.grab()  # lays the axes out
        plot.plot.render(painter, QRectF(0, 0, WIDE, HIGH))
        plot.deleteLater()
        painter.translate(0, HIGH)
        self._draw_key(painter)
        painter.translate(0, KEY + GAP)
        picture = self._picture(found)
        average_faces.draw(painter, picture, WIDE, theme.LIGHT)
        room = QRectF(0, picture.height(WIDE) + GAP, 240, HEIGHT)
        draw_bar(painter, room, average_faces.COLOURS, self._drawn.scale)
        painter.end()

    def _draw_key(self, painter: QPainter) -> None:
        left = 40.0
        for one in self._drawn.series:
            painter.fillRect(QRectF(left, 6, 12, 12), QColor(one.colour))
            painter.setPen(QColor(theme.LIGHT.text))
            painter.drawText(QRectF(left + 17, 2, 200, 20), one.name)
            left += 30 + painter.fontMetrics().horizontalAdvance(one.name)


def tests(found: AttentionFound) -> list[list[object]]:
    """A line for each paired test."""
    lines: list[list[object]] = [list(TESTED)]
    for test in found.document["tests"]:
        low, high = test["interval"]
        known = {**test, "of": "+".join(test["of"]), "low": low, "high": high}
        lines.append([known[name] for name in TESTED])
    return lines


def _table(lines: list[list[object]]) -> str:
    return table_text(
        ["" if isinstance(one, float) and np.isnan(one) else one for one in line] for line in lines
    )
