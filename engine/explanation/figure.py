"""A sheet of heatmaps, for print: faces in rows, runs in columns, the scale beneath."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from engine.domain import Expression, Sample
from engine.explanation.heatmap import Heatmaps
from engine.explanation.overlay import OverlayStyle, blend
from engine.store.figure_files import DPI, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 24  # faces of a sheet
SIDE, GAP, HEAD, TEXT = 1.5, 0.15, 0.62, 0.38  # inches: of a face, between, above and below faces
BAR = 2.0  # inches across
LINE = 0.13  # inches
LETTERS = 29  # that find room beside each other
PALE = 0.75  # of white over a face without a heatmap
RIGHT, WRONG, DIM = "#0072B2", "#C2560E", "#646b77"


@dataclass(frozen=True, eq=False)
class ExplainedRun:
    """One column of the sheet."""

    name: str
    made: Heatmaps | None  # nothing if the run cannot be explained
    peaks: Sequence[float]  # of each of the heatmaps: the value with the last colour
    why: str = ""  # there is nothing, or not this face


@dataclass(frozen=True, eq=False)
class ShownFace:
    """One row of the sheet."""

    sample: Sample
    image: Image.Image


def figure(
    faces: Sequence[ShownFace], runs: Sequence[ExplainedRun], style: OverlayStyle
) -> "Figure":
    """At most ``MOST`` faces. A cell without a heatmap says why."""
    from matplotlib.figure import Figure

    wide, high = (len(runs) + 1) * (SIDE + GAP), HEAD + len(faces) * (SIDE + TEXT + GAP) + 0.4
    drawn = Figure(figsize=(wide, high))
    axes = drawn.add_axes((0, 0, 1, 1), xlim=(0, wide), ylim=(high, 0))
    axes.set_axis_off()
    _write(axes, (0, 0), "Face", bold=True)
    for column, run in enumerate(runs, start=1):
        _write_head(axes, column, run)
    for row, face in enumerate(faces):
        _draw_row(axes, row, face, runs, style)
    _draw_scale(axes, high, runs, style)
    axes.set(xlim=(0, wide), ylim=(high, 0), aspect="auto")
    return drawn


def _write_head(axes: "Axes", column: int, run: ExplainedRun) -> None:
    """The run, and below it what was read of its networks."""
    left = column * (SIDE + GAP)
    _write(axes, (left, 0), run.name, bold=True)
    phrase = textwrap.wrap(run.made.layer if run.made else "", LETTERS)[:3]
    for line, text in enumerate(phrase, start=1):
        _write(axes, (left, line * LINE), text, DIM)


def _draw_row(
    axes: "Axes", row: int, face: ShownFace, runs: Sequence[ExplainedRun], style: OverlayStyle
) -> None:
    sample, top = face.sample, HEAD + row * (SIDE + TEXT + GAP)
    _draw_image(axes, (0, top), face.image)
    below = f"{sample.expression.title}, {sample.condition.title}"
    _write(axes, (0, top + SIDE + 0.03), sample.subject)
    _write(axes, (0, top + SIDE + 0.03 + LINE), below, DIM)
    for column, run in enumerate(runs, start=1):
        place = (column * (SIDE + GAP), top)
        found = np.flatnonzero(run.made.samples == sample.id).tolist() if run.made else []
        if found:
            _draw_cell(axes, place, face, (run, found[0]), style)
        else:
            white = Image.new("RGB", face.image.size, "white")
            _draw_image(axes, place, Image.blend(face.image, white, PALE))
            for line, text in enumerate(textwrap.wrap(run.why, LETTERS - 2)[:9]):
                _write(axes, (place[0] + 0.06, top + 0.06 + line * LINE), text)


def _draw_cell(
    axes: "Axes",
    place: tuple[float, float],
    face: ShownFace,
    at: tuple[ExplainedRun, int],
    style: OverlayStyle,
) -> None:
    run, row = at
    made = run.made
    assert made
    _draw_image(axes, place, blend(face.image, made.values[row], run.peaks[row], style))
    predicted, target = Expression(made.predicted[row]), Expression(made.targets[row])
    right, (left, top) = predicted == face.sample.expression, place
    verdict = f"{'✓' if right else '✗'} {predicted.title} {made.probabilities[row].max():.2f}"
    fold = f"fold {made.folds[row] + 1}"
    which = f"{fold}, held out" if target == predicted else f"for {target.title} · {fold}"
    _write(axes, (left, top + SIDE + 0.03), verdict, RIGHT if right else WRONG)
    _write(axes, (left, top + SIDE + 0.03 + LINE), which, DIM)


def _draw_image(axes: "Axes", place: tuple[float, float], image: Image.Image) -> None:
    """As large as fits, in its own shape; in the pixels of print, for matplotlib fits slowly."""
    width, height = (SIDE * length / max(image.size) for length in image.size)
    image = image.resize((max(1, round(DPI * width)), max(1, round(DPI * height))))
    left, top = place[0] + (SIDE - width) / 2, place[1] + (SIDE - height) / 2
    place_of = (left, left + width, top + height, top)
    axes.imshow(np.asarray(image), extent=place_of, interpolation="nearest")


def _draw_scale(
    axes: "Axes", high: float, runs: Sequence[ExplainedRun], style: OverlayStyle
) -> None:
    """Raw values of one scale; shares of the maximum where there are several."""
    peak = max((max(run.peaks, default=0.0) for run in runs), default=0.0)
    ramp = np.linspace(0, 1, 256)[None]
    place = (0, BAR, high - 0.22, high - 0.32)
    axes.imshow(ramp, style.colours, extent=place, vmin=0, vmax=1)
    for share, where in ((0.0, "left"), (0.5, "center"), (1.0, "right")):
        text = f"{share * peak:.3g}" if style.scale == "all" else f"{100 * share:.0f} %"
        axes.text(share * BAR, high - 0.18, text, fontsize=7, ha=where, va="top", color=DIM)


def _write(
    axes: "Axes", place: tuple[float, float], text: str, colour: str = INK, *, bold: bool = False
) -> None:
    letters = LETTERS - 3 * bold
    shown = text if len(text) <= letters else f"{text[: letters - 1]}…"
    weight = "bold" if bold else "normal"
    axes.text(*place, shown, color=colour, fontsize=7, va="top", weight=weight, parse_math=False)
