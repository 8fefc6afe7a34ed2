"""Below the heatmaps: their colours, the value under the pointer, how many are still to come."""

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from msde_gui.heatmaps.colour_bar import ColourBar, number, scale_numbers
from msde_gui.heatmaps.colours import FINE, fine
from msde_gui.pages.explain.model import ExplainModel
from msde_gui.widgets.labels import Elided

Place = tuple[int, int, float, float]  # row, column, and the point in the picture, 0 to 1


class Foot(QWidget):
    """Reads the model."""

    def __init__(self, model: ExplainModel) -> None:
        super().__init__()
        self._model = model
        self._at: Place | None = None
        self.bar = ColourBar()
        self.readout = Elided("", "dim")
        self.progress = QProgressBar(textVisible=False)
        self.stop = QPushButton("Stop")
        self.stop.clicked.connect(model.maps.stop)
        self.progress.setFixedWidth(110)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.bar)
        row.addWidget(self.readout, 1)
        row.addWidget(self.progress)
        row.addWidget(self.stop)

    def refresh(self) -> None:
        model = self._model
        self.bar.show_scale(model.looks.now.colours, scale_numbers(model.peak))
        total, missing = len(model.rows) * len(model.columns), model.maps.missing
        self.progress.setMaximum(max(1, total))
        self.progress.setValue(total - missing)
        for part in (self.progress, self.stop):
            part.setVisible(missing > 0)
        self._read_out()

    def point(self, at: Place | None) -> None:
        """Read out what lies there, as long as the pointer does."""
        self._at = at
        self._read_out()

    def _read_out(self) -> None:
        row, column = self._at[:2] if self._at else (0, 0)
        there = self._at and row < len(self._model.rows) and column < len(self._model.runs)
        self.readout.setText(self._value(*self._at) if self._at and there else "")

    def _value(self, row: int, column: int, x: float, y: float) -> str:
        """What lies under the pointer, in numbers."""
        cell = self._model.cell(row, column) if column >= 0 else None
        if not cell or not cell.map or not (0 <= x < 1 and 0 <= y < 1):
            return ""
        value = float(fine(cell.map.values)[int(y * FINE), int(x * FINE)])
        share = f"{100 * value / cell.peak:.0f} % of the scale" if cell.peak else "a flat map"
        own = f"{100 * value / cell.map.peak:.0f} % of this map's maximum" if cell.map.peak else ""
        return " · ".join(filter(None, (self._model.runs[column], number(value), share, own)))
