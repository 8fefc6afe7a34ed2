"""The left rail: one button a page, with icon and word."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout

from msde_gui.style import theme
from msde_gui.style.icons import icon
from msde_gui.widgets.labels import plain

WIDTH = 98


class Rail(QFrame):
    """``pages`` are (title, icon) from top to bottom."""

    chosen = Signal(int)

    def __init__(self, pages: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.setProperty("bar", "left")
        self.setFixedWidth(WIDTH)
        self._pages = pages
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 8, 4, 8)
        column.setSpacing(4)
        for number, (title, _) in enumerate(pages):
            button = QToolButton()
            button.setText(title.partition(" & ")[0])  # the first word of a page with two
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QSize(22, 22))
            button.setFixedSize(WIDTH - 9, 58)
            button.setToolTip(plain(f"{title}  Ctrl+{number + 1}"))
            self._group.addButton(button, number)
            column.addWidget(button)
        column.addStretch(1)
        self._group.idClicked.connect(self.chosen)
        self.refresh()

    @property
    def titles(self) -> list[str]:
        """The pages' titles, from top to bottom."""
        return [title for title, _ in self._pages]

    def show_page(self, number: int) -> None:
        self._group.button(number).setChecked(True)
        self.refresh()

    def refresh(self) -> None:
        colours = theme.current()
        for number, (_, name) in enumerate(self._pages):
            button = self._group.button(number)
            button.setIcon(icon(name, colours.accent if button.isChecked() else colours.dim))
