"""All keys on one sheet, shown by F1."""

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QGridLayout, QVBoxLayout, QWidget

from msde_gui.panel import Command
from msde_gui.widgets.card import Card
from msde_gui.widgets.labels import label

IN_PLACE = (
    ("Previous or next face", "← →"),
    ("The other face of the pair", "Space"),
    ("First or last face", "Home End"),
    ("The next run (errors, embeddings, heatmaps, boxes of attention)", "M"),
)
ROWS = 18


class Keys(QDialog):
    """Every command that has a key, and the keys that work inside a gallery."""

    def __init__(self, commands: Sequence[Command], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        rows = [(command.title, command.keys) for command in commands if command.keys]
        card = Card("Keys")
        grid = QGridLayout()
        grid.setHorizontalSpacing(28)
        grid.setVerticalSpacing(8)
        for number, (title, keys) in enumerate([*rows, *IN_PLACE]):
            column, row = divmod(number, ROWS)
            grid.addWidget(label(title), row, 2 * column)
            grid.addWidget(label(keys, "dim"), row, 2 * column + 1)
        card.body.addLayout(grid)
        QVBoxLayout(self).addWidget(card)
