"""What leaves the view of embeddings: a figure, the data, a list of files, the command."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QRect
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator

from engine.domain import Expression
from engine.store.tables import table_text
from msde_gui.pages.embeddings import quality_text
from msde_gui.pages.embeddings.appearance import EmbeddingAppearance
from msde_gui.pages.embeddings.colouring import KEYS
from msde_gui.pages.embeddings.embedding import RunEmbedding
from msde_gui.pages.embeddings.model import EmbeddingsModel
from msde_gui.panel import Command
from msde_gui.plots import figure
from msde_gui.session.export import files, write
from msde_gui.session.session import Session

COLUMNS = 3
SIDES = "solid: held out, faint: trained on"
SHARP = 2  # px of a PNG for each of the figure
HEADINGS = (
    "run", "fold", "embedding", "seed", "sample", "file", "subject", "expression", "condition",
    "held_out", "predicted", "x", "y", "selected",
)  # fmt: skip


class EmbeddingExports:
    """Everything is written into the study's folder of exports."""

    def __init__(
        self, session: Session, model: EmbeddingsModel, drawn: EmbeddingAppearance
    ) -> None:
        self._session, self._model, self._drawn = session, model, drawn

    def commands(self) -> list[Command]:
        """As the menu and the palette have them."""
        return [
            Command("Export the embeddings as SVG", self.save_svg),
            Command("Export the embeddings as PNG", self.save_png),
            Command("Export the embeddings' data as CSV", self.save_data),
            Command("Export the selected faces' list of files", self.save_files),
            Command("Copy the command that embeds", self.copy_command),
        ]

    def save_svg(self) -> None:
        self._write("svg", self._svg)

    def save_png(self) -> None:
        self._write("png", lambda: _png(self._paint, self._size))

    def save_data(self) -> None:
        self._write("csv", self.data)

    def save_files(self) -> None:
        self._write("txt", lambda: "".join(f"{file}\n" for file in self.files()))

    def copy_command(self) -> None:
        QGuiApplication.clipboard().setText(self._model.command)
        self._session.said.emit("Command copied")

    def files(self) -> list[str]:
        """Of the selected faces."""
        return files(self._session, self._session.selection.ids)

    def data(self) -> str:
        """Every point that is shown, as CSV."""
        return table_text([HEADINGS, *(line for one in self._maps() for line in self._lines(one))])

    def _lines(self, made: RunEmbedding) -> list[list[object]]:
        choice, selected = self._model.choice, set(self._session.selection.ids)
        known, shown = self._drawn.facts(made), self._drawn.look(made).active
        lines: list[list[object]] = []
        for row in np.flatnonzero(shown).tolist():
            sample = self._session.sample(int(made.samples[row]))
            if sample is None:
                continue
            answer = int(known.predicted[row])
            about = [made.run, choice.fold + 1, choice.embedding, choice.seed, sample.id]
            shows = [sample.file, sample.subject, sample.expression.title, sample.condition.title]
            said = Expression(answer).title if answer >= 0 else ""
            place = [f"{value:.6g}" for value in made.points[row].tolist()]
            held_out, chosen = int(made.held_out[row]), int(sample.id in selected)
            lines.append([*about, *shows, held_out, said, *place, chosen])
        return lines

    def _maps(self) -> list[RunEmbedding]:
        maps = self._model.maps
        return [maps[run] for run in self._model.choice.runs if run in maps and maps[run].whole]

    @property
    def _columns(self) -> int:
        return max(1, min(COLUMNS, len(self._maps())))

    @property
    def _size(self) -> QRect:
        wanted = figure.size(self._maps(), self._columns)
        return QRect(0, 0, wanted.width(), wanted.height())

    def _paint(self, painter: QPainter) -> None:
        parts = [self._part(one) for one in self._maps()]
        figure.draw(painter, parts, self._columns, self._key())

    def _part(self, made: RunEmbedding) -> figure.FigurePart:
        ringed = np.flatnonzero(np.isin(made.samples, self._session.selection.ids))
        said = quality_text.sentence(made.measures) if made.measures else ""
        look, pairs = self._drawn.look(made), self._drawn.pairs(made)
        return figure.FigurePart(made.run, made.points, look, ringed, pairs, said)

    def _key(self) -> figure.Key:
        entries = self._drawn.entries(self._maps())
        choice = self._model.choice
        made = f"{choice.embedding}, fold {choice.fold + 1}, seed {choice.seed}"
        coloured = KEYS[self._drawn.key].lower()
        note = f"{made} · colour: {coloured} · circle: non-masked, square: masked · {SIDES}"
        return figure.Key([(name, colour) for _, name, colour in entries], note)

    def _svg(self) -> bytes:
        content = QByteArray()
        buffer = QBuffer(content)
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(self._size.size())
        generator.setViewBox(self._size)
        generator.setTitle(self._model.choice.embedding)
        painter = QPainter(generator)
        self._paint(painter)
        painter.end()
        return bytes(content.data())

    def _write(self, ending: str, content: Callable[[], str | bytes]) -> None:
        if self._maps():
            write(self._session, f"{self._model.choice.embedding}.{ending}", content())
        else:
            self._session.said.emit("There is no picture to export yet")


def _png(paint: Callable[[QPainter], None], room: QRect) -> bytes:
    image = QImage(SHARP * room.width(), SHARP * room.height(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.scale(SHARP, SHARP)
    paint(painter)
    painter.end()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"PNG")).write(image)
    return bytes(content.data())
