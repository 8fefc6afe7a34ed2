"""The command palette: every command of the window, found by a few letters of its name."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from msde_gui.panel import Command

SIZE = (560, 380)
MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


def score(wanted: str, title: str) -> int | None:
    """How well a title fits: the smaller the better, nothing if letters are missing."""
    letters, lower = wanted.lower().strip(), title.lower()
    if f" {letters}" in f" {lower}":
        return 0
    if letters in lower:
        return 1
    place = -1
    for letter in letters.replace(" ", ""):
        place = lower.find(letter, place + 1)
        if place < 0:
            return None
    return 2 + place


def fitting(wanted: str, commands: Sequence[Command]) -> list[Command]:
    """The commands with all the letters in order, the best first."""
    scored = [(score(wanted, command.title), n, command) for n, command in enumerate(commands)]
    found = [(points, n, command) for points, n, command in scored if points is not None]
    return [command for _, _, command in sorted(found, key=lambda one: one[:2])]


class Palette(QFrame):
    """A field and a list over the window; Enter runs, Escape leaves."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("popup", True)
        self._commands: Sequence[Command] = ()
        self._shown: list[Command] = []
        self.field = QLineEdit(placeholderText="Type a few letters of a command")
        self.list = QTreeWidget(columnCount=2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformRowHeights(True)
        self.list.setStyleSheet("QTreeWidget::item { height: 30px; }")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addWidget(self.field)
        layout.addWidget(self.list)
        shadow = QGraphicsDropShadowEffect(self, blurRadius=40)
        shadow.setOffset(0, 8)
        self.setGraphicsEffect(shadow)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self.refresh)
        self.list.itemClicked.connect(self._run)
        self.hide()

    def open(self, commands: Sequence[Command]) -> None:
        self._commands = commands
        self.field.clear()
        self.refresh()
        room = self.window().size()
        width, height = min(SIZE[0], room.width() - 20), min(SIZE[1], room.height() - 80)
        self.setGeometry((room.width() - width) // 2, 60, width, height)
        self.list.setColumnWidth(0, width - 150)
        self.show()
        self.raise_()
        self.field.setFocus()

    def refresh(self) -> None:
        self._shown = fitting(self.field.text(), self._commands)
        self.list.clear()
        for command in self._shown:
            item = QTreeWidgetItem([command.title, command.keys])
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.list.addTopLevelItem(item)
        self.list.setCurrentIndex(self.list.model().index(0, 0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.hide()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._pressed(event)
        return False

    def _pressed(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run()
        elif event.key() in MOVES:
            self.list.keyPressEvent(event)
        else:
            return False
        return True

    def _run(self) -> None:
        row = self.list.currentIndex().row()
        self.hide()
        if 0 <= row < len(self._shown):
            self._shown[row].run()
