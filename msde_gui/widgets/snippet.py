"""A text to copy, such as a command: monospace, read-only, as high as it needs to be."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

MOST = 8  # lines; longer texts scroll
EDGE = 18  # px above and below the text together


class Snippet(QPlainTextEdit):
    """Grows with its text up to ``MOST`` lines."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setStyleSheet(monospace())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_text(self, text: str) -> None:
        if text != self.toPlainText():
            self.setPlainText(text)
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        layout, block, lines = self.document().documentLayout(), self.document().begin(), 0
        while block.isValid():
            layout.blockBoundingRect(block)  # lays the block out, if that has not been done yet
            lines += block.layout().lineCount()
            block = block.next()
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if lines > MOST else policy.ScrollBarAlwaysOff
        )
        height = max(1, min(MOST, lines)) * self.fontMetrics().lineSpacing() + EDGE
        if height != self.height():
            self.setFixedHeight(height)


def monospace() -> str:
    """The style of a text in which each letter counts."""
    family = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    return f"font-family: '{family}'; font-size: 12px;"
