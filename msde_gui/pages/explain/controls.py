"""What one may choose about heatmaps: variant, target, layer, colours, scale, opacity."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QSlider, QWidget

from engine.explanation.heatmap import TARGETS, TITLES
from msde_gui.heatmaps.colours import MAPS
from msde_gui.pages.explain.model import ExplainModel
from msde_gui.session.heatmap_styles import SCALES
from msde_gui.widgets.labels import Elided, label
from msde_gui.widgets.refill import refill

SANITY = "Random weights"
WHY = "The networks before training: a map that does not change does not show what was learnt."
OWN = "The network's own"


class Controls(QWidget):
    """Shows the look of a model and changes it."""

    def __init__(self, model: ExplainModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, looks = model, model.looks
        targets = {name: name for name in TARGETS}
        self.variant = _choice(TITLES, lambda value: looks.ask(variant=value))
        self.target = _choice(targets, lambda value: looks.ask(target=value))
        self.layer = _choice({"": OWN}, lambda value: looks.ask(layer=value))
        self.colours = _choice(MAPS, lambda value: looks.see(colours=value))
        self.scale = _choice(SCALES, lambda value: looks.see(scale=value))
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setToolTip("Opacity of the heatmaps  [ and ]")
        self.opacity.valueChanged.connect(lambda value: looks.see(opacity=value / 100))
        self.random = QCheckBox(SANITY)
        self.random.toggled.connect(lambda on: looks.ask(randomised=on))
        self.why = Elided(WHY, "dim")
        self._lay_out()
        self.refresh()

    def refresh(self) -> None:
        look = self._model.looks.now
        self._offer_layers(look.asked.layer)
        for box, value in (
            (self.variant, look.asked.variant),
            (self.target, look.asked.target),
            (self.layer, look.asked.layer),
            (self.colours, look.colours),
            (self.scale, look.scale),
        ):
            box.blockSignals(True)
            box.setCurrentIndex(max(0, box.findData(value)))
            box.blockSignals(False)
        self.opacity.setValue(round(100 * look.opacity))
        self.random.setChecked(look.asked.randomised)

    def _offer_layers(self, chosen: str) -> None:
        names = list(dict.fromkeys(("", *self._model.layers, chosen)))
        refill(self.layer, [(name or OWN, name) for name in names])

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        parts = (
            ("Variant", self.variant),
            ("Target", self.target),
            ("Layer", self.layer),
            ("Scale", self.scale),
            ("Colours", self.colours),
            ("Opacity", self.opacity),
        )
        for place, (name, part) in enumerate(parts):
            row, column = divmod(place, 3)
            grid.addWidget(label(name, "dim"), row, 2 * column)
            grid.addWidget(part, row, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)
        sanity = QHBoxLayout()
        sanity.setSpacing(10)
        sanity.addWidget(self.random)
        sanity.addWidget(self.why, 1)
        grid.addLayout(sanity, 2, 0, 1, 6)
        grid.setContentsMargins(0, 0, 0, 0)
        self.setLayout(grid)


def _choice(titles: Mapping[str, str], chosen: Callable[[str], None]) -> QComboBox:
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    for name, title in titles.items():
        box.addItem(title, name)
    box.currentIndexChanged.connect(lambda: chosen(box.currentData()))
    return box
