"""The table of an error view: virtual, sortable, with a face in front of each image."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QIcon, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from msde_gui.pages.errors.listing import Listing
from msde_gui.style import theme
from msde_gui.widgets.labels import plain
from msde_gui.widgets.pictures import Jpeg, Pixmaps

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
ROLE = Qt.ItemDataRole
FACE, LOW, HIGH = 44, 28, 52  # px of a face, of a row of texts, of a row with a face


class ListingTable(QTableView):
    """Says ``chosen`` with rows of the listing, for a click or Enter."""

    chosen = Signal(object)  # a list of rows
    hovered = Signal(object)  # an id, or None

    def __init__(self, jpeg: Jpeg, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = _Rows(jpeg)
        self.setModel(self._rows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setIconSize(QSize(FACE, FACE))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.setCornerWidget(QWidget(self))  # Qt's own draws a frame
        self._shape_header()
        self.clicked.connect(self._say)
        self.entered.connect(self._hover)

    def show_listing(self, listing: Listing) -> None:
        """In the order that the user chose, if it is the same kind of table as before."""
        if listing is self._rows.listing:
            return
        header = self.horizontalHeader()
        if not self._rows.like(listing):
            header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._rows.pictures.fit(FACE, self.devicePixelRatioF(), 0)
        self._rows.show(listing)
        self._rows.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())
        self.verticalHeader().setDefaultSectionSize(HIGH if listing.of_images else LOW)
        for number, column in enumerate(listing.columns):
            self.setColumnWidth(number, column.width + (FACE if self._rows.faced(number) else 0))

    @property
    def shown_rows(self) -> list[int]:
        """Every row of the listing in the order of the table."""
        return [int(row) for row in self._rows.order]

    @property
    def selected_rows(self) -> list[int]:
        """The rows of the listing, from the top of the table."""
        places = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [int(self._rows.order[place]) for place in places]

    def show_pointed(self, number: int | None) -> None:
        """Mark the image that the pointer is over in another view."""
        self._rows.pointed = number
        self.viewport().update()

    def forget(self) -> None:
        """Another study or theme: pictures are made again."""
        self._rows.pictures.clear()
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._say()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered.emit(None)
        super().leaveEvent(event)

    def _say(self) -> None:
        rows = self.selected_rows
        if rows:
            self.chosen.emit(rows)

    def _hover(self, index: QModelIndex) -> None:
        ids = self._rows.listing.ids[self._rows.order[index.row()]]
        self.hovered.emit(ids[0] if self._rows.listing.of_images else None)

    def _shape_header(self) -> None:
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(40)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setSortingEnabled(True)


class _Rows(QAbstractTableModel):
    def __init__(self, jpeg: Jpeg) -> None:
        super().__init__()
        self.listing = Listing("")
        self.order: NDArray[np.int64] = np.arange(0)
        self.pointed: int | None = None
        self.pictures = Pixmaps(jpeg)

    def show(self, listing: Listing) -> None:
        self.beginResetModel()
        self.listing, self.order = listing, np.arange(len(listing))
        self.endResetModel()

    def like(self, other: Listing) -> bool:
        """Whether it has the same columns."""
        return _headings(self.listing) == _headings(other)

    def faced(self, column: int) -> bool:
        """Whether a face stands in front of the text."""
        return column == 0 and self.listing.of_images

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column; -1 is the natural order."""
        self.layoutAboutToBeChanged.emit()
        self.order = np.arange(len(self.listing))
        if 0 <= column < len(self.listing.columns):
            sorted_rows = np.argsort(self.listing.columns[column].values, kind="stable")
            down = order == Qt.SortOrder.DescendingOrder
            self.order = sorted_rows[::-1] if down else sorted_rows
        self.layoutChanged.emit()

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self.order)

    def columnCount(self, parent: Index = ROOT) -> int:
        return len(self.listing.columns)

    def data(self, index: Index, role: int = ROLE.DisplayRole) -> Any:
        row, column = int(self.order[index.row()]), index.column()
        if role in (ROLE.DisplayRole, ROLE.ToolTipRole):
            text = self.listing.text(row, column)
            return plain(text) if role == ROLE.ToolTipRole else text
        if role == ROLE.DecorationRole and self.faced(column):
            number = self.listing.ids[row][0]
            return self._face(number)
        if role == ROLE.BackgroundRole and self.listing.ids[row] == (self.pointed,):
            return QColor(theme.current().raised)
        return None

    def _face(self, number: int) -> QIcon:
        """As bright in a selected row as in any other."""
        ready = self.pictures.ready(number)
        picture = self.pictures.decode(number) if ready is None else ready
        face = QIcon(picture)
        face.addPixmap(picture, QIcon.Mode.Selected)
        return face

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = ROLE.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and section < len(self.listing.columns):
            column = self.listing.columns[section]
            return {
                ROLE.DisplayRole: column.heading,
                ROLE.ToolTipRole: plain(column.tip) or None,
            }.get(ROLE(role))
        return None


def _headings(listing: Listing) -> Sequence[str]:
    return [column.heading for column in listing.columns]
