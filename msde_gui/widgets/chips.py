"""The breadcrumb of a selection as a row of small rounded labels."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from msde_gui.widgets.labels import Elided

WHOLE, SHORT = 2, 20  # the first chips are not cut if they have few letters


class Chips(QWidget):
    """Texts side by side; they shorten when there is no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._texts: tuple[str, ...] = ()

    def show_texts(self, texts: Sequence[str]) -> None:
        if tuple(texts) == self._texts:
            return
        self._texts = tuple(texts)
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for number, text in enumerate(texts):
            chip = Elided(text)
            chip.setProperty("chip", True)
            if number < WHOLE and len(text) <= SHORT:
                chip.setMinimumWidth(chip.sizeHint().width())
            self._row.addWidget(chip)
        self._row.addStretch(1)
