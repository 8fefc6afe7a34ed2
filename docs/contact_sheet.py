"""Draw the contact sheet of the sample study: random subjects, seven expressions, both conditions.

``python -m docs.contact_sheet [--folder DIR] [--out FILE]``
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.sample.labelled import Labelled, read
from benchmarks.sample.pages import Grid, Page
from engine.domain import Condition, Expression

OUT = Path(__file__).parent / "sample-contact.jpg"
SAMPLE = Path("resources/sample")
SUBJECTS = 12
SEED = 0
LEFT, TOP = 46, 48  # px


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, default=SAMPLE)
    options.add_argument("--out", type=Path, default=OUT)
    options.add_argument("--seed", type=int, default=SEED)
    chosen = options.parse_args()
    draw(read(chosen.folder), chosen.out, chosen.seed)


def draw(labelled: Labelled, file: Path, seed: int = SEED) -> None:
    """A row a subject: the non-masked faces, then the masked ones."""
    labelled = labelled.where(labelled.column("set") == "main")
    subjects = subjects_shown(labelled, seed)
    across = len(Condition) * len(Expression)
    grid = Grid(across, len(subjects), labelled.image(0).size, LEFT, TOP)
    page = Page(grid)
    _head(page, grid, subjects)
    row_of = {subject: row for row, subject in enumerate(subjects)}
    for row, sample in enumerate(labelled.dataset.samples):
        if sample.subject in row_of:
            column = sample.condition * len(Expression) + sample.expression
            page.put(column, row_of[sample.subject], labelled.image(row))
    page.save(file)


def subjects_shown(labelled: Labelled, seed: int) -> list[str]:
    """Drawn at random, shown in order."""
    everyone = np.unique(labelled.dataset.subjects)
    drawn = np.random.default_rng(seed).permutation(everyone)[:SUBJECTS]
    return sorted(drawn.tolist())


def _head(page: Page, grid: Grid, subjects: list[str]) -> None:
    width, height = grid.cell
    for condition in Condition:
        first = condition * len(Expression)
        middle = (grid.corner(first, 0)[0] + grid.corner(first + len(Expression), 0)[0]) / 2
        page.write((middle, TOP * 0.3), condition.title, 18)
        for expression in Expression:
            x, _ = grid.corner(first + expression, 0)
            page.write((x + width / 2, TOP * 0.75), expression.title, 15)
    for row, subject in enumerate(subjects):
        page.write((LEFT / 2, grid.corner(0, row)[1] + height / 2), subject, 14)


if __name__ == "__main__":
    main()
