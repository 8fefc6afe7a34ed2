"""A panel in a real dock that looks like a card."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from msde_gui.panel import Panel
from msde_gui.style import theme
from msde_gui.style.icons import icon
from msde_gui.widgets.labels import Elided, plain

NARROWEST = 300  # px
EDGE = 14  # px between the docks and the edge of the window


class Dock(QDockWidget):
    """Its head shows the panel's window title, which may change with what the panel shows."""

    def __init__(self, panel: Panel, parent: QWidget) -> None:
        super().__init__(panel.title, parent)
        self.setObjectName(panel.title)
        self.panel = panel
        self.setMinimumWidth(NARROWEST)
        self._heading = Elided(panel.title, "heading")
        self._float = self._button("Float or dock")
        self._close = self._button("Hide: find it again with Ctrl+K")
        self.setTitleBarWidget(self._head())
        self.setWidget(self._body())
        self._float.clicked.connect(lambda: self.setFloating(not self.isFloating()))
        self._close.clicked.connect(self.close)
        panel.windowTitleChanged.connect(self._heading.setText)
        self.refresh()

    def refresh(self) -> None:
        dim = theme.current().dim
        self._float.setIcon(icon("mdi6.dock-window", dim))
        self._close.setIcon(icon("mdi6.close", dim))
        self.panel.refresh()

    def _button(self, tip: str) -> QToolButton:
        button = QToolButton()
        button.setToolTip(plain(tip))
        button.setIconSize(QSize(14, 14))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return button

    def _head(self) -> QWidget:
        frame = QFrame()
        frame.setProperty("dockhead", True)
        row = QHBoxLayout(frame)
        row.setContentsMargins(14, 8, 8, 2)
        row.setSpacing(0)
        row.addWidget(self._heading, 1)
        row.addWidget(self._float)
        row.addWidget(self._close)
        return _inset(frame, top=6)

    def _body(self) -> QWidget:
        frame = QFrame()
        frame.setProperty("dockbody", True)
        column = QVBoxLayout(frame)
        column.setContentsMargins(14, 2, 14, 12)
        column.addWidget(self.panel)
        return _inset(frame, bottom=6)


def _inset(frame: QFrame, top: int = 0, bottom: int = 0) -> QWidget:
    outer = QWidget()
    column = QVBoxLayout(outer)
    column.setContentsMargins(0, top, EDGE, bottom)
    column.setSpacing(0)
    column.addWidget(frame)
    return outer
