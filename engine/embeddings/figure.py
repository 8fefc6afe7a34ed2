"""Small multiples of pictures, for print: colour as asked, shape is the condition."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.domain import Condition, Failure
from engine.embeddings.algorithms.base import embedding
from engine.embeddings.colouring import KEYS, Colouring, Facts, colouring, entries
from engine.embeddings.embedding import Embedding
from engine.embeddings.quality import Structure
from engine.store.figure_files import INK

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ACROSS = 3  # pictures in a row
SIDE = 4.0  # inches of one
LEAST = 6.0  # inches across, for the legend
LEGEND = 1.1  # inches
SHAPES = {Condition.NON_MASKED: "o", Condition.MASKED: "s"}
NUMBERS = (("silhouette", "silhouette"), ("purity", "purity"), ("pair_distance", "pair distance"))
FAINT, DIMMED = 0.15, 0.07  # opacity of what was trained on, of what is not highlighted
RING = "#1f5fd0"


@dataclass(frozen=True)
class EmbeddingStyle:
    """What is coloured, shown strongly, joined and ringed."""

    colour: str = "truth"  # one of ``KEYS``
    highlighted: tuple[str, ...] = ()  # names in the legend; empty: all
    pairs: bool = False  # whether the two of a pair are joined by a line
    ringed: tuple[int, ...] = ()  # ids


@dataclass(frozen=True, eq=False)
class KnownEmbedding:
    """A picture and what is known of its samples."""

    picture: Embedding
    facts: Facts
    folds: int  # of the run
    pairs: NDArray[np.int64]  # (m, 2): rows that show the same subject and expression


@dataclass(frozen=True, eq=False)
class _Marks:
    """How the points of one picture look."""

    colours: NDArray[np.str_]  # (n,)
    opacity: NDArray[np.float64]  # (n,)
    ringed: NDArray[np.bool_]  # (n,)
    joined: NDArray[np.int64]  # (m, 2): rows


def figure(shown: Sequence[KnownEmbedding], style: EmbeddingStyle) -> "Figure":
    """One picture a run. Training samples are faint; the measures stand beneath.

    Raises ``Failure`` if no sample is left, and for a highlighted name that is in no legend.
    """
    from matplotlib.figure import Figure

    coloured = [colouring(style.colour, one.facts, one.folds) for one in shown]
    _check(shown, coloured, style)
    columns = min(ACROSS, len(shown))
    rows = math.ceil(len(shown) / columns)
    low, high = _limits([one.picture for one in shown])
    shape = np.clip((high[1] - low[1]) / (high[0] - low[0]), 0.4, 1.5)
    side = max(SIDE, LEAST / columns)
    size = (side * columns, (side * shape + 1.0) * rows + LEGEND)
    drawn = Figure(figsize=size, layout="compressed")
    for place, (one, colours) in enumerate(zip(shown, coloured, strict=True), start=1):
        axes = drawn.add_subplot(rows, columns, place)
        axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
        axes.set(xticks=[], yticks=[])
        _draw(axes, one, _look(one, colours, style))
        _describe(axes, one.picture)
    marks, names = _legend(coloured, style)
    title = f"Colour: {KEYS[style.colour].lower()}"
    drawn.legend(
        marks, names, loc="outside lower center", ncols=5, frameon=False, fontsize=8,
        title=title, title_fontsize=8,
    )  # fmt: skip
    return drawn


def describe_quality(name: str, structure: Structure) -> str:
    """One line: what the numbers are of, and the numbers."""
    values = [(title, getattr(structure, field)) for field, title in NUMBERS]
    parts = [f"{title} {'–' if value is None else f'{value:.2f}'}" for title, value in values]
    return f"{name}: {', '.join(parts)}"


def _check(
    shown: Sequence[KnownEmbedding], coloured: Sequence[Colouring], style: EmbeddingStyle
) -> None:
    if not any(len(one.picture) for one in shown):
        raise Failure("No image is left to be drawn: ask for fewer restrictions.")
    known = dict.fromkeys(name for one in coloured for name in one.names)
    for name in style.highlighted:
        if name not in known:
            raise Failure(f"There is no “{name}” to highlight: choose of {', '.join(known)}.")


def _limits(pictures: Sequence[Embedding]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The corners of a box around all points with a little room: pictures share their scale."""
    points = np.concatenate([picture.points for picture in pictures])
    low, high = points.min(axis=0), points.max(axis=0)
    room = 0.04 * max(float((high - low).max()), 1e-6)
    return low - room, high + room


def _look(one: KnownEmbedding, coloured: Colouring, style: EmbeddingStyle) -> _Marks:
    wanted = [name in style.highlighted or not style.highlighted for name in coloured.names]
    sides = np.where(one.picture.held_out, 1.0, FAINT)
    opacity = np.where(np.array(wanted)[coloured.codes], sides, DIMMED)
    colours = np.array(coloured.colours)[coloured.codes]
    ringed = np.isin(one.picture.samples, style.ringed)
    joined = (opacity[one.pairs] == 1).all(axis=1) & style.pairs
    return _Marks(colours, opacity, ringed, one.pairs[joined])


def _draw(axes: "Axes", one: KnownEmbedding, look: _Marks) -> None:
    """The faint below the solid; within each, no colour lies above another."""
    from matplotlib.collections import LineCollection

    points = one.picture.points
    axes.add_collection(
        LineCollection([*points[look.joined]], colors="#00000046", lw=0.5, zorder=1)
    )
    mixed = np.random.default_rng(0).permutation(len(points))
    for level, opacity in enumerate((DIMMED, FAINT, 1.0)):
        solid = opacity == 1
        for condition, shape in SHAPES.items():
            keep = (look.opacity == opacity) & (one.facts.conditions == condition)
            rows = mixed[keep[mixed]]
            axes.scatter(
                points[rows, 0],
                points[rows, 1],
                c=look.colours[rows].tolist(),
                marker=shape,
                s=14 if solid else 8,
                alpha=opacity,
                linewidths=0.4 if solid else 0,
                edgecolors=INK,
                zorder=2 + level,
            )
    ringed = points[look.ringed]
    axes.scatter(
        ringed[:, 0], ringed[:, 1], s=45, facecolors="none", edgecolors=RING, lw=1, zorder=5
    )


def _describe(axes: "Axes", picture: Embedding) -> None:
    made, measures = embedding(picture.embedding).title, picture.measures
    title = f"{picture.run}, fold {picture.fold + 1}: {made}, seed {picture.seed}"
    axes.set_title(title, fontsize=9, parse_math=False)
    of_both = (("features", measures.features), ("picture", measures.picture))
    trust = measures.trustworthiness
    first = f"{measures.samples} held out"
    first += "" if trust is None else f", trustworthiness {trust:.2f}"
    lines = [first, *(describe_quality(*pair) for pair in of_both)]
    axes.set_xlabel("\n".join(lines), fontsize=7)


def _legend(
    coloured: Sequence[Colouring], style: EmbeddingStyle
) -> "tuple[list[Artist], list[str]]":
    """What colours, shapes, faintness and rings mean."""
    from matplotlib.lines import Line2D

    def mark(colour: str, shape: str = "o", alpha: float = 1, edge: str = INK) -> Line2D:
        return Line2D(
            [], [], color=colour, marker=shape, linestyle="", alpha=alpha, markersize=5,
            markeredgecolor=edge if alpha == 1 else "none", markeredgewidth=0.4,
        )  # fmt: skip

    listed = entries(coloured)
    names = [name for _, name, _ in listed] + [condition.title for condition in SHAPES]
    marks: list[Artist] = [mark(colour) for _, _, colour in listed]
    marks += [mark("#ffffff", shape) for shape in SHAPES.values()]
    marks, names = [*marks, mark(INK, alpha=0.3)], [*names, "trained on"]
    if style.ringed:
        marks, names = [*marks, mark("none", edge=RING)], [*names, "selected"]
    return marks, names
