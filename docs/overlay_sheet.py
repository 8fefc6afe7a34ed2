"""Draw region maps and landmarks over faces of the sample study, to see that they agree.

``python -m docs.overlay_sheet [--folder DIR] [--out FILE]``
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.sample.labelled import EYES, LANDMARKS, REGIONS, Labelled, read
from benchmarks.sample.pages import Grid, Page, enlarged
from engine.domain import Condition

OUT = Path(__file__).parent / "sample-overlay.jpg"
SAMPLE = Path("resources/sample")
OF_EACH = 12  # images of a condition
SEED = 0
SIDE = 288  # px of a face
TOP, NAME = 44, 18  # px
OPACITY = 0.55
COLOURS = (
    (90, 90, 100), (245, 200, 160), (60, 130, 255), (160, 60, 200), (255, 170, 0),
    (230, 40, 60), (40, 200, 190), (110, 70, 30), (250, 250, 60), (70, 160, 60),
)  # fmt: skip  # of the regions, in order
POINT, CENTRE = (0, 255, 80), (255, 40, 40)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, default=SAMPLE)
    options.add_argument("--out", type=Path, default=OUT)
    options.add_argument("--seed", type=int, default=SEED)
    chosen = options.parse_args()
    draw(read(chosen.folder), chosen.out, chosen.seed)


def draw(labelled: Labelled, file: Path, seed: int = SEED) -> None:
    """Non-masked faces on the left, masked ones on the right: image, regions, landmarks."""
    random = np.random.default_rng(seed)
    rows = {
        condition: random.permutation(np.flatnonzero(labelled.dataset.conditions == condition))
        for condition in Condition
    }
    grid = Grid(2 * 3, OF_EACH, (SIDE, SIDE + NAME), top=TOP)
    page = Page(grid)
    _legend(page)
    for condition, chosen in rows.items():
        for line, row in enumerate(chosen[:OF_EACH].tolist()):
            x, y = grid.corner(3 * condition, line)
            page.write((x + 4, y + NAME / 2), labelled.file(row).stem, NAME - 5, "lm")
            views = (labelled.image(row), coloured(labelled, row), marked(labelled, row))
            for column, view in enumerate(views, 3 * condition):
                page.put(column, line, _to_side(view), NAME)
    page.save(file)


def coloured(labelled: Labelled, row: int) -> Image.Image:
    """The image under its region map."""
    palette = np.array(COLOURS, dtype=np.uint8)
    regions = Image.fromarray(palette[np.minimum(labelled.regions(row), len(COLOURS) - 1)])
    image = labelled.image(row)
    return Image.blend(
        _to_side(image), regions.resize((SIDE, SIDE), Image.Resampling.NEAREST), OPACITY
    )


def marked(labelled: Labelled, row: int) -> Image.Image:
    """The image with its landmarks as dots and the eyes' centres as crosses."""
    image = labelled.image(row)
    times = SIDE / image.width
    large = _to_side(image)
    pen = ImageDraw.Draw(large)
    one = labelled.where(np.arange(len(labelled)) == row)
    for name in LANDMARKS:
        x, y = (one.landmark(name)[0] * times).tolist()
        if name in EYES:
            pen.line((x - 6, y, x + 6, y), CENTRE)
            pen.line((x, y - 6, x, y + 6), CENTRE)
        else:
            pen.ellipse((x - 2, y - 2, x + 2, y + 2), fill=POINT, outline=(0, 0, 0))
    return large


def _to_side(image: Image.Image) -> Image.Image:
    return image if image.width == SIDE else enlarged(image, SIDE / image.width)


def _legend(page: Page) -> None:
    for place, (name, colour) in enumerate(zip(REGIONS, COLOURS, strict=True)):
        x = 12 + 160 * place
        page.swatch((x, 12), 20, colour)
        page.write((x + 30, 22), name, 18, "lm")


if __name__ == "__main__":
    main()
