"""The table of paired tests: sortable, and copied as tab-separated text."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFont, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from engine.attention.sentences import short
from engine.store.tables import table_text
from msde_gui.pages.attention.request import REGIONS
from msde_gui.widgets.labels import plain

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
ROLE = Qt.ItemDataRole
ROW, SHOWN = 26, 9  # px; rows that are seen without scrolling
SURE = 0.05
RUNS = (2, 3)  # columns whose names are shortened
WIDTHS = (76, 56, 58, 58, 110, 124, 78, 48)  # px of the columns
HEADINGS = ("Region", "Faces", "Run A", "Run B", "A − B, points", "95 % interval", "p (Holm)", "r")
TIPS = {
    4: "Median over subjects of A's share minus B's, in points of a percent of the map's energy",
    6: "Wilcoxon's signed-rank test by subject, corrected by Holm over all rows; bold: below 0.05",
    7: "Effect size: matched-pairs rank-biserial correlation, -1 to 1",
}
Test = Mapping[str, Any]


def texts(test: Test) -> tuple[str, ...]:
    """A row as it is shown."""
    low, high = (100 * end for end in test["interval"])
    p = test["corrected"]
    return (
        " + ".join(test["of"]),
        test["condition"].upper(),
        test["first"],
        test["second"],
        f"{100 * test['median']:+.2f}",
        f"{low:+.2f} to {high:+.2f}",
        "< 0.001" if p < 0.001 else f"{p:.3f}",
        f"{test['effect']:+.2f}",
    )


def keys(test: Test) -> tuple[Any, ...]:
    """What a row is sorted by, column by column."""
    named = (REGIONS.index(test["of"][0]), test["condition"], test["first"], test["second"])
    return (*named, test["median"], test["interval"][0], test["corrected"], test["effect"])


class Differences(QTableView):
    """Shows ``tests`` of the engine's document."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = _Rows()
        self.setModel(self.rows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.setCornerWidget(QWidget(self))  # Qt's own draws a frame
        self.verticalHeader().setDefaultSectionSize(ROW)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        for column, width in enumerate(WIDTHS):
            self.setColumnWidth(column, width)

    def show_tests(self, tests: Sequence[Test]) -> None:
        if tests is not self.rows.tests:
            self.rows.show(tests)
            header = self.horizontalHeader()
            self.rows.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
            self.setFixedHeight(self.sizeHint().height())

    def sizeHint(self) -> QSize:
        rows = min(SHOWN, len(self.rows.order))
        return QSize(500, self.horizontalHeader().sizeHint().height() + ROW * rows + 14)

    def copy(self) -> None:
        """The selected rows, or all, with their headings."""
        QGuiApplication.clipboard().setText(self.tsv())

    def tsv(self) -> str:
        chosen = sorted(index.row() for index in self.selectionModel().selectedRows())
        places = chosen or range(len(self.rows.order))
        lines = [HEADINGS, *(texts(self.rows.order[place]) for place in places)]
        return table_text(lines, "\t")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)


class _Rows(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self.tests: Sequence[Test] = ()
        self.order: list[Test] = []

    def show(self, tests: Sequence[Test]) -> None:
        self.beginResetModel()
        self.tests, self.order = tests, list(tests)
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column; -1 is the order in which they were made."""
        self.layoutAboutToBeChanged.emit()
        self.order = list(self.tests)
        if column >= 0:
            down = order == Qt.SortOrder.DescendingOrder
            self.order.sort(key=lambda test: keys(test)[column], reverse=down)
        self.layoutChanged.emit()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: Index = ROOT) -> int:
        return len(HEADINGS)

    def data(self, index: Index, role: int = ROLE.DisplayRole) -> Any:
        test = self.order[index.row()]
        if role in (ROLE.DisplayRole, ROLE.ToolTipRole):
            text = texts(test)[index.column()]
            named = index.column() in RUNS
            if role == ROLE.ToolTipRole:
                return plain(text)
            return short(text) if named else text
        if role == ROLE.FontRole and test["corrected"] < SURE:
            font = QFont()
            font.setPixelSize(13)
            font.setBold(True)
            return font
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = ROLE.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == ROLE.ToolTipRole:
            return TIPS.get(section)
        return HEADINGS[section] if role == ROLE.DisplayRole else None
