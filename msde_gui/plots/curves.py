"""Loss and accuracy by epoch: folds thin, their mean thick, training dashed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import (
    QGraphicsItem,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from msde_gui.plots import pg
from msde_gui.plots.lines import Lines
from msde_gui.style import theme
from msde_gui.widgets.labels import label

PAUSE = 100  # ms between two redraws
NARROW = 590  # px below which the legend is short
TERMS = ("#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#0072B2", "#F0E442")
Folds = Sequence[Sequence[float]]  # of each fold the values by epoch, from the first


@dataclass(frozen=True)
class CurveData:
    """What one run has said so far; shares lie between 0 and 1."""

    losses: Mapping[str, Folds] = field(default_factory=dict)  # by the name of the term
    training: Folds = ()  # accuracy
    held_out: Mapping[str, Folds] = field(default_factory=dict)  # accuracy by nm and m
    epochs: int = 0  # that were asked for


class Curves(QStackedWidget):
    """Two plots. However often it is told, it is redrawn at most ten times a second."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.draws = 0
        self._history, self._drawn = CurveData(), CurveData()
        self.loss, self.accuracy = _plot(), _plot()
        self._lines = {plot: Lines(plot) for plot in (self.loss, self.accuracy)}
        self._epochs = 0  # that the plots have room for
        self.nothing = label("The curves begin with the end of the first epoch.", "dim", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.legend = label()
        self.terms = label()
        for one in (self.legend, self.terms):
            one.setTextFormat(Qt.TextFormat.RichText)
            one.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.log = QToolButton()
        self.log.setText("log")
        self.log.setToolTip("Logarithmic scale of the loss")
        self.log.setCheckable(True)
        self.log.setProperty("tab", True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._redraw)
        self._lay_out()
        self.log.toggled.connect(self._scale)
        self.refresh()

    def sizeHint(self) -> QSize:
        """Modest: plots would ask for more than a page has."""
        return QSize(360, 200)

    def show_history(self, history: CurveData) -> None:
        """Drawn with the next tick, if it differs from what is on the screen."""
        self._history = history
        if history != self._drawn and not self._timer.isActive():
            self._timer.start(PAUSE)

    def refresh(self) -> None:
        """In the colours of the theme as it is now."""
        colours = theme.current()
        for plot in (self.loss, self.accuracy):
            plot.setBackground(colours.surface)
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setPen(colours.line)
                axis.setTextPen(colours.dim)
        self._redraw()

    def _redraw(self) -> None:
        self.draws += 1
        self._drawn = self._history
        self.setCurrentIndex(1 if self._drawn.training else 0)
        self._draw_losses()
        self._draw_accuracy()
        for plot in self._lines:
            if self._epochs != self._drawn.epochs:
                plot.setXRange(1, max(2, self._drawn.epochs), padding=0.03)
            plot.getViewBox().updateAutoRange()  # left to the painting, it would paint twice
        self._epochs = self._drawn.epochs

    def _draw_losses(self) -> None:
        lines, entries = self._lines[self.loss], []
        lines.begin()
        for number, (name, folds) in enumerate(self._drawn.losses.items()):
            colour = TERMS[number % len(TERMS)]
            _draw(lines, name, folds, colour)
            entries.append(_entry(colour, escape(name.replace("_", " "))))
        lines.end()
        self.terms.setText("&ensp;".join(entries))
        self.terms.setVisible(len(entries) > 1 or self.width() >= NARROW)

    def _draw_accuracy(self) -> None:
        lines, colours = self._lines[self.accuracy], theme.current()
        lines.begin()
        held_out = self._drawn.held_out
        narrow = self.width() < NARROW
        entries = [_entry(colours.dim, "train", "" if narrow else "┅")]
        _draw(lines, "train", _percent(self._drawn.training), colours.dim, Qt.PenStyle.DashLine)
        for name, title, colour in (
            ("nm", "NM" if narrow else "non-masked", colours.gain),
            ("m", "M" if narrow else "masked", colours.loss),
        ):
            if name in held_out:
                _draw(lines, name, _percent(held_out[name]), colour)
                entries.append(_entry(colour, title, "" if narrow else "━"))
        if held_out:
            _mark_best(lines, held_out, self._drawn.epochs, narrow)
        lines.end()
        self.legend.setText("&ensp;".join(entries))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The legend and the mark of the best epoch depend on the room."""
        super().resizeEvent(event)
        if not self._timer.isActive():
            self._timer.start(PAUSE)

    def _scale(self, logarithmic: bool) -> None:
        self.loss.setLogMode(y=logarithmic)

    def _lay_out(self) -> None:
        plots = QWidget()
        row = QHBoxLayout(plots)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        for title, key, plot, extra in (
            ("Loss", self.terms, self.loss, self.log),
            ("Accuracy %", self.legend, self.accuracy, None),
        ):
            head = QHBoxLayout()
            head.setSpacing(8)
            head.addStrut(24)
            name = label(title)
            name.setStyleSheet("font-weight: 600;")
            head.addWidget(name)
            head.addWidget(key, 1)
            head.addStretch(0)
            if extra:
                head.addWidget(extra)
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addLayout(head)
            column.addWidget(plot, 1)
            row.addLayout(column, 1)
        self.addWidget(self.nothing)
        self.addWidget(plots)


def mean(folds: Folds) -> NDArray[np.float64]:
    """Over the folds that have come so far, by epoch."""
    longest = max((len(fold) for fold in folds), default=0)
    table = np.full((len(folds), longest), np.nan)
    for row, fold in zip(table, folds, strict=True):
        row[: len(fold)] = fold
    known = ~np.isnan(table)
    sums = np.where(known, table, 0).sum(axis=0)
    return np.asarray(sums / np.maximum(known.sum(axis=0), 1), dtype=np.float64)


def best(held_out: Mapping[str, Folds]) -> tuple[int, float]:
    """The epoch, from 1, of the highest mean over folds and conditions, and that mean."""
    means = [mean(folds) for folds in held_out.values()]
    shortest = min(len(one) for one in means)
    if not shortest:
        return 0, 0.0
    whole = np.mean([one[:shortest] for one in means], axis=0)
    return int(whole.argmax()) + 1, float(whole.max())


def _mark_best(lines: Lines, held_out: Mapping[str, Folds], epochs: int, short: bool) -> None:
    epoch, share = best(held_out)
    if not epoch:
        return
    text = f"best {100 * share:.1f}" + ("" if short else f" in epoch {epoch}")
    pen = pg.mkPen(theme.current().dim, width=1, style=Qt.PenStyle.DotLine)
    lines.mark("best", epoch, text, 1 if 2 * epoch > epochs else 0, pen)


def _plot() -> Any:
    plot = pg.PlotWidget()
    plot.setMenuEnabled(False)
    plot.setMouseEnabled(x=False, y=False)
    plot.hideButtons()
    plot.showGrid(x=False, y=True, alpha=0.5)
    plot.setMinimumSize(120, 90)
    for side in ("left", "bottom"):  # its numbers are laid out anew at each painting otherwise
        plot.getAxis(side).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
    plot.getAxis("left").setWidth(34)
    plot.getAxis("bottom").setStyle(maxTickLevel=0)
    return plot


def _draw(
    lines: Lines, name: str, folds: Folds, colour: str, style: Qt.PenStyle = Qt.PenStyle.SolidLine
) -> None:
    """One line for all folds, broken between them, and one for their mean: few are quick."""
    faint, middle = QColor(colour), mean(folds)
    faint.setAlphaF(0.35)
    if len(folds) > 1:
        x = [epoch for fold in folds for epoch in (*range(1, len(fold) + 1), np.nan)]
        y = [value for fold in folds for value in (*fold, np.nan)]
        lines.line(f"{name}, each", y, x, pg.mkPen(faint, width=1, style=style))
    pen = pg.mkPen(colour, width=2, style=style)
    single = colour if len(middle) == 1 else ""
    lines.line(name, middle, np.arange(1, len(middle) + 1), pen, single)


def _percent(folds: Folds) -> Folds:
    return [[100 * value for value in fold] for fold in folds]


def _entry(colour: str, name: str, stroke: str = "━") -> str:
    """Without a stroke the name itself has the colour."""
    ink = theme.current().dim if stroke else colour
    return (
        f'<span style="color:{colour}; font-size:12px">{stroke}</span>'
        f'<span style="color:{ink}; font-size:12px">&nbsp;{name}</span>'
    )
