"""A card with every face of a study, a filter, a counter and a size slider."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider, QStackedWidget, QWidget

from msde_gui.widgets.card import Card
from msde_gui.widgets.empty import Empty
from msde_gui.widgets.filterbar import FilterBar
from msde_gui.widgets.gallery import Gallery
from msde_gui.widgets.labels import label
from msde_gui.widgets.pictures import Jpeg

SMALLEST, LARGEST = 64, 256  # px


class Browser(Card):
    """Its parts are public: connect to ``bar`` and ``gallery``."""

    def __init__(
        self,
        names: tuple[Sequence[str], Sequence[str]],
        jpeg: Jpeg,
        caption: Callable[[int], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Faces", parent)
        expressions, conditions = names
        self.bar = FilterBar(expressions, conditions)
        self.gallery = Gallery(jpeg, caption)
        self.counter = label("", "dim")
        self.none = Empty("mdi6.filter-off-outline", "", "No face passes this filter.")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(SMALLEST, LARGEST)
        self.slider.setFixedWidth(120)
        self.slider.setToolTip("Size of the faces")
        self.slider.valueChanged.connect(self.gallery.set_size)
        self.top.addWidget(self.counter)
        self.top.addWidget(self.slider)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.gallery)
        self._stack.addWidget(self.none)
        self.body.addWidget(self.bar)
        self.body.addWidget(self._stack, 1)
        self.body.setContentsMargins(14, 12, 8, 12)

    def show_count(self, shown: int, of: int) -> None:
        self.counter.setText(f"{shown:,} of {of:,}")
        self._stack.setCurrentIndex(0 if shown else 1)

    def refresh(self) -> None:
        self.none.refresh()
        self.gallery.forget()
