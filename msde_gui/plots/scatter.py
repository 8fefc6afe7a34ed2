"""Points in a plane that can be lassoed, pointed at and ringed; only the numbers are drawn here."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from msde_gui.plots import pg
from msde_gui.plots.density import density
from msde_gui.plots.dots import Dots, Pictures, extent
from msde_gui.plots.lasso import Lasso, inside
from msde_gui.plots.marks import MarkStyles, Strength, marks, ring
from msde_gui.style import theme

MOST = 50_000  # points; above it a density image under a sample of them
SAMPLE = 15_000
REACH = 9.0  # px from the pointer to the point it means
STILL = 4.0  # px that a click may move
MARGIN = 0.04
FEW = 40  # rings; more of them are thinner

Ids = NDArray[np.int64]
NOBODY: Ids = np.array([], dtype=np.int64)
NO_PAIRS: Ids = np.zeros((0, 2), dtype=np.int64)


class Scatter(QWidget):
    """``ids``, points and look have one row a point. S, G and R are for who owns it to bind."""

    lassoed = Signal(object, bool)  # ids, and whether they are to be added
    picked = Signal(object, bool)  # one id
    hovered = Signal(object)  # the id under the pointer, or nothing

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ids = NOBODY
        self.points: NDArray[np.float32] = np.zeros((0, 2), dtype=np.float32)
        self.look: MarkStyles | None = None
        self.tool = "lasso"
        self._order = NOBODY  # rows from the bottom to the top
        self._ringed, self._hovered = NOBODY, NOBODY
        self._pairs = NO_PAIRS
        self._pressed: QPointF | None = None
        self._moved = False  # by the user: from now on the view stays where it is
        self.plot: Any = pg.GraphicsView(background=theme.current().surface)
        self.box: Any = pg.ViewBox(enableMenu=False, lockAspect=True)
        self.dots, self.rings, self.pointer = (Dots(self.box) for _ in range(3))
        self.lines = pg.PlotDataItem(connect="pairs")
        self.cloud = pg.ImageItem()
        self.lasso = Lasso(self.plot.viewport())
        self._lay_out()
        self.set_tool("lasso")

    def minimumSizeHint(self) -> QSize:
        return QSize(150, 120)

    def sizeHint(self) -> QSize:
        return QSize(320, 260)

    def show_points(self, ids: Ids, points: NDArray[np.float32], look: MarkStyles) -> None:
        """Another set of points, or the same ones somewhere else; none are joined."""
        self.ids, self.points, self._pairs = ids, points, NO_PAIRS
        self.show_look(look)

    def show_look(self, look: MarkStyles) -> None:
        """Solid marks on top; among equals the order is shuffled, so that none hides the others."""
        self.look = look
        shuffled = np.random.default_rng(0).permutation(len(look.strengths))
        shuffled = shuffled[look.strengths[shuffled] > Strength.HIDDEN]
        self._order = shuffled[np.argsort(look.strengths[shuffled], kind="stable")]
        crowded = len(self._order) > MOST
        self.cloud.setVisible(crowded)
        if crowded:
            self._order = self._order[-SAMPLE:]
        self.dots.show_marks(self.points[self._order], *marks(look, self._order))
        self._settle()

    def show_frame(self, points: NDArray[np.float32]) -> None:
        """The same points somewhere else, as while they are computed."""
        self.points = points
        self.dots.move_marks(points[self._order])
        self._settle()

    def show_ringed(self, ids: Ids) -> None:
        """Ring exactly these, where they are here."""
        self._ringed = ids
        self._draw_rings()

    def show_hovered(self, number: int | None) -> None:
        self._hovered = NOBODY if number is None else np.array([number])
        self._draw_pointer()

    def show_pairs(self, rows: NDArray[np.int64]) -> None:
        """Join these rows of points, (m, 2)."""
        self._pairs = rows
        self._draw_lines()

    def set_tool(self, tool: str) -> None:
        """``lasso`` or ``pan``."""
        self.tool = tool
        shapes = {"lasso": Qt.CursorShape.CrossCursor, "pan": Qt.CursorShape.OpenHandCursor}
        self.plot.viewport().setCursor(shapes[tool])

    def reset(self) -> None:
        """Show all points."""
        self._moved = False
        self._fit()

    def refresh(self) -> None:
        """In the colours of the theme as it is now; those of the points come with their look."""
        self.plot.setBackground(theme.current().surface)
        self._draw_rings()
        self._draw_pointer()

    @property
    def ringed(self) -> Ids:
        """The ids that are ringed here."""
        return self.ids[self._rows(self._ringed)]

    def place(self, number: int) -> QPoint:
        """Where a point is, in px of this widget."""
        (x, y), *_ = self._pixels(self.points[self._rows(np.array([number]))])
        return self.plot.viewport().mapTo(self, QPoint(round(x), round(y)))  # type: ignore[no-any-return]

    def _settle(self) -> None:
        """What lies at the points follows them."""
        if self.look is not None and self.cloud.isVisible():
            density(self.cloud, self.points[self.look.active])
        self._draw_rings()
        self._draw_pointer()
        self._draw_lines()
        self._fit()

    def _draw_rings(self) -> None:
        size, width = (10, 1) if len(self._ringed) > FEW else (12, 2)
        self._mark(self.rings, self._ringed, ring(theme.current().accent, size, width))

    def _draw_pointer(self) -> None:
        self._mark(self.pointer, self._hovered, ring(theme.current().text, 16, 2))

    def _mark(self, dots: Dots, ids: Ids, picture: Pictures) -> None:
        rows = self._rows(ids)
        dots.show_marks(self.points[rows], np.zeros_like(rows), picture)

    def _draw_lines(self) -> None:
        if self.look is None or not len(self._pairs):
            self.lines.setData([], [])
            return
        solid = np.zeros(len(self.points), dtype=bool)  # and drawn: not all of a crowd are
        solid[self._order] = self.look.strengths[self._order] == Strength.SOLID
        pairs = self._pairs[solid[self._pairs].all(axis=1)]
        x, y = self.points[pairs.ravel()].T
        self.lines.setData(x, y, pen=pg.mkPen(theme.current().dim + "70", width=1))

    def _rows(self, ids: Ids) -> NDArray[np.int64]:
        """The rows of those points that are drawn."""
        if self.look is None or not len(ids):
            return NOBODY
        return np.flatnonzero(np.isin(self.ids, ids) & (self.look.strengths > Strength.HIDDEN))

    def _fit(self) -> None:
        if self._moved or self.look is None or not len(self._order):
            return
        room = extent(self.points[self.look.strengths > Strength.HIDDEN])
        self.box.setRange(room, padding=MARGIN)

    def _pixels(self, points: NDArray[np.float32]) -> NDArray[np.float64]:
        """Where points (n, 2) are on the plot."""
        room, ranges = self.box.sceneBoundingRect(), np.array(self.box.viewRange())
        shares = (points - ranges[:, 0]) / np.ptp(ranges, axis=1)
        shares[:, 1] = 1 - shares[:, 1]
        return shares * (room.width(), room.height()) + (room.left(), room.top())  # type: ignore[no-any-return]

    def _nearest(self, place: QPointF) -> int | None:
        """The id of the active point under the pointer."""
        if self.look is None or not self.look.active.any():
            return None
        away = np.hypot(*(self._pixels(self.points) - (place.x(), place.y())).T)
        away[~self.look.active] = np.inf
        row = int(away.argmin())
        return int(self.ids[row]) if away[row] <= REACH else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The lasso takes the left button; everything else is for pyqtgraph as well."""
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(None)
        if not isinstance(event, QMouseEvent):
            self._moved |= event.type() == QEvent.Type.Wheel
            return False
        actions = {
            QEvent.Type.MouseButtonPress: self._press,
            QEvent.Type.MouseMove: self._drag,
            QEvent.Type.MouseButtonRelease: self._release,
        }
        action = actions.get(event.type())
        return action(event) if action else False

    def _press(self, event: QMouseEvent) -> bool:
        if event.button() != Qt.MouseButton.LeftButton:
            self._moved = True
            return False
        self._pressed = event.position()
        if self.tool == "lasso":
            self.lasso.begin(self._pressed)
        return self.tool == "lasso"

    def _drag(self, event: QMouseEvent) -> bool:
        if self.lasso.begun:
            self.lasso.extend(event.position())
            return True
        if not event.buttons():
            self.hovered.emit(self._nearest(event.position()))
        elif self._pressed is not None:
            self._moved = True
        return False

    def _release(self, event: QMouseEvent) -> bool:
        begun, self._pressed = self._pressed, None
        if begun is None or event.button() != Qt.MouseButton.LeftButton:
            return False
        add = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        polygon = self.lasso.polygon
        self.lasso.end()
        if (event.position() - begun).manhattanLength() < STILL and len(polygon) < 3:
            number = self._nearest(event.position())
            if number is not None:
                self.picked.emit(number, add)
        elif len(polygon) >= 3:
            self.lassoed.emit(self._enclosed(polygon), add)
        return self.tool == "lasso"

    def _enclosed(self, polygon: NDArray[np.float64]) -> Ids:
        """The ids of the active points in an outline in px of the plot."""
        if self.look is None:
            return NOBODY
        return self.ids[inside(self._pixels(self.points), polygon) & self.look.active]

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.lasso.setGeometry(self.plot.viewport().rect())
        self._fit()

    def _lay_out(self) -> None:
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setCentralItem(self.box)
        self.box.disableAutoRange()
        for item in (self.cloud, self.lines, self.dots, self.rings, self.pointer):
            self.box.addItem(item)
        self.plot.viewport().installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
