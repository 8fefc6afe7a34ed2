"""The card beside the pointer: the face under it, what it shows and what it was taken for."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from msde_gui.widgets.labels import label
from msde_gui.widgets.pictures import read_jpeg, round_corners

SIDE = 84  # px
AWAY = 16  # px from the pointer


class HoverCard(QFrame):
    """A child of the page, so that it needs no window of its own; the mouse goes through it."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self.setProperty("popup", True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.face = QLabel()
        self.face.setFixedSize(SIDE, SIDE)
        self.face.setProperty("role", "dim")
        self.subject, self.truth, self.answer = label("", "heading"), label(), label("", "dim")
        texts = QVBoxLayout()
        texts.setSpacing(2)
        for one in (self.subject, self.truth, self.answer):
            texts.addWidget(one)
        texts.addStretch(1)
        row = QHBoxLayout(self)
        row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetFixedSize)
        row.setContentsMargins(8, 8, 12, 8)
        row.setSpacing(10)
        row.addWidget(self.face)
        row.addLayout(texts)
        self.hide()

    def show_face(self, jpeg: bytes | None, texts: tuple[str, str, str], place: QPoint) -> None:
        """``texts`` are the subject, the truth and the answer; ``place`` is in the page."""
        image = read_jpeg(jpeg)
        if image.isNull():
            self.face.setText("No picture")
        else:
            self.face.setPixmap(round_corners(image, SIDE, self.devicePixelRatioF()))
        for one, text in zip((self.subject, self.truth, self.answer), texts, strict=True):
            one.setText(text)
        self.show()
        self.adjustSize()
        room = self._page.size()
        left, top = place.x() + AWAY, place.y() + AWAY
        if left + self.width() > room.width():
            left = max(0, place.x() - AWAY - self.width())
        self.move(left, max(0, min(top, room.height() - self.height())))
        self.raise_()
