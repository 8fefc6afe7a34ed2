"""What leaves the view of attention: the figure, shares, tests, the command."""

from collections.abc import Callable

import numpy as np
from PySide6.QtGui import QGuiApplication

from engine.attention.answer import AttentionFound
from engine.domain import Expression
from engine.store.tables import table_text
from msde_gui.pages.attention.appearance import AttentionAppearance
from msde_gui.pages.attention.model import AttentionModel
from msde_gui.pages.attention.request import REGIONS
from msde_gui.panel import Command
from msde_gui.session.export import draw, place, write
from msde_gui.session.jobs import command_line
from msde_gui.session.session import Session

NOTHING = "Nothing has been measured yet"
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
        self._draw("attention.svg")

    def save_png(self) -> None:
        self._draw("attention.png")

    def save_shares(self) -> None:
        self._write("attention-shares.csv", lambda found: _table(self.shares(found)))

    def save_tests(self) -> None:
        self._write("attention-tests.csv", lambda found: _table(tests(found)))

    def copy_command(self) -> None:
        text = command_line([*self._words(), "attention.svg", "--out", "shares.csv"])
        QGuiApplication.clipboard().setText(text)
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

    def _words(self) -> list[str]:
        """Of the command that draws what is shown, without its file."""
        study, drawn = self._session.study, self._drawn
        words = self._model.choice.words(str(study.folder) if study else "STUDY")
        words += ["--dense"] if drawn.dense else []
        return [*words, "--faces", drawn.condition.short, "--figure"]

    def _draw(self, name: str) -> None:
        if not self._model.found:
            self._session.said.emit(NOTHING)
        elif file := place(self._session, name):
            draw(self._session, "Draw the attention", [*self._words(), str(file)], file)

    def _write(self, name: str, content: Callable[[AttentionFound], str]) -> None:
        if self._model.found:
            write(self._session, name, content(self._model.found))
        else:
            self._session.said.emit(NOTHING)


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
