"""Where runs look, for print: shares by region as box plots, and mean heatmaps on average faces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.attention.average_heatmaps import Cell
from engine.attention.measurement import MeasuredRun
from engine.attention.region_shares import Shares, chance, values
from engine.domain import Condition, Region
from engine.embeddings.colours import RUNS
from engine.store.figure_files import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

WIDE, HIGH, FACE, HEAD = 10.0, 3.9, 1.2, 0.7  # inches: of all, of the boxes, of a face, of titles
ENDS = (5, 95)  # percentiles at the ends of whiskers
ROOM, BOX = 0.84, 0.74  # of a group for its boxes, of a box's room for the box
GOLDEN = 0.618  # steps of it spread dots evenly
OPACITY = 0.6  # of a mean heatmap on its face
UNITS = {False: "% of the map's energy", True: "energy ÷ area"}


@dataclass(frozen=True)
class AttentionStyle:
    """What is drawn of it."""

    dense: bool = False  # energy over area, or else shares of energy
    faces: Condition = Condition.MASKED  # whose average faces


def figure(found: Mapping[str, MeasuredRun], style: AttentionStyle, note: str) -> "Figure":
    """Runs by name, of the same samples; ``note`` says what was measured."""
    from matplotlib.figure import Figure

    cells = _cells(found, style.faces)
    faces = HEAD + FACE * len(found) if cells else 0.01
    drawn = Figure(figsize=(WIDE, HIGH + faces), layout="constrained")
    above, below = drawn.subfigures(2, 1, squeeze=False, height_ratios=(HIGH, faces)).ravel()
    _draw_boxes(above.subplots(), found, style, note)
    if cells:
        _draw_faces(below, found, cells)
    return drawn


def _cells(found: Mapping[str, MeasuredRun], wanted: Condition) -> list[Cell]:
    """Those of the wanted condition, or else of the other one."""
    known = sorted(next(iter(found.values())).means)
    return [cell for cell in known if cell[1] is wanted] or known


def _draw_boxes(
    axes: "Axes", found: Mapping[str, MeasuredRun], style: AttentionStyle, note: str
) -> None:
    wide = ROOM / len(found)
    for number, (run, one) in enumerate(found.items()):
        offset = (number + 0.5) * wide - ROOM / 2
        _draw_run(axes, values(one.shares, one.areas, dense=style.dense), offset, wide, run)
    expected = chance(next(iter(found.values())).areas, dense=style.dense)
    for group, height in enumerate(expected):
        axes.hlines(height, group - 0.48, group + 0.48, INK, "dashed", lw=0.7, zorder=4)
    axes.set_xticks(range(len(Region)), [region.title for region in Region])
    axes.set(xlim=(-0.5, len(Region) - 0.5), ylabel=UNITS[style.dense])
    axes.set_ylim(bottom=0)
    axes.tick_params(length=0, labelsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(note, fontsize=9, parse_math=False)
    marks = "box: quartiles, whiskers: 5 to 95 %, dashed: without preference"
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=3, frameon=False, fontsize=8,
        title=marks, title_fontsize=8,
    )  # fmt: skip


def _draw_run(axes: "Axes", shown: Shares, offset: float, wide: float, run: str) -> None:
    """Its boxes, in every region that has values."""
    colour = RUNS[len(axes.get_legend_handles_labels()[1]) % len(RUNS)]
    columns = [column[~np.isnan(column)] for column in shown.T]
    groups = [group for group, column in enumerate(columns) if len(column)]
    line = {"color": INK, "linewidth": 0.7}
    boxes = axes.boxplot(
        [columns[group] for group in groups], positions=[group + offset for group in groups],
        widths=wide * BOX, whis=ENDS, showfliers=False, patch_artist=True, manage_ticks=False,
        boxprops={"facecolor": colour, "edgecolor": INK, "linewidth": 0.7}, whiskerprops=line,
        capprops=line, medianprops={"color": INK, "linewidth": 1.4},
    )  # fmt: skip
    if groups:
        boxes["boxes"][0].set_label(run)
    for group in groups:
        low, high = np.percentile(columns[group], ENDS)
        beyond = columns[group][(columns[group] < low) | (columns[group] > high)]
        spread = (np.arange(len(beyond)) * GOLDEN % 1 - 0.5) * wide * BOX * 0.6
        axes.plot(group + offset + spread, beyond, ".", color=colour, ms=2, alpha=0.35, zorder=1)


def _draw_faces(part: "SubFigure", found: Mapping[str, MeasuredRun], cells: Sequence[Cell]) -> None:
    """A row for each run, a column for each expression, one scale for all."""
    maps = {run: _relative(one) for run, one in found.items()}
    peak = max(float(one.max()) for every in maps.values() for one in every.values())
    grid = part.subplots(len(found), len(cells), squeeze=False)
    for row, (run, one) in enumerate(found.items()):
        for column, cell in enumerate(cells):
            axes = grid[row, column]
            axes.imshow(one.means[cell].image.round().astype(np.uint8), extent=(0, 1, 0, 1))
            heat = axes.imshow(
                maps[run][cell], "inferno", vmin=0, vmax=peak, alpha=OPACITY,
                extent=(0, 1, 0, 1), interpolation="bilinear",
            )  # fmt: skip
            axes.set(xticks=[], yticks=[])
            if row == 0:
                axes.set_title(f"{cell[0].title}, n = {one.means[cell].n:,}", fontsize=8)
        label = grid[row, 0].set_ylabel(run, fontsize=7, parse_math=False)
        label.set_wrap(True)
    bar = part.colorbar(heat, ax=list(grid.ravel()), fraction=0.015, pad=0.01)
    bar.ax.tick_params(labelsize=7)
    bar.set_label("times the run's mean", fontsize=7)
    part.suptitle(f"Mean heatmaps on average {cells[0][1].title} faces", fontsize=9)


def _relative(one: MeasuredRun) -> dict[Cell, NDArray[np.float32]]:
    """Units differ between runs: over the run's own mean they are comparable."""
    mean = float(np.mean([mean.values for mean in one.means.values()])) or 1.0
    return {cell: average.values / mean for cell, average in one.means.items()}
