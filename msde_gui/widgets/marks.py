"""Marks that are drawn over a face: a shape for *wrong*, a frame for *in focus*."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from msde_gui.style import theme

CORNER = 6.0  # px


def draw_wrong(painter: QPainter, square: QRectF) -> None:
    """A circle with a cross in the upper right corner."""
    radius = min(9.0, max(6.0, square.width() / 12))
    centre = QPointF(square.right() - radius - 3, square.top() + radius + 3)
    painter.setPen(QPen(QColor("#ffffff"), 1.2))
    painter.setBrush(QColor(theme.current().loss))
    painter.drawEllipse(centre, radius, radius)
    arm = radius * 0.42
    painter.setPen(QPen(QColor("#ffffff"), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(centre + QPointF(-arm, -arm), centre + QPointF(arm, arm))
    painter.drawLine(centre + QPointF(-arm, arm), centre + QPointF(arm, -arm))


def draw_frame(painter: QPainter, square: QRectF) -> None:
    """The accent frame of the sample in focus."""
    painter.setPen(QPen(QColor(theme.current().accent), 3))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(square.adjusted(1, 1, -1, -1), CORNER, CORNER)


def draw_place(painter: QPainter, square: QRectF) -> None:
    """The quiet square where a picture will be."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.current().raised))
    painter.drawRoundedRect(square, CORNER, CORNER)
