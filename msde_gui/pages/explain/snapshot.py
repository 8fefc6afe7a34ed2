"""What a sheet of heatmaps shows at one moment: frozen, so that it can be drawn at leisure."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.domain import Sample
from msde_gui.heatmaps.requests import SampleHeatmap
from msde_gui.session.heatmap_styles import HeatmapStyle


@dataclass(frozen=True)
class HeatmapCell:
    """One run and one face. Without a map, ``why`` says why; empty: it is still to come."""

    map: SampleHeatmap | None = None
    peak: float = 0.0  # the value with the last colour
    why: str = ""


@dataclass(frozen=True)
class Still:
    """Faces in rows, runs in columns."""

    samples: tuple[Sample, ...]
    runs: tuple[str, ...]
    cells: Mapping[tuple[int, int], HeatmapCell]  # by row and column
    look: HeatmapStyle
    shown: bool  # the heatmaps over the faces
    peak: float | None  # the end of the one scale; nothing if there are several
    note: str

    def phrase(self, column: int) -> str:
        """What was read of a run's networks, and how it was merged; empty if not known yet."""
        maps = (self.cells[row, column].map for row in range(len(self.samples)))
        return next((made.layer for made in maps if made), "")
