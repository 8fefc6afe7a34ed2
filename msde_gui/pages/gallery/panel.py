"""The faces of the selection: where they came from, sorted, the wrong ones marked."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from msde_gui.panel import Command, Panel
from msde_gui.session.export import files, write_list
from msde_gui.session.sample_images import SampleImages
from msde_gui.session.session import Session
from msde_gui.style.icons import icon
from msde_gui.widgets.chips import Chips
from msde_gui.widgets.empty import Empty
from msde_gui.widgets.gallery import Gallery
from msde_gui.widgets.labels import label

ORDERS = (
    ("In order", "order"),
    ("Most confident first", "confident"),
    ("Least confident first", "doubtful"),
    ("Highest loss first", "loss"),
)
HINT = "Click a cell of a confusion matrix, a row or a column: its faces appear here."


class GalleryModel(QObject):
    """The selection in the chosen order."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.order = "order"
        self.sortable = False
        self.ids: NDArray[np.int64] = np.array([], dtype=np.int64)
        self.wrong: frozenset[int] = frozenset()
        session.selection_changed.connect(self._update)
        session.study_changed.connect(self._update)
        self._update()

    def sort(self, order: str) -> None:
        self.order = order
        self._update()

    def files(self) -> list[str]:
        """The paths of the shown faces, in their order."""
        return files(self._session, self.ids.tolist())

    def export(self) -> None:
        """Write the list of files into the study."""
        if self._session.study and len(self.ids):
            write_list(self._session, self.ids.tolist())
        else:
            self._session.said.emit("There is no face to export")

    def _update(self) -> None:
        selection = self._session.selection
        known = [number for number in selection.ids if number in self._session.dataset.row_of]
        ids = np.array(known, dtype=np.int64)
        outcome = self._session.outcomes.of(selection.run) if selection.run else None
        self.sortable = outcome is not None
        self.wrong = outcome.wrong() if outcome else frozenset()
        if outcome and self.order != "order" and len(ids):
            loss = self.order == "loss"
            values = outcome.loss(ids) if loss else outcome.confidence(ids)
            ids = ids[np.argsort(values if self.order == "doubtful" else -values, kind="stable")]
        self.ids = ids
        self.changed.emit()


class GalleryPanel(Panel):
    title = "Gallery"
    icon = "mdi6.view-grid-outline"
    place = 20
    dock = True

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.model = GalleryModel(session)
        faces = SampleImages(session)
        self.chips = Chips()
        self.back, self.forward = QToolButton(), QToolButton()
        self.back.setToolTip("Back  Alt+Left")
        self.forward.setToolTip("Forward  Alt+Right")
        self.order = QComboBox()
        self.order.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.order.setMinimumContentsLength(11)
        for title, name in ORDERS:
            self.order.addItem(title, name)
        self.count = label("", "dim")
        self.gallery = Gallery(faces.jpeg, faces.caption)
        self.empty = Empty("mdi6.view-grid-outline", "", HINT)
        self._lay_out()
        self.back.clicked.connect(lambda: session.step(-1))
        self.forward.clicked.connect(lambda: session.step(1))
        self.order.currentIndexChanged.connect(self._sort)
        self.gallery.chosen.connect(session.focus)
        self.gallery.partner_wanted.connect(faces.focus_partner)
        session.focus_changed.connect(self._follow_focus)
        session.study_changed.connect(self.gallery.forget)
        self.model.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        ids, chips = self.model.ids, self.session.selection.chips
        self.back.setIcon(icon("mdi6.chevron-left"))
        self.forward.setIcon(icon("mdi6.chevron-right"))
        self.empty.refresh()
        self.empty.say("", "No face is in this selection." if chips else HINT)
        self.chips.show_texts(chips)
        self.chips.setVisible(bool(chips))
        self.count.setText(f"{len(ids):,} faces" if len(ids) != 1 else "1 face")
        self.order.setVisible(self.model.sortable and len(ids) > 0)
        self.tools.setVisible(bool(chips or len(ids)))
        self.stack.setCurrentIndex(0 if len(ids) else 1)
        self.gallery.show_ids(ids, self.model.wrong)
        self._follow_focus()

    def commands(self) -> list[Command]:
        return [Command("Export the gallery's list of files", self.model.export, "Ctrl+E")]

    def _lay_out(self) -> None:
        self.tools = QWidget()
        row = QHBoxLayout(self.tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for button in (self.back, self.forward):
            button.setIconSize(QSize(18, 18))
            row.addWidget(button)
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.order)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.gallery)
        self.stack.addWidget(self.empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.chips)
        column.addWidget(self.tools)
        column.addWidget(self.stack, 1)

    def _sort(self) -> None:
        self.model.sort(self.order.currentData())

    def _follow_focus(self) -> None:
        self.gallery.set_focused(self.session.focused)
