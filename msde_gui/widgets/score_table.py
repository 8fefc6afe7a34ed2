"""Groups of rows that unfold: the scores of runs and, below each, of its folds."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QItemSelectionModel, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from msde_gui.style import theme

ROW = 28  # px
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ID = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class ScoreLine:
    """One run: its texts by column and those of its folds."""

    id: str
    texts: tuple[str, ...]
    folds: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Group:
    """Runs that may be compared with each other."""

    title: str
    lines: tuple[ScoreLine, ...]


class ScoreTable(QTreeWidget):
    """Says ``chosen`` with the id of the run. Columns give way from the right when it is narrow."""

    chosen = Signal(str)

    def __init__(self, headings: Sequence[tuple[str, int]], parent: QWidget | None = None) -> None:
        """``headings`` are texts and widths in px; 0 takes the room that is left."""
        super().__init__(parent)
        self._headings = headings
        self._groups: tuple[Group, ...] = ()
        self._current = ""
        self.setHeaderLabels([text for text, _ in headings])
        self.setIndentation(16)
        self.setUniformRowHeights(True)
        self.setRootIsDecorated(False)
        self.setAllColumnsShowFocus(True)
        self.setExpandsOnDoubleClick(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._shape_header()
        self.itemSelectionChanged.connect(self._say)

    def show_groups(self, groups: tuple[Group, ...], current: str) -> None:
        """What was unfolded stays so."""
        if groups != self._groups:
            self._groups = groups
            self._fill()
        self._current = current
        self._mark()

    def refresh(self) -> None:
        """In the colours of the theme as it is now."""
        dim = QBrush(QColor(theme.current().dim))
        for group in self._children(self.invisibleRootItem()):
            group.setForeground(0, dim)
            for run in self._children(group):
                for fold in self._children(run):
                    for column in range(self.columnCount()):
                        fold.setForeground(column, dim)

    def rows_height(self, most: int) -> int:
        """The height of the header and at most so many rows."""
        rows = sum(1 + len(group.lines) for group in self._groups)
        return self.header().sizeHint().height() + ROW * max(1, min(most, rows)) + 4

    def hide_columns(self, hidden: set[int]) -> None:
        for column in range(self.columnCount()):
            self.setColumnHidden(column, column in hidden)

    def _fill(self) -> None:
        opened = {item.data(0, ID) for item in self._runs() if item.isExpanded()}
        self.blockSignals(True)
        self.clear()
        for group in self._groups:
            head = self._item(self.invisibleRootItem(), (group.title,))
            head.setFlags(Qt.ItemFlag.ItemIsEnabled)
            head.setFirstColumnSpanned(True)
            head.setExpanded(True)
            for line in group.lines:
                run = self._item(head, line.texts)
                run.setData(0, ID, line.id)
                run.setFont(0, _bold(self.font()))
                for texts in line.folds:
                    self._item(run, texts).setData(0, ID, line.id)
                run.setExpanded(line.id in opened)
        self.blockSignals(False)
        self.refresh()

    def _item(self, parent: QTreeWidgetItem, texts: Sequence[str]) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, list(texts))
        for column in range(self.columnCount()):
            item.setSizeHint(column, QSize(0, ROW))
            if column:
                item.setTextAlignment(column, RIGHT)
        return item

    def _mark(self) -> None:
        """Select the current run, unless one of its folds is."""
        chosen = self.selectedItems()
        if chosen and chosen[0].data(0, ID) == self._current:
            return
        run = next((item for item in self._runs() if item.data(0, ID) == self._current), None)
        self.blockSignals(True)
        if run:
            flag = QItemSelectionModel.SelectionFlag
            self.setCurrentItem(run, 0, flag.ClearAndSelect | flag.Rows)
            self.scrollToItem(run)
        self.blockSignals(False)

    def _say(self) -> None:
        for item in self.selectedItems():
            self.chosen.emit(str(item.data(0, ID)))

    def _runs(self) -> list[QTreeWidgetItem]:
        groups = self._children(self.invisibleRootItem())
        return [run for group in groups for run in self._children(group)]

    @staticmethod
    def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
        found = (item.child(number) for number in range(item.childCount()))
        return [child for child in found if child]

    def _shape_header(self) -> None:
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(40)
        for column, (_, width) in enumerate(self._headings):
            mode = QHeaderView.ResizeMode
            header.setSectionResizeMode(column, mode.Fixed if width else mode.Stretch)
            header.resizeSection(column, width or 160)
            side = RIGHT if column else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            self.headerItem().setTextAlignment(column, side)


def _bold(font: QFont) -> QFont:
    made = QFont(font)
    made.setWeight(QFont.Weight.DemiBold)
    return made
