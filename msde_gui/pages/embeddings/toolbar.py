"""The row that says how the maps are drawn: tool, colour, pairs, training samples, Export."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)

from engine.embeddings.colouring import KEYS
from msde_gui.pages.embeddings.appearance import EmbeddingAppearance
from msde_gui.panel import Command
from msde_gui.style.icons import icon
from msde_gui.widgets.labels import plain

TOOLS = {
    "lasso": ("mdi6.lasso", "Lasso  S"),
    "pan": ("mdi6.pan", "Pan  G"),
    "reset": ("mdi6.fit-to-screen-outline", "Reset  R"),
}


class EmbeddingTools(QWidget):
    """Changes the way of drawing; ``buttons`` and ``export`` are for who owns the maps."""

    def __init__(self, drawn: EmbeddingAppearance) -> None:
        super().__init__()
        self._drawn = drawn
        self.buttons = {name: QToolButton() for name in TOOLS}
        self.colour = QComboBox()
        self.pairs = QCheckBox("Pairs")
        self.training = QCheckBox("Training faces")
        self.export = QPushButton("Export")
        self._lay_out()
        self.colour.currentIndexChanged.connect(
            lambda: drawn.colour_by(str(self.colour.currentData()))
        )
        self.pairs.toggled.connect(drawn.join)
        self.training.toggled.connect(drawn.show_training)
        drawn.changed.connect(self.show_drawn)

    def refresh(self, tool: str) -> None:
        """In the colours of the theme as it is now."""
        for name, (picture, _) in TOOLS.items():
            self.buttons[name].setIcon(icon(picture))
            self.buttons[name].setChecked(name == tool)
        self.export.setIcon(icon("mdi6.tray-arrow-up"))
        self.show_drawn()

    def show_drawn(self) -> None:
        """The way of drawing as it is now."""
        drawn = self._drawn
        self.colour.setCurrentIndex(list(KEYS).index(drawn.key))
        self.pairs.setChecked(drawn.joined)
        self.training.setChecked(drawn.training)

    def offer(self, exports: list[Command]) -> None:
        """What the Export menu has."""
        menu = QMenu(self)
        for command in exports:
            menu.addAction(command.title).triggered.connect(lambda _=False, c=command: c.run())
        self.export.setMenu(menu)
        keys = QKeySequence("Ctrl+E").toString(QKeySequence.SequenceFormat.NativeText)
        self.export.setToolTip(plain(f"Figure, data, list of files, command  {keys}"))

    def _lay_out(self) -> None:
        for key, title in KEYS.items():
            self.colour.addItem(title, key)
        self.colour.setToolTip("What the colours mean")
        self.pairs.setToolTip("Join each masked face to the same one without a mask")
        self.training.setToolTip("Show the faces that the network trained on, faint")
        self.show_drawn()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        group = QButtonGroup(self)
        for name, (_, tip) in TOOLS.items():
            button = self.buttons[name]
            button.setToolTip(plain(tip))
            button.setProperty("tab", True)
            button.setCheckable(name != "reset")
            if name != "reset":
                group.addButton(button)
            row.addWidget(button)
        row.addSpacing(4)
        for one in (self.colour, self.pairs, self.training):
            row.addWidget(one)
        row.addStretch(1)
        row.addWidget(self.export)
