"""One error view on its card: its runs, its sentence, its table, and the difference map."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.domain import Expression
from msde_gui.pages.errors.difference_map import DifferenceMap
from msde_gui.pages.errors.listing import Listing
from msde_gui.pages.errors.model import SIDES, ErrorsModel, moving
from msde_gui.pages.errors.table import ListingTable
from msde_gui.session.export import write, write_list
from msde_gui.session.sample_images import SampleImages
from msde_gui.session.session import Session
from msde_gui.style import theme
from msde_gui.style.icons import icon
from msde_gui.widgets.card import Card
from msde_gui.widgets.empty import Empty
from msde_gui.widgets.labels import label

NONE = "No image is here: nothing went wrong in this way, or the filter lets none of it through."
FEW = "This view compares runs: tick at least two of them."
NARROWEST, WIDEST = 84, 210  # px of the choice of a run


class ListingCard(Card):
    """Shows the model's listing; every click in it is a selection of the session."""

    def __init__(self, session: Session, model: ErrorsModel) -> None:
        super().__init__()
        self._session, self._model = session, model
        self.heading = label("", "heading")
        self.looked, self.other = _choice(), _choice()
        self.arrow = label("→", "dim")
        self.more = QToolButton()
        self.sentence = label("", "dim", wrap=True)
        self.map = DifferenceMap([expression.title for expression in Expression])
        self.sides = QButtonGroup(self)
        self.table = ListingTable(SampleImages(session).jpeg)
        self.none = Empty("mdi6.check-circle-outline", "", NONE)
        self._lay_out()
        self._connect()

    def refresh(self) -> None:
        model, listing = self._model, self._model.find_listing()
        self.heading.setText(model.view.title)
        self.sentence.setText(listing.sentence)
        self.sentence.setVisible(bool(listing.sentence))
        self.more.setIcon(icon("mdi6.dots-horizontal"))
        self._refresh_runs()
        enough = len(model.chosen) >= model.view.runs
        self.none.say("", NONE if enough else FEW)
        self.none.refresh()
        self.stack.setCurrentIndex(0 if len(listing) else 1)
        self.table.show_listing(listing)
        self._refresh_map(listing)

    def export(self) -> None:
        """The table as it is sorted, as CSV."""
        listing, rows = self._model.find_listing(), self.table.shown_rows
        text = listing.as_text(rows, ",")
        write(self._session, f"errors-{self._model.name}.csv", text, f"{len(rows):,} rows written")

    def copy_command(self) -> None:
        QGuiApplication.clipboard().setText(self._model.command)
        self._session.said.emit("Command copied")

    def _refresh_runs(self) -> None:
        model = self._model
        for box, run in ((self.looked, model.looked), (self.other, model.other)):
            box.blockSignals(True)
            if [box.itemText(n) for n in range(box.count())] != list(model.chosen):
                box.clear()
                box.addItems(list(model.chosen))
            box.setCurrentText(run)
            box.blockSignals(False)
        several = len(model.chosen) > 1
        self.looked.setVisible(model.view.looks and several)
        for part in (self.arrow, self.other):
            part.setVisible(model.view.compares and several)

    def _refresh_map(self, listing: Listing) -> None:
        self.upper.setVisible(listing.moved is not None)
        if listing.moved is None:
            return
        cells = self._model.cells
        self.map.show_difference(listing.moved)
        self.map.show_cells(cells)
        colours = theme.current()
        looks = " · ".join(
            f'<span style="color:{colour}">■</span> {words} in {escape(self._model.other)}'
            for colour, words in ((colours.gain, "more"), (colours.loss, "fewer"))
        )
        self.legend.setText(f"{looks} · below: moved in and out · click a cell to see the faces")
        for number, (side, words) in enumerate(SIDES.items()):
            button = self.sides.button(number)
            button.setVisible(bool(cells))
            if cells:
                button.setText(f"{len(moving(listing.moved, cells, side)):,} {words}")
            button.setChecked(side == self._model.side)

    def _connect(self) -> None:
        model = self._model
        self.table.chosen.connect(model.select)
        self.table.hovered.connect(self._session.hover)
        self._session.hovered.connect(self.table.show_pointed)
        self.map.chosen.connect(lambda cells: model.select_cells(cells))
        self.sides.idClicked.connect(self._choose_side)
        for box in (self.looked, self.other):
            box.currentTextChanged.connect(self._look)
        self.more.clicked.connect(lambda: self._open_menu(self.more, self.more.rect().bottomLeft()))
        for part in (self.table, self.map):
            part.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(
            lambda place: self._open_menu(self.table.viewport(), place)
        )
        self.map.customContextMenuRequested.connect(lambda place: self._open_menu(self.map, place))

    def _look(self) -> None:
        model, box = self._model, self.sender()
        run, other = self.looked.currentText(), self.other.currentText()
        if run == other:  # the two change places
            run, other = (run, model.looked) if box is self.looked else (model.other, other)
        model.look(run, other)

    def _choose_side(self, number: int) -> None:
        self._model.select_cells(self._model.cells, list(SIDES)[number])

    def _open_menu(self, widget: QWidget, place: QPoint) -> None:
        ids = self._listed(widget)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy as TSV", lambda: self._copy(widget is self.map))
        listed = menu.addAction("Export image list", lambda: write_list(self._session, ids))
        listed.setEnabled(bool(ids))
        menu.addAction("Export this view as CSV  Ctrl+E", self.export)
        menu.addAction("Copy command", self.copy_command)
        menu.popup(widget.mapToGlobal(place))

    def _listed(self, widget: QWidget) -> Sequence[int]:
        """What the menu's list of images holds: of the cells, the rows, or the whole view."""
        listing = self._model.find_listing()
        if widget is self.map:
            return self._session.selection.ids if self._model.cells else ()
        rows = self.table.selected_rows or range(len(listing))
        return self._model.picked(rows)

    def _copy(self, of_map: bool) -> None:
        listing = self._model.find_listing()
        text = self.map.as_tsv() if of_map else listing.as_text(self.table.shown_rows, "\t")
        QGuiApplication.clipboard().setText(text)
        self._session.said.emit("Copied")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.heading)
        head.addStretch(1)
        for part in (self.looked, self.arrow, self.other, self.more):
            head.addWidget(part)
        self.more.setToolTip("Copy and export")
        self.legend = label("", "dim", wrap=True)
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.upper = QWidget()
        above = QVBoxLayout(self.upper)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(4)
        above.addWidget(self.legend)
        above.addWidget(self.map, 1)
        above.addLayout(self._side_row())
        self.stack = QStackedWidget()
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.none)
        self.body.addLayout(head)
        self.body.addWidget(self.sentence)
        self.body.addWidget(self.upper, 3)
        self.body.addWidget(self.stack, 2)

    def _side_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addStrut(26)
        for number in range(len(SIDES)):
            button = QToolButton()
            button.setCheckable(True)
            button.setProperty("tab", True)
            self.sides.addButton(button, number)
            row.addWidget(button)
        row.addStretch(1)
        return row


def _choice() -> QComboBox:
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(18)
    box.setMinimumWidth(NARROWEST)
    box.setMaximumWidth(WIDEST)
    return box
