"""Embeddings of several runs side by side: one selection, one pointer, one filter for all."""

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from msde_gui.pages.embeddings.appearance import EmbeddingAppearance
from msde_gui.pages.embeddings.board import Board
from msde_gui.pages.embeddings.cell import EmbeddingCell
from msde_gui.pages.embeddings.controls import EmbeddingControls
from msde_gui.pages.embeddings.exports import EmbeddingExports
from msde_gui.pages.embeddings.hover_card import HoverCard
from msde_gui.pages.embeddings.model import EmbeddingsModel
from msde_gui.pages.embeddings.pointing import Pointing
from msde_gui.pages.embeddings.toolbar import EmbeddingTools
from msde_gui.panel import Command
from msde_gui.session.sample_images import SampleImages
from msde_gui.session.session import Session
from msde_gui.widgets.empty import Empty
from msde_gui.widgets.labels import Elided
from msde_gui.widgets.legend import Legend

NO_RUN = (
    "No finished run yet",
    "An embedding shows what a trained network makes of every face: train one first.",
)
NO_PICTURE = (
    "Nothing computed yet",
    "Each run's network is asked for its features, which are then drawn in two dimensions. "
    "Pictures are kept: they appear at once the next time.",
)
SIGNS = "● non-masked  ■ masked · solid: held out, faint: trained on"


class EmbeddingsView(QWidget):
    """The page shows it; ``refresh`` may be called at any time, also after a change of theme."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.model = EmbeddingsModel(session)
        self.drawn = EmbeddingAppearance(session)
        self.pointing = Pointing(session, self.model, self.drawn)
        self.exports = EmbeddingExports(session, self.model, self.drawn)
        self._faces = SampleImages(session)
        self.options = EmbeddingControls(session, self.model)
        self.tools = EmbeddingTools(self.drawn)
        self.note, self.bar = Elided(SIGNS, "dim"), QProgressBar()
        self.bar.setTextVisible(False)
        self.legend = Legend()
        self.no_run, self.no_picture = (
            Empty("mdi6.scatter-plot-outline", *NO_RUN),
            Empty("mdi6.scatter-plot-outline", *NO_PICTURE),
        )
        self.board = Board(self.drawn)
        self.stack = QStackedWidget()
        self.card = HoverCard(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        self._show_cells()
        self._ring()
        for part in (self.no_run, self.no_picture, self.options):
            part.refresh()
        self.tools.refresh(self.board.tool)
        self.board.refresh()
        self._show_legend()
        self._show_work()

    def commands(self) -> list[Command]:
        return [
            Command("Compute the embeddings", self._if_seen(self.model.compute)),
            Command("Lasso in a scatter plot", self._if_seen(partial(self.use, "lasso")), "S"),
            Command("Pan in a scatter plot", self._if_seen(partial(self.use, "pan")), "G"),
            Command("Show all points of a scatter plot", self._if_seen(self.board.reset), "R"),
            *self.exports.commands(),
        ]

    @property
    def cells(self) -> dict[str, EmbeddingCell]:
        """By run."""
        return self.board.cells

    def use(self, tool: str) -> None:
        """``lasso`` or ``pan``, in every plot."""
        self.board.use(tool)
        self.tools.refresh(tool)

    def _if_seen(self, run: Callable[[], None]) -> Callable[[], object]:
        """A command of the whole window does something only where it is seen."""
        return lambda: run() if self.isVisible() else None

    def _show_cells(self) -> None:
        """One cell a run, in the order of the choice."""
        for run in self.board.show_runs(self.model.choice.runs):
            self._show_map(run)
        self._choose_page()

    def _choose_page(self) -> None:
        model = self.model
        if not model.offered:
            self.stack.setCurrentWidget(self.no_run)
        elif model.maps or model.computing or model.looking:
            self.stack.setCurrentWidget(self.board)
        else:
            self.stack.setCurrentWidget(self.no_picture)
        for part in (self.options, self.tools, self.strip):
            part.setVisible(bool(model.offered))

    def _show_map(self, run: str) -> None:
        if run in self.cells:
            self.cells[run].show_map(self.model.maps.get(run), self._absent())
            self._choose_page()
            self._show_legend()

    def _move_map(self, run: str) -> None:
        if run in self.cells:
            self.cells[run].move_map(self.model.maps[run])

    def _redraw(self) -> None:
        self.board.redraw()
        self._show_legend()

    def _show_legend(self) -> None:
        entries = self.drawn.entries(list(self.model.maps.values()))
        if entries or not self.model.maps:
            self.legend.show_entries(entries, self.drawn.highlighted)
        else:
            self.legend.show_sentence("A colour for each: point at a face to see whose it is")

    def _show_work(self) -> None:
        work = self.model.work
        self.bar.setVisible(work is not None)
        self.note.setText(work.text if work else SIGNS)
        if work:
            self.bar.setRange(0, work.total)
            self.bar.setValue(work.done)

    def _turn(self) -> None:
        """From looking to computing, or to rest."""
        self.board.say(self._absent())
        self._choose_page()

    def _absent(self) -> str:
        if self.model.computing:
            return "Waits for its turn"
        return "Looking for its picture" if self.model.looking else "Not computed yet"

    def _ring(self) -> None:
        self.board.ring(np.array(self.session.selection.ids, dtype=np.int64))

    def _point(self, run: str, number: int | None) -> None:
        self.session.hover(number)
        sample = None if number is None else self.session.sample(number)
        if number is None or sample is None:
            self.card.hide()
            return
        scatter = self.cells[run].scatter
        place: QPoint = scatter.mapTo(self, scatter.place(number))
        texts = (sample.subject, *self.pointing.said(run, number))
        self.card.show_face(self._faces.jpeg(number), texts, place)

    def _connect(self) -> None:
        model, session = self.model, self.session
        model.chosen.connect(self._show_cells)
        model.mapped.connect(self._show_map)
        model.moved.connect(self._move_map)
        model.worked.connect(self._show_work)
        model.turned.connect(self._turn)
        board, pointing = self.board, self.pointing
        board.lassoed.connect(lambda *said: pointing.select(*said[:2], how="lasso", add=said[2]))
        board.picked.connect(lambda run, number, add: pointing.pick(run, number, add=add))
        board.hovered.connect(self._point)
        here = Qt.ShortcutContext.WidgetWithChildrenShortcut
        QShortcut("M", self, context=here).activated.connect(board.show_next)
        self.drawn.changed.connect(self._redraw)
        self.legend.toggled.connect(self.drawn.highlight)
        session.selection_changed.connect(self._ring)
        session.hovered.connect(self.board.point)
        for name in ("lasso", "pan"):
            self.tools.buttons[name].clicked.connect(partial(self.use, name))
        self.tools.buttons["reset"].clicked.connect(self.board.reset)
        self.tools.offer(self.exports.commands())
        self.no_picture.button("Compute", primary=True).clicked.connect(model.compute)
        go = self.no_run.button("Go to Experiments", primary=True)
        go.clicked.connect(lambda: session.asked_for_page.emit("experiments"))

    def _lay_out(self) -> None:
        for page in (self.board, self.no_picture, self.no_run):
            self.stack.addWidget(page)
        self.strip = QWidget()
        row = QHBoxLayout(self.strip)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.note, 1)
        row.addWidget(self.bar, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.options)
        column.addWidget(self.tools)
        column.addWidget(self.stack, 1)
        column.addWidget(self.legend)
        column.addWidget(self.strip)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.model.wake()

    def event(self, event: QEvent) -> bool:
        """Ctrl+E opens this view's exports while it has the keyboard, before any other taker."""
        if isinstance(event, QKeyEvent) and _exports(event):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
            elif event.type() == QEvent.Type.KeyPress:
                self.tools.export.showMenu()
            return True
        return super().event(event)


def _exports(event: QKeyEvent) -> bool:
    control = Qt.KeyboardModifier.ControlModifier
    return event.key() == Qt.Key.Key_E and event.modifiers() == control
