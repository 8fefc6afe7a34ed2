"""What is to be measured: runs, faces, and how their heatmaps are made; Compute and Cancel."""

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QPushButton, QWidget

from msde_gui.pages.attention.model import AttentionModel
from msde_gui.pages.attention.request import CONDITIONS, EXPRESSIONS, OWN, TARGETS, VARIANTS
from msde_gui.session.run_choice import MOST
from msde_gui.widgets.checklist import Checklist
from msde_gui.widgets.labels import plain
from msde_gui.widgets.refill import refill

WHY = (
    "Compares the maps with those of the same networks before any training: a map that stays as "
    "it was does not depend on what was learnt."
)


class AttentionControls(QWidget):
    """Shows the model's choice and changes it."""

    def __init__(self, model: AttentionModel) -> None:
        super().__init__()
        self._model = model
        self.runs, self.list = QPushButton(), Checklist(self)
        self.condition = _box(CONDITIONS, lambda value: model.choose(condition=value))
        self.expression = _box(EXPRESSIONS, lambda value: model.choose(expression=value))
        self.variant = _box(VARIANTS, lambda value: model.choose(variant=value))
        self.target = _box(TARGETS, lambda value: model.choose(target=value))
        self.layer = _box({"": OWN}, lambda value: model.choose(layer=value))
        self.sanity = QCheckBox("Sanity check")
        self.compute = QPushButton()
        self._lay_out()
        self.refresh()

    def refresh(self) -> None:
        choice, model = self._model.choice, self._model
        count = len(choice.runs)
        self.runs.setText("1 run" if count == 1 else f"{count} runs")
        self.runs.setToolTip(plain("\n".join(choice.runs)))
        self.list.show_names(tuple(reversed(model.offered)), choice.runs, MOST)
        self._offer_layers(choice.layer)
        for name in ("condition", "expression", "variant", "target", "layer"):
            box: QComboBox = getattr(self, name)
            box.blockSignals(True)
            box.setCurrentIndex(max(0, box.findData(getattr(choice, name))))
            box.blockSignals(False)
        self.sanity.setChecked(choice.sanity)
        self._refresh_button()

    def _refresh_button(self) -> None:
        model = self._model
        self.compute.setText("Cancel" if model.computing else "Compute")
        self.compute.setEnabled(model.computing or (not model.looking and model.found is None))
        self.compute.setProperty("primary", not model.computing and model.found is None)
        self.compute.style().polish(self.compute)

    def _offer_layers(self, chosen: str) -> None:
        names = list(dict.fromkeys(("", *self._model.layers, chosen)))
        refill(self.layer, [(name or OWN, name) for name in names])

    def _act(self) -> None:
        if self._model.computing:
            self._model.cancel()
        else:
            self._model.compute()

    def _lay_out(self) -> None:
        self.runs.setMenu(self.list)
        self.list.toggled.connect(self._model.toggle_run)
        self.sanity.setToolTip(WHY)
        self.sanity.toggled.connect(lambda on: self._model.choose(sanity=on))
        self.compute.clicked.connect(self._act)
        for box, tip in (
            (self.condition, "Faces of which condition"),
            (self.expression, "Faces that show which expression"),
            (self.variant, "How heatmaps are made"),
            (self.target, "Which expression heatmaps explain"),
            (self.layer, "Where the networks are looked into"),
        ):
            box.setToolTip(plain(tip))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 2, 0)
        grid.setSpacing(8)
        rows = (
            (self.runs, self.condition, self.expression, self.compute),
            (self.variant, self.target, self.layer, self.sanity),
        )
        for row, parts in enumerate(rows):
            for column, part in enumerate(parts):
                grid.addWidget(part, row, column)
                grid.setColumnStretch(column, 1 if column < len(parts) - 1 else 0)


def _box(titles: Mapping[str, str], chosen: Callable[[str], None]) -> QComboBox:
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    for name, title in titles.items():
        box.addItem(title, name)
    box.currentIndexChanged.connect(lambda: chosen(box.currentData()))
    return box
