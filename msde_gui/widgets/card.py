"""A quiet surface with a thin line around it: what everything on a page sits on."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from msde_gui.widgets.labels import Elided, label


class Card(QFrame):
    """``body`` holds what the card shows; under a heading, ``top`` is its row and ``note`` dim."""

    def __init__(self, heading: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(14, 12, 14, 12)
        self.body.setSpacing(8)
        if heading:
            self.note = Elided("", "dim")
            self.top = QHBoxLayout()
            self.top.setSpacing(10)
            self.top.addWidget(label(heading, "heading"))
            self.top.addWidget(self.note)
            self.top.addStretch(1)
            self.body.addLayout(self.top)
