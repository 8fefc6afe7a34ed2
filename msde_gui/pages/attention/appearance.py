"""How what was found is drawn: share or density, which condition's average faces."""

from PySide6.QtCore import QObject, Signal

from engine.domain import Condition
from engine.embeddings.colours import RUNS
from engine.explanation.heatmap import TITLES
from msde_gui.heatmaps.colour_bar import number
from msde_gui.pages.attention.model import AttentionModel
from msde_gui.pages.attention.request import TARGETS
from msde_gui.plots.quartiles import Series

UNITS = {False: "% of the map's energy", True: "energy ÷ area"}


class AttentionAppearance(QObject):
    """What is drawn of one model."""

    changed = Signal()

    def __init__(self, model: AttentionModel) -> None:
        super().__init__()
        self._model = model
        self._wanted = Condition.MASKED
        self.dense = False

    def see(self, *, dense: bool) -> None:
        """Energy over area, or shares of energy."""
        if dense != self.dense:
            self.dense = dense
            self.changed.emit()

    def face(self, condition: Condition) -> None:
        """Whose average faces are shown."""
        if condition != self._wanted:
            self._wanted = condition
            self.changed.emit()

    @property
    def condition(self) -> Condition:
        """As wanted, if there are such faces."""
        found = self._model.found
        known = found.conditions if found else ()
        return self._wanted if self._wanted in known or not known else known[0]

    @property
    def series(self) -> tuple[Series, ...]:
        found = self._model.found
        if not found:
            return ()
        return tuple(
            Series(run, RUNS[place % len(RUNS)], found.values(run, dense=self.dense))
            for place, run in enumerate(found.runs)
        )

    @property
    def scale(self) -> tuple[str, ...]:
        """The numbers of the mean maps' colour bar."""
        peak = self._model.found.peak if self._model.found else 0.0
        return ("0", number(peak / 2), number(peak))

    @property
    def note(self) -> str:
        """What is shown."""
        found, choice = self._model.found, self._model.choice
        if not found:
            return ""
        explained = TARGETS[choice.target]
        exact = found.document["exact"]
        n = len(found.samples)
        by = "exact regions" if exact == n else f"{exact:,} of them with exact regions"
        return f"{n:,} faces, {by} · {TITLES[choice.variant]} for {explained.lower()}"
