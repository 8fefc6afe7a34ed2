"""The view of pairs: what the mask hides, and what it does not."""

from collections.abc import Sequence

import numpy as np

from engine.domain import Condition
from engine.evaluation.error_analysis import Flips, flips
from msde_gui.pages.errors.columns import EXPRESSIONS, counts, images, name_column
from msde_gui.pages.errors.inputs import ErrorInputs, Ids, rows_of
from msde_gui.pages.errors.listing import Listing, ListingColumn, percent

WAYS = ("only with the mask", "only without it")
LISTED = (Condition.MASKED, Condition.NON_MASKED)  # whose image is the wrong one
ALL = len(EXPRESSIONS)
Row = tuple[int, int, Ids, int]  # way, expression or ALL, wrong images, pairs


def list_masked_only(m: ErrorInputs) -> Listing:
    """Pairs of which one image is recognised and the other is not, by expression."""
    found = flips(m.whole, m.pairs)
    rows = [row for way in range(len(WAYS)) for row in _rows(m, found, way)]
    here, there = (next(row for row in rows if row[:2] == (way, ALL)) for way in (0, 1))
    sentence = (
        f"Of {here[3]:,} pairs that {m.run} judged: {images(len(here[2]))} wrong only with the "
        f"mask, {len(there[2]):,} wrong only without it."
    )
    columns = (
        name_column("Wrong", [row[0] for row in rows], WAYS, 150),
        name_column("Truth", [row[1] for row in rows], [*EXPRESSIONS, "all"]),
        counts("Images", [len(row[2]) for row in rows]),
        counts("Pairs", [row[3] for row in rows]),
        ListingColumn(
            "Share", np.array([len(row[2]) / max(1, row[3]) for row in rows]), percent, 80
        ),
    )
    ids = [tuple(row[2].tolist()) for row in rows]
    return Listing(sentence, columns, ids, (*m.chips, m.run), _labels(rows), m.run)


def _rows(m: ErrorInputs, found: Flips, way: int) -> list[Row]:
    """All expressions together, then each; the pairs whose listed image passes the filter."""
    side = LISTED[way]
    judged = np.concatenate([part[:, side] for part in vars(found).values()])
    missed = (found.masked_only, found.bare_only)[way][:, side]
    judged, missed = (ids[np.isin(ids, m.passing)] for ids in (judged, missed))
    of, shows = _truths(m, judged), _truths(m, missed)
    each = [
        (way, one, missed[shows == one], int((of == one).sum())) for one in range(len(EXPRESSIONS))
    ]
    return [(way, ALL, missed, len(judged)), *each]


def _truths(m: ErrorInputs, ids: Ids) -> Ids:
    return np.asarray(m.whole.expressions[rows_of(m.whole, ids)])


def _labels(rows: Sequence[Row]) -> list[str]:
    names = [*EXPRESSIONS, "all expressions"]
    return [f"{names[one]}, wrong {WAYS[way]}" for way, one, *_ in rows]
