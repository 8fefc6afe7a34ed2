"""A part of a form that opens and closes by its heading."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from msde_gui.style import theme
from msde_gui.style.icons import icon


class Unfolding(QWidget):
    """A heading with an arrow above ``body``."""

    def __init__(self, heading: str, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._body = body
        self.button = QToolButton()
        self.button.setCheckable(True)
        self.button.setIconSize(QSize(16, 16))
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.button.setStyleSheet("font-weight: 600; text-align: left; padding: 4px 0;")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.button)
        column.addWidget(body)
        self.button.toggled.connect(self.refresh)
        self.say(heading)
        self.refresh()

    def say(self, heading: str) -> None:
        self.button.setText(heading)

    def refresh(self) -> None:
        opened = self.button.isChecked()
        arrow = "mdi6.chevron-down" if opened else "mdi6.chevron-right"
        self.button.setIcon(icon(arrow, theme.current().dim))
        self._body.setVisible(opened)
