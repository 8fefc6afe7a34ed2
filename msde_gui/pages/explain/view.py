"""The selected faces in rows, runs in columns, heatmaps in the cells."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QStackedWidget

from msde_gui.heatmaps.pixmaps import HeatmapPixmaps
from msde_gui.pages.explain.controls import Controls
from msde_gui.pages.explain.footer import Foot, Place
from msde_gui.pages.explain.grid import HeatmapGrid
from msde_gui.pages.explain.model import ExplainModel
from msde_gui.pages.explain.preload import Warming
from msde_gui.pages.explain.tools import ExplainTools
from msde_gui.session.sample_images import SampleImages
from msde_gui.session.session import Session
from msde_gui.widgets.card import Card
from msde_gui.widgets.empty import Empty

NO_RUN = (
    "No finished run yet",
    "Heatmaps show where the networks of a run look: let one run finish first.",
)
NO_FACE = (
    "No face is selected",
    "Click a cell of a confusion matrix or a face, or begin with the mistakes of the newest run.",
)
NO_COLUMN = ("No run is chosen", "Choose up to six runs to compare.")


class HeatmapsView(QStackedWidget):
    """A tab of the Explain page, whose head shows ``tools``; ``refresh`` may be called any time."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.model = ExplainModel(session)
        self.warming = Warming(self.model)
        self.faces = SampleImages(session)
        self.pictures = HeatmapPixmaps(self.faces.jpeg)
        self.grid = HeatmapGrid(self.model, self.pictures)
        self.controls, self.foot = Controls(self.model), Foot(self.model)
        self.tools = ExplainTools(self.model)
        self.empty = Empty("mdi6.eye-outline", *NO_RUN)
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        self.setCurrentIndex(1 if self.model.filled else 0)
        self._refresh_empty()
        for part in (self.tools, self.controls, self.foot, self.grid):
            part.refresh()

    def _refresh_empty(self) -> None:
        self.empty.refresh()
        offered = bool(self.model.offered)
        self.empty.say(*(NO_RUN if not offered else NO_COLUMN if self.model.rows else NO_FACE))
        self.begin.setVisible(not offered)
        self.wrong.setVisible(offered and not self.model.rows)

    def _connect(self) -> None:
        model, session = self.model, self.session
        model.changed.connect(self.refresh)
        here = Qt.ShortcutContext.WidgetWithChildrenShortcut
        QShortcut("M", self, context=here).activated.connect(model.show_next)
        self.grid.pointed.connect(self._point)
        self.grid.chosen.connect(session.focus)
        self.grid.looked_at.connect(model.look_at)
        self.grid.other_wanted.connect(self.faces.focus_partner)
        self.begin.clicked.connect(lambda: session.asked_for_page.emit("experiments"))
        self.wrong.clicked.connect(model.take_wrong)
        session.focus_changed.connect(self._follow_focus)
        session.hovered.connect(lambda _: self.grid.viewport().update())
        session.study_changed.connect(self.pictures.clear)

    def _point(self, at: Place | None) -> None:
        self.session.hover(self.model.rows[at[0]] if at else None)
        self.foot.point(at)

    def _follow_focus(self) -> None:
        self.grid.reveal(self.session.focused)
        self.grid.viewport().update()

    def _lay_out(self) -> None:
        self.begin = self.empty.button("Go to Experiments", primary=True)
        self.wrong = self.empty.button("Take the newest run's wrong faces", primary=True)
        card = Card()
        for part, stretch in ((self.controls, 0), (self.grid, 1), (self.foot, 0)):
            card.body.addWidget(part, stretch)
        self.addWidget(self.empty)
        self.addWidget(card)

    def showEvent(self, event: QShowEvent) -> None:
        self.model.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        self.model.watch(False)
