"""What a view shows when it has nothing: what is missing, why, and the buttons that mend it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from msde_gui.style import theme
from msde_gui.style.icons import icon
from msde_gui.widgets.labels import label


class Empty(QWidget):
    """An icon, a heading, a sentence and a row of buttons, in the middle of the room."""

    def __init__(self, picture: str, heading: str, text: str, parent: QWidget | None = None):
        super().__init__(parent)
        self._picture = picture
        self._icon = QLabel()
        self.heading = label(heading, "heading")
        self.text = label(text, "dim", wrap=True)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addStretch(2)
        for one in (self._icon, self.heading, self.text):
            one.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(one)
        layout.addSpacing(6)
        layout.addLayout(self._centred(self.buttons))
        layout.addStretch(3)
        self.say(heading, text)
        self.refresh()

    def button(self, text: str, *, primary: bool = False) -> QPushButton:
        """One more button in the row."""
        made = QPushButton(text)
        made.setProperty("primary", primary)
        self.buttons.addWidget(made)
        return made

    def say(self, heading: str, text: str) -> None:
        self.heading.setText(heading)
        self.heading.setVisible(bool(heading))
        self.text.setText(text)

    def refresh(self) -> None:
        self._icon.setPixmap(icon(self._picture, theme.current().line).pixmap(56, 56))

    @staticmethod
    def _centred(inner: QHBoxLayout) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        row.addLayout(inner)
        row.addStretch(1)
        return row
