"""What colours mean: a row of names with dots; a click on one asks for it alone."""

from collections.abc import Collection, Sequence
from functools import partial

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from msde_gui.style import theme
from msde_gui.widgets.labels import Elided

DOT = 12  # px


class Legend(QWidget):
    """Entries by their number, or one sentence where they are too many to name."""

    toggled = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[int, QToolButton] = {}
        self._shown: tuple[object, ...] = ()
        self.sentence = Elided("", "dim")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self.sentence)
        self._row.addStretch(1)

    def show_entries(
        self, entries: Sequence[tuple[int, str, str]], chosen: Collection[int]
    ) -> None:
        """Number, name and colour of each; ``chosen`` ones are pressed."""
        self.sentence.hide()
        now = (tuple(entries), frozenset(chosen), theme.current().name)
        if now == self._shown:
            return
        self._clear()
        self._shown = now
        for place, (number, name, colour) in enumerate(entries):
            button = QToolButton()
            button.setText(name)
            button.setIcon(dot(colour))
            button.setIconSize(QSize(DOT, DOT))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setProperty("tab", True)
            button.setCheckable(True)
            button.setChecked(number in chosen)
            button.setToolTip("Show these alone; click again for all")
            button.clicked.connect(partial(self._say, number))
            self.buttons[number] = button
            self._row.insertWidget(place, button)

    def show_sentence(self, text: str) -> None:
        self._clear()
        self.sentence.setText(text)
        self.sentence.show()

    def _say(self, number: int) -> None:
        self.toggled.emit(number)

    def _clear(self) -> None:
        for button in self.buttons.values():
            button.hide()
            button.deleteLater()
        self.buttons, self._shown = {}, ()


def dot(colour: str) -> QIcon:
    """With a dark line around it in the light theme."""
    pixmap = QPixmap(2 * DOT, 2 * DOT)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outlined = theme.current() is theme.LIGHT
    painter.setPen(QPen(QColor(theme.current().outline), 2) if outlined else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(QPointF(DOT, DOT), DOT - 3, DOT - 3)
    painter.end()
    return QIcon(pixmap)
