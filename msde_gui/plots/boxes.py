"""Box plots in groups, one box for each series: quartiles, 5 to 95 %, dots beyond."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip, QVBoxLayout, QWidget

from msde_gui.plots import pg
from msde_gui.plots.quartiles import ROOM, Box, Floats, Series, boxes
from msde_gui.plots.walking import Stop, step
from msde_gui.style import theme
from msde_gui.widgets.labels import plain

WIDE = 0.74  # of a box's room for the box
REACH, LEAST = 7, 4  # px around a dot; px that can be hit of a flat box
DOT, FAINT = 4, 80  # px; opacity of 255
SPREAD = 0.6  # of a box's width for its dots
GOLDEN = 0.618  # steps of it fill a line evenly


class Boxes(QWidget):
    """A click on a box or a dot says ``picked``, or Enter where the arrow keys lead.

    The wheel zooms, a double click shows all.
    """

    picked = Signal(object, object)  # the box; the row of its dot, or None for the box itself

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: list[Box] = []
        self.series: Sequence[Series] = ()
        self._groups: Sequence[str] = ()
        self._chance: Sequence[float] = ()
        self._unit = ""
        self.stop: Stop | None = None  # where the keyboard stands
        self.frame = pg.PlotCurveItem()  # around it
        self.plot = pg.PlotWidget(background=theme.current().surface)
        self._lay_out()

    def sizeHint(self) -> QSize:
        """Modest: plots would ask for more than a page has."""
        return QSize(420, 300)

    def show_series(
        self, groups: Sequence[str], series: Sequence[Series], chance: Sequence[float], unit: str
    ) -> None:
        """``chance`` is marked in each group by a thin line; ``unit`` names the axis."""
        self._groups, self.series, self._chance = groups, series, chance
        self._unit, self.boxes, self.stop = unit, boxes(series), None
        self._draw()
        self.reset()

    def refresh(self) -> None:
        """In the colours of the theme as it is now."""
        self._draw()

    def reset(self) -> None:
        """Show all of it."""
        top = max((self._highest(one) for one in self.boxes), default=1.0)
        self.plot.setRange(
            xRange=(-0.5, max(1, len(self._groups)) - 0.5), yRange=(0, top or 1.0), padding=0.02
        )

    def values(self, box: Box) -> Floats:
        """Of all rows of its series, in its group."""
        return np.asarray(self.series[box.series].values[:, box.group])

    def tip(self, box: Box) -> str:
        """A box in numbers."""
        low, lower, middle, upper, high = box.ends
        return (
            f"{self.series[box.series].name}, {self._groups[box.group]}: median {middle:.3g}, "
            f"half between {lower:.3g} and {upper:.3g}, 90 % between {low:.3g} and {high:.3g}; "
            f"{box.n:,} faces"
        )

    def at(self, place: QPointF) -> tuple[Box, int | None] | None:
        """The box, or the row of one of its dots, under a point of the plot in px."""
        half = self.half
        view = self.plot.getViewBox()
        here = view.mapSceneToView(self.plot.mapToScene(place.toPoint()))
        px, py = view.viewPixelSize()
        near = [one for one in self.boxes if abs(here.x() - one.x) <= max(half, REACH * px)]
        for one in near:
            x, y = self.dots(one)
            away = np.hypot((x - here.x()) / px, (y - here.y()) / py)
            if len(away) and away.min() <= REACH:
                return one, int(one.beyond[away.argmin()])
        slack = LEAST * py
        for one in near:
            if one.ends[1] - slack <= here.y() <= one.ends[3] + slack:
                return one, None
        return None

    def pixel(self, x: float, y: float) -> QPointF:
        """Where a point is on the plot, in px."""
        return QPointF(self.plot.mapFromScene(self.plot.getViewBox().mapViewToScene(QPointF(x, y))))

    @property
    def half(self) -> float:
        """Of a box's width."""
        return ROOM * WIDE / 2 / max(1, len(self.series))

    def dots(self, box: Box) -> tuple[Floats, Floats]:
        """Where those beyond the whiskers are; beside each other, so that more are seen."""
        places = (np.arange(len(box.beyond)) * GOLDEN) % 1 - 0.5
        return np.asarray(box.x + 2 * SPREAD * self.half * places), self.values(box)[box.beyond]

    def _highest(self, box: Box) -> float:
        return float(max(box.ends[-1], self.dots(box)[1].max(initial=-np.inf)))

    def _draw(self) -> None:
        colours = theme.current()
        self.plot.clear()
        self.plot.setBackground(colours.surface)
        self._draw_axes(colours)
        for number in range(len(self.series)):
            self._draw_series(number, [one for one in self.boxes if one.series == number], colours)
        self._draw_chance(colours)
        self.frame.setPen(pg.mkPen(colours.accent, width=2))
        self.plot.addItem(self.frame)
        self._frame()

    def _draw_series(self, number: int, own: Sequence[Box], colours: theme.Theme) -> None:
        colour, half = self.series[number].colour, self.half
        x = np.array([one.x for one in own])
        low, lower, middle, upper, high = np.array([one.ends for one in own]).reshape(-1, 5).T
        tint, fill = QColor(colour), QColor(colour)
        tint.setAlpha(FAINT)
        fill.setAlpha(150)
        if own:
            x_dots, y_dots = np.concatenate([self.dots(one) for one in own], axis=1)
            self.plot.addItem(_dots(x_dots, y_dots, tint))
        edge = pg.mkPen(colours.outline if colours is theme.LIGHT else colour, width=1)
        self.plot.addItem(_lines(x, low, x, lower, edge))
        self.plot.addItem(_lines(x, upper, x, high, edge))
        for end in (low, high):
            self.plot.addItem(_lines(x - half / 2, end, x + half / 2, end, edge))
        self.plot.addItem(
            pg.BarGraphItem(x0=x - half, x1=x + half, y0=lower, y1=upper, brush=fill, pen=edge)
        )
        self.plot.addItem(
            _lines(x - half, middle, x + half, middle, pg.mkPen(colours.text, width=2))
        )

    def _draw_chance(self, colours: theme.Theme) -> None:
        heights = np.array(self._chance, dtype=np.float64)
        groups = np.flatnonzero(~np.isnan(heights))
        heights = heights[groups]
        pen = pg.mkPen(colours.text, width=1, style=Qt.PenStyle.DashLine)
        self.plot.addItem(_lines(groups - 0.48, heights, groups + 0.48, heights, pen))

    def _draw_axes(self, colours: theme.Theme) -> None:
        bottom, left = self.plot.getAxis("bottom"), self.plot.getAxis("left")
        bottom.setTicks([list(enumerate(self._groups))])
        left.setLabel(self._unit, color=colours.dim)
        for axis in (bottom, left):
            axis.setPen(colours.line)
            axis.setTextPen(colours.dim)

    def event(self, event: QEvent) -> bool:
        """Its own keys come before the window's, as long as it has the keyboard."""
        asking = event.type() == QEvent.Type.ShortcutOverride
        if asking and isinstance(event, QKeyEvent) and self._next(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.stop:
            self._enter(self.stop)
        elif found := self._next(event):
            self.stop = found
            self._frame()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.stop = None
        self._frame()

    def _next(self, event: QKeyEvent) -> Stop | None:
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        return step(self.stop, event.key(), [(one.group, one.series) for one in self.boxes])

    def _box(self, stop: Stop) -> Box:
        return next(b for b in self.boxes if (b.group, b.series) == (stop.group, stop.series))

    def _enter(self, stop: Stop) -> None:
        """The box, or the outermost of its dots on that side; nothing without a dot there."""
        box = self._box(stop)
        if not stop.part:
            self.picked.emit(box, None)
            return
        heights = stop.part * self.values(box)[box.beyond]
        if len(heights) and heights.max() > stop.part * box.ends[2]:
            self.picked.emit(box, int(box.beyond[heights.argmax()]))

    def _frame(self) -> None:
        """Mark where the keyboard stands, and say what is there."""
        if self.stop is None:
            self.frame.setData([], [])
            return
        box = self._box(self.stop)
        dots = self.values(box)[box.beyond]
        low, high = {
            1: (box.ends[4], dots.max(initial=box.ends[4])),
            0: (box.ends[1], box.ends[3]),
            -1: (dots.min(initial=box.ends[0]), box.ends[0]),
        }[self.stop.part]
        left, right = box.x - 1.3 * self.half, box.x + 1.3 * self.half
        self.frame.setData([left, right, right, left, left], [low, low, high, high, low])
        place = self.pixel(right, high).toPoint()
        QToolTip.showText(self.plot.mapToGlobal(place), plain(self.tip(box)), self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent):
            if event.type() == QEvent.Type.MouseButtonDblClick:
                self.reset()
            elif event.type() == QEvent.Type.MouseButtonPress:
                self._pick(event)
            elif event.type() == QEvent.Type.MouseMove:
                self._point(event)
        return False

    def _pick(self, event: QMouseEvent) -> None:
        found = self.at(event.position())
        if found and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(*found)

    def _point(self, event: QMouseEvent) -> None:
        found = self.at(event.position())
        shape = Qt.CursorShape.PointingHandCursor if found else Qt.CursorShape.ArrowCursor
        self.plot.viewport().setCursor(shape)
        text = self.tip(found[0]) if found else ""
        QToolTip.showText(event.globalPosition().toPoint(), plain(text), self)

    def _lay_out(self) -> None:
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(x=False, y=True)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.plot.viewport().installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)


def _lines(x0: Floats, y0: Floats, x1: Floats, y1: Floats, pen: Any) -> Any:
    """From one point to another, each on its own."""
    x, y = np.stack([x0, x1], axis=1).ravel(), np.stack([y0, y1], axis=1).ravel()
    return pg.PlotCurveItem(x, y, connect="pairs", pen=pen)


def _dots(x: Floats, y: Floats, tint: QColor) -> Any:
    """Whoever owns the plot knows what is under the pointer: nothing is looked for twice."""
    made = pg.ScatterPlotItem(x, y, size=DOT, brush=tint, pen=None)
    made.mouseClickEvent = lambda event: event.ignore()
    return made
