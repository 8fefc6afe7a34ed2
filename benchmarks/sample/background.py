"""Try to read expression and condition from the background alone: it must tell neither.

An image becomes 16 × 16 mean colours. A cell counts only if all of it, and three pixels around it,
is background, so that neither the edge of the head nor what JPEG smears over it reaches a colour.
Cells that are background in less than half of the images are left out of every image. Where
another one is covered, it takes its mean over the training images, which tells a linear classifier
nothing: as long as the colours do not depend on the label, neither does a cell's expected value.
What the outline itself tells is measured apart, as information: a mask or an open mouth changes
it, as in photographs.
"""

import argparse
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from rich.table import Table

from benchmarks.sample.labelled import REGIONS, Labelled, read
from benchmarks.sample.linear import Features, Found, readable
from benchmarks.sample.outcome import Outcome, percent, with_interval
from engine.cli._output import table
from engine.domain import Failure

CELLS = 16  # a side
MARGIN = 3  # px of background around a cell at 128 px
SEEN = 0.5  # share of images in which a cell must be background
BACKGROUND = REGIONS.index("background")


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--permutations", type=int, default=999)


def measure(chosen: argparse.Namespace) -> Outcome:
    labelled = read(chosen.folder)
    grids = [(_colours(labelled, row), _outline(labelled, row)) for row in range(len(labelled))]
    colours, used = seen_in_most(np.stack([colour for colour, _ in grids]))
    outlines = np.stack([outline for _, outline in grids]).reshape(len(grids), -1)
    found = {
        "background": _both(colours, labelled, chosen),
        "outline": _both(outlines, labelled, chosen),
    }
    document: dict[str, Any] = {
        source: {label: asdict(one) | {"at_chance": one.at_chance} for label, one in each.items()}
        for source, each in found.items()
    }
    document |= {"images": len(labelled), "cells": used, "of": CELLS**2}
    told = f"{used} of {CELLS**2} cells are background in most of {len(labelled):,} images."
    return Outcome(document, (_table(found), told))


def seen_in_most(colours: NDArray[np.float64]) -> tuple[Features, int]:
    """Cells of (n, cells, cells, 3) that are background in most images, (n, d); their number."""
    often = np.isfinite(colours[..., 0]).mean(axis=0) >= SEEN
    if not often.any():
        raise Failure("No part of the images is background in most of them: nothing to test.")
    return colours[:, often].reshape(len(colours), -1), int(often.sum())


def cell_colours(
    image: NDArray[np.uint8], background: NDArray[np.bool_], margin: int = MARGIN
) -> NDArray[np.float64]:
    """Mean colour of each cell, (cells, cells, 3); NaN unless all around is background."""
    covered = Image.fromarray(np.where(background, 0, 255).astype(np.uint8))
    grown = np.asarray(covered.filter(ImageFilter.MaxFilter(2 * margin + 1)))
    means = _cells(image.astype(np.float64))
    means[_cells(grown[..., None].astype(np.float64))[..., 0] > 0] = np.nan
    return means


def _colours(labelled: Labelled, row: int) -> NDArray[np.float64]:
    image = np.asarray(labelled.image(row))
    margin = round(MARGIN * image.shape[0] / 128)
    return cell_colours(image, labelled.regions(row) == BACKGROUND, margin)


def _outline(labelled: Labelled, row: int) -> NDArray[np.float64]:
    """Share of background in each cell, (cells, cells)."""
    return _cells((labelled.regions(row) == BACKGROUND)[..., None].astype(np.float64))[..., 0]


def _cells(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means over a grid of cells, (cells, cells, channels)."""
    height, width, channels = values.shape
    if height % CELLS or width % CELLS:
        raise Failure(f"An image of {width} × {height} px cannot be cut into {CELLS} × {CELLS}.")
    shape = (CELLS, height // CELLS, CELLS, width // CELLS, channels)
    return np.asarray(values.reshape(shape).mean(axis=(1, 3)), dtype=np.float64)


def _both(features: Features, labelled: Labelled, chosen: argparse.Namespace) -> dict[str, Found]:
    dataset = labelled.dataset
    labels = {"expression": dataset.expressions, "condition": dataset.conditions}
    return {
        name: readable(features, values, dataset, chosen.folds, chosen.permutations)
        for name, values in labels.items()
    }


def _table(found: dict[str, dict[str, Found]]) -> Table:
    rows = []
    for source, each in found.items():
        for label, one in each.items():
            verdict = "yes" if one.at_chance else "NO" if source == "background" else "no"
            luck = with_interval(one.chance, one.interval)
            rows.append((source, label, percent(one.accuracy), luck, f"{one.p:.3f}", verdict))
    columns = ("seen", "label", "accuracy %", "by luck (95 %)", "p", "at chance")
    return table("A linear classifier that sees no face", columns, rows)
