"""What leaves the view of embeddings: a figure, the data, a list of files, the command."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtGui import QGuiApplication

from engine.domain import Expression
from engine.store.tables import table_text
from engine.system.number_ranges import write_ranges
from msde_gui.pages.embeddings import choice as choices
from msde_gui.pages.embeddings.appearance import EmbeddingAppearance
from msde_gui.pages.embeddings.embedding import RunEmbedding
from msde_gui.pages.embeddings.model import EmbeddingsModel
from msde_gui.panel import Command
from msde_gui.session.export import draw, files, place, write
from msde_gui.session.jobs import command_line
from msde_gui.session.session import Session

LONGEST = 20_000  # characters of a word that every system takes
NOTHING = "There is no picture to export yet"
TOO_MANY = "Too many faces are selected to be marked in a figure: select fewer, or none."
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
        self._draw("svg")

    def save_png(self) -> None:
        self._draw("png")

    def save_data(self) -> None:
        self._write("csv", self.data)

    def save_files(self) -> None:
        self._write("txt", lambda: "".join(f"{file}\n" for file in self.files()))

    def copy_command(self) -> None:
        text = command_line([*self._words(), self._name("svg")])
        QGuiApplication.clipboard().setText(text)
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
            point = [f"{value:.6g}" for value in made.points[row].tolist()]
            held_out, chosen = int(made.held_out[row]), int(sample.id in selected)
            lines.append([*about, *shows, held_out, said, *point, chosen])
        return lines

    def _maps(self) -> list[RunEmbedding]:
        maps = self._model.maps
        return [maps[run] for run in self._model.choice.runs if run in maps and maps[run].whole]

    def _words(self) -> list[str]:
        """Of the command that draws what is shown, without its file."""
        study, maps = self._session.study, self._maps()
        runs = tuple(made.run for made in maps) or self._model.choice.runs
        choice = replace(self._model.choice, runs=runs)
        ringed = write_ranges(self._session.selection.ids)
        marked = ["--ring", ringed] if ringed else []
        made = choices.words(choice, str(study.folder) if study else "STUDY")
        return [*made, *self._drawn.words(maps), *marked, "--out"]

    def _draw(self, ending: str) -> None:
        words = self._words()
        if not self._maps():
            self._session.said.emit(NOTHING)
        elif max(map(len, words)) > LONGEST:
            self._session.failed.emit(TOO_MANY, "")
        elif file := place(self._session, self._name(ending)):
            draw(self._session, "Draw the embeddings", [*words, str(file)], file)

    def _write(self, ending: str, content: Callable[[], str]) -> None:
        if self._maps():
            write(self._session, self._name(ending), content())
        else:
            self._session.said.emit(NOTHING)

    def _name(self, ending: str) -> str:
        return f"{self._model.choice.embedding}.{ending}"
