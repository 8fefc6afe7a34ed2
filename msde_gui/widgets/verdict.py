"""What one run said of one face: its answer and the seven probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from msde_gui.style import theme
from msde_gui.widgets.bars import Bars
from msde_gui.widgets.labels import label


@dataclass(frozen=True)
class FaceAnswer:
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
    """The answer with ✓ or ✗, a picture if there is one, and bars."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = names
        self._said: FaceAnswer | None = None
        self.picture = QLabel()
        self.answer = label()
        self._bars = Bars(names)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.picture)
        head.addWidget(self.answer, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._bars)
        column.addStretch(1)
        self.picture.hide()

    def show_said(self, said: FaceAnswer | None) -> None:
        """Nothing is said of a face that was not tested."""
        self._said = said
        self._bars.setVisible(said is not None)
        if said:
            self._bars.show_values(said.values, said.truth)
        self._write()

    def show_picture(self, picture: QPixmap | None) -> None:
        self.picture.setVisible(picture is not None)
        self.picture.setPixmap(picture or QPixmap())
        self._write()

    def _write(self) -> None:
        """In two lines beside a picture."""
        said, colours = self._said, theme.current()
        if not said:
            self.answer.setText("not tested")
            self.answer.setStyleSheet(f"color: {colours.dim};")
            return
        sign, between = "✓" if said.right else "✗", " " if self.picture.isHidden() else "\n"
        self.answer.setText(f"{sign} {self._names[said.answer]}{between}{max(said.values):.2f}")
        self.answer.setStyleSheet(f"color: {colours.gain if said.right else colours.loss};")
