"""One large face with its frame and marks."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from msde_gui.style import theme
from msde_gui.widgets.marks import draw_frame, draw_place, draw_wrong
from msde_gui.widgets.pictures import round_corners


class FaceImage(QWidget):
    """A square picture; ``text`` stands in where there is none."""

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._text = ""
        self._framed = self._wrong = False
        self._made = QPixmap()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return min(width, 260)

    def sizeHint(self) -> QSize:
        return QSize(150, 150)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 80)

    def show_image(self, image: QImage, text: str = "") -> None:
        self._image, self._text, self._made = image, text, QPixmap()
        self.update()

    def mark(self, *, framed: bool, wrong: bool) -> None:
        self._framed, self._wrong = framed, wrong
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        side = min(self.width(), self.height())
        square = QRectF((self.width() - side) / 2, 0, side, side)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._image.isNull():
            draw_place(painter, square)
            painter.setPen(theme.current().dim)
            room = square.adjusted(8, 8, -8, -8).toRect()
            painter.drawText(
                room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._text
            )
        else:
            painter.drawPixmap(square.topLeft(), self._picture(side))
        if self._wrong:
            draw_wrong(painter, square)
        if self._framed:
            draw_frame(painter, square)

    def _picture(self, side: int) -> QPixmap:
        ratio = self.devicePixelRatioF()
        if self._made.width() != round(side * ratio):
            self._made = round_corners(self._image, side, ratio)
        return self._made

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()
