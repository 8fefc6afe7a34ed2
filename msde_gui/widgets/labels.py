"""Labels in the three type sizes, and one that shortens its text instead of pushing others."""

from html import escape

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy


def plain(text: str) -> str:
    """For a tooltip, which Qt takes as HTML if it looks so: any text is shown as it is."""
    shown = f'<p style="white-space:pre">{escape(text)}</p>'
    return shown if "<" in text or "&" in text else text


def caption(text: str) -> str:
    """For a button or a menu, where & stands before the letter of a shortcut."""
    return text.replace("&", "&&")


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """``role`` is title, heading, dim or nothing for running text."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    made.setProperty("role", role)
    return made


class Elided(QLabel):
    """One line that ends in … where there is no room; the tooltip has the whole."""

    def __init__(
        self, text: str = "", role: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight
    ) -> None:
        super().__init__(text)
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        room = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), self._mode, room.width())
        self.setToolTip(plain(self.text()) if shown != self.text() else "")
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, self.alignment() | Qt.AlignmentFlag.AlignVCenter, shown)
