"""Box plots in groups, one box for each series: quartiles, 5 to 95 %, dots beyond."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QToolTip, QVBoxLayout, QWidget

from msde_gui import theme

ENDS = (5, 25, 50, 75, 95)  # percentiles: whisker, box, median, box, whisker
ROOM, WIDE = 0.84, 0.74  # of a group for its boxes; of a box's room for the box
REACH, LEAST = 7, 4  # px around a dot; px that can be hit of a flat box
DOT, FAINT = 4, 80  # px; opacity of 255
SPREAD = 0.6  # of a box's width for its dots
GOLDEN = 0.618  # steps of it fill a line evenly
Floats = NDArray[np.floating[Any]]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Series:
    """Values, (n, groups); what is NaN is left out."""

    name: str
    colour: str
    values: Floats


@dataclass(frozen=True, eq=False)
class Box:
    """One series in one group. Rows are those of the series' values."""

    series: int
    group: int
    x: float
    ends: Floats  # (5,), at ``ENDS``
    n: int
    beyond: Rows  # below or above the whiskers


def boxes(series: Sequence[Series]) -> list[Box]:
    """Of every series and group that has values."""
    found, wide = [], ROOM / max(1, len(series))
    for number, one in enumerate(series):
        for group in range(one.values.shape[1]):
            values = one.values[:, group]
            known = np.flatnonzero(~np.isnan(values))
            if len(known):
                ends = np.percentile(values[known], ENDS)
                out = (values[known] < ends[0]) | (values[known] > ends[-1])
                x = group - ROOM / 2 + (number + 0.5) * wide
                found.append(Box(number, group, x, ends, len(known), known[out]))
    return found


class Boxes(QWidget):
    """A click on a box or a dot says ``picked``; the wheel zooms, a double click shows all."""

    picked = Signal(object, object)  # the box; the row of its dot, or None for the box itself

    def __init__(self, colours: theme.Theme | None = None, parent: QWidget | None = None) -> None:
        """In the colours of the window, or in others."""
        super().__init__(parent)
        self._own = colours
        self.boxes: list[Box] = []
        self.series: Sequence[Series] = ()
        self._groups: Sequence[str] = ()
        self._chance: Sequence[float] = ()
        self._unit = ""
        self.plot = pg.PlotWidget()
        self._lay_out()

    def sizeHint(self) -> QSize:
        """Modest: plots would ask for more than a page has."""
        return QSize(420, 300)

    def show_series(
        self, groups: Sequence[str], series: Sequence[Series], chance: Sequence[float], unit: str
    ) -> None:
        """``chance`` is marked in each group by a thin line; ``unit`` names the axis."""
        self._groups, self.series, self._chance = groups, series, chance
        self._unit, self.boxes = unit, boxes(series)
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
        colours = self._own or theme.current()
        self.plot.clear()
        self.plot.setBackground(colours.surface)
        self._draw_axes(colours)
        for number in range(len(self.series)):
            self._draw_series(number, [one for one in self.boxes if one.series == number], colours)
        self._draw_chance(colours)

    def _draw_series(self, number: int, own: Sequence[Box], colours: theme.Theme) -> None:
        colour, half = self.series[number].colour, self.half
        x = np.array([one.x for one in own])
        low, lower, middle, upper, high = np.array([one.ends for one in own]).reshape(-1, 5).T
        tint, fill = QColor(colour), QColor(colour)
        tint.setAlpha(FAINT)
        fill.setAlpha(150)
        if own:
            dots = np.concatenate([self.dots(one) for one in own], axis=1)
            on_screen = self._own is None  # a figure wants outlines, the screen is quicker without
            self.plot.addItem(
                pg.ScatterPlotItem(*dots, size=DOT, brush=tint, pen=None, useCache=on_screen)
            )
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
        QToolTip.showText(
            event.globalPosition().toPoint(), self.tip(found[0]) if found else "", self
        )

    def _lay_out(self) -> None:
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(x=False, y=True)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.viewport().installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)


def _lines(x0: Floats, y0: Floats, x1: Floats, y1: Floats, pen: Any) -> Any:
    """From one point to another, each on its own."""
    x, y = np.stack([x0, x1], axis=1).ravel(), np.stack([y0, y1], axis=1).ravel()
    return pg.PlotCurveItem(x, y, connect="pairs", pen=pen)
