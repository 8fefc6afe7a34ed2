"""What one run said of one face: its name, its answer, and the seven probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from msde_gui import theme
from msde_gui.widgets.bars import Bars
from msde_gui.widgets.labels import Elided, label


@dataclass(frozen=True)
class Said:
    """A run's title, its probabilities in the expressions' order, and the truth's place."""

    title: str
    values: tuple[float, ...]
    truth: int

    @property
    def answer(self) -> int:
        return self.values.index(max(self.values))

    @property
    def right(self) -> bool:
        return self.answer == self.truth


class Verdict(QWidget):
    """A heading with ✓ or ✗ over bars."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = names
        self._title = Elided("", "dim")
        self._answer = label()
        self._bars = Bars(names)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._answer)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._bars)

    def show_said(self, said: Said) -> None:
        colours = theme.current()
        self._title.setText(said.title)
        sign = "✓" if said.right else "✗"
        share = max(said.values)
        self._answer.setText(f"{self._names[said.answer]} {share:.2f} {sign}")
        self._answer.setStyleSheet(f"color: {colours.gain if said.right else colours.loss};")
        self._bars.show_values(said.values, said.truth)
