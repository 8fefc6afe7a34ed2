"""Small multiples of pictures, for print: colour is the true expression, shape the condition."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.domain import Condition, Dataset, Expression
from engine.embeddings.algorithms.base import embedding
from engine.embeddings.colours import EXPRESSIONS
from engine.embeddings.embedding import Embedding
from engine.embeddings.quality import Structure

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACROSS = 3  # pictures in a row
SIDE = 4.0  # inches of one
LEAST = 6.0  # inches across, for the legend
LEGEND = 0.9  # inches
SHAPES = {Condition.NON_MASKED: "o", Condition.MASKED: "s"}
NUMBERS = (("silhouette", "silhouette"), ("purity", "purity"), ("pair_distance", "pair distance"))


def figure(pictures: Sequence[Embedding], dataset: Dataset) -> "Figure":
    """One picture a run. Training samples are faint; the measures stand beneath."""
    from matplotlib.figure import Figure

    columns = min(ACROSS, len(pictures))
    rows = math.ceil(len(pictures) / columns)
    low, high = _limits(pictures)
    shape = np.clip((high[1] - low[1]) / (high[0] - low[0]), 0.4, 1.5)
    side = max(SIDE, LEAST / columns)
    size = (side * columns, (side * shape + 0.9) * rows + LEGEND)
    drawn = Figure(figsize=size, layout="constrained")
    for place, picture in enumerate(pictures, start=1):
        axes = drawn.add_subplot(rows, columns, place)
        axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
        _draw(axes, picture, dataset)
    marks, names = _legend()
    drawn.legend(marks, names, loc="outside lower center", ncols=5, frameon=False, fontsize=8)
    return drawn


def describe_quality(name: str, structure: Structure) -> str:
    """One line: what the numbers are of, and the numbers."""
    values = [(title, getattr(structure, field)) for field, title in NUMBERS]
    parts = [f"{title} {'–' if value is None else f'{value:.2f}'}" for title, value in values]
    return f"{name}: {', '.join(parts)}"


def _limits(pictures: Sequence[Embedding]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The corners of a box around all points with a little room: pictures share their scale."""
    points = np.concatenate([picture.points for picture in pictures])
    low, high = points.min(axis=0), points.max(axis=0)
    room = 0.04 * max(float((high - low).max()), 1e-6)
    return low - room, high + room


def _draw(axes: "Axes", picture: Embedding, dataset: Dataset) -> None:
    rows = np.array([dataset.row_of[number] for number in picture.samples.tolist()])
    colours = np.array(EXPRESSIONS)[dataset.expressions[rows]]
    for held_out in (False, True):
        for condition, shape in SHAPES.items():
            chosen = (picture.held_out == held_out) & (dataset.conditions[rows] == condition)
            axes.scatter(
                picture.points[chosen, 0],
                picture.points[chosen, 1],
                c=colours[chosen].tolist(),
                marker=shape,
                s=14 if held_out else 8,
                alpha=1.0 if held_out else 0.15,
                linewidths=0.4 if held_out else 0,
                edgecolors="#1d2026",
                zorder=2 if held_out else 1,
            )
    axes.set(xticks=[], yticks=[])
    title = embedding(picture.embedding).title
    axes.set_title(f"{picture.run}, fold {picture.fold + 1}: {title}", fontsize=9, parse_math=False)
    of_both = picture.measures.features, picture.measures.picture
    lines = [describe_quality(*pair) for pair in zip(("features", "picture"), of_both, strict=True)]
    axes.set_xlabel("\n".join([f"{picture.measures.samples} held out", *lines]), fontsize=7)


def _legend() -> "tuple[list[Artist], list[str]]":
    """What colours, shapes and faintness mean."""
    from matplotlib.lines import Line2D

    def mark(colour: str, shape: str, alpha: float) -> Line2D:
        edge = "#1d2026" if alpha == 1 else "none"
        return Line2D(
            [], [], color=colour, marker=shape, linestyle="", alpha=alpha, markersize=5,
            markeredgecolor=edge, markeredgewidth=0.4,
        )  # fmt: skip

    marks: list[Artist] = [mark(colour, "o", 1) for colour in EXPRESSIONS]
    marks += [mark("#ffffff", shape, 1) for shape in SHAPES.values()]
    names = [e.title for e in Expression] + [c.title for c in SHAPES]
    return [*marks, mark("#1d2026", "o", 0.3)], [*names, "trained on"]
