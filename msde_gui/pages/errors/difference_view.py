"""The view of two runs: what changes from one to the other, and which images move."""

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.error_analysis import N, RunDifference
from engine.evaluation.error_analysis import difference as moved_between
from msde_gui.pages.errors.columns import EXPRESSIONS, answer_column, counts, images, name_column
from msde_gui.pages.errors.inputs import ErrorInputs, Ids
from msde_gui.pages.errors.listing import Listing

Kinds = NDArray[np.int64]  # truth, answer of the first run, of the second; (kinds, 3)


def difference(m: ErrorInputs) -> Listing:
    """Every kind of move, the most frequent first; the matrix beside it is of the same moves."""
    moved = moved_between(m.narrowed[m.looked], m.narrowed[m.other])
    kinds, ids = _moves(moved)
    truth, was, now = kinds.T
    columns = (
        name_column("Truth", truth.tolist(), EXPRESSIONS),
        answer_column("Was", was, was == truth, m.run),
        answer_column("Is now", now, now == truth, m.runs[m.other]),
        counts("Images", [len(one) for one in ids]),
    )
    names = np.array(EXPRESSIONS)[kinds]
    labels = [f"{t}: {a} → {b}" for t, a, b in names]
    chips = (*m.chips, f"{m.run} → {m.runs[m.other]}")
    return Listing(_sentence(m, moved), columns, ids, chips, labels, m.runs[m.other], moved)


def _moves(moved: RunDifference) -> tuple[Kinds, list[tuple[int, ...]]]:
    changed = moved.before != moved.after
    before, after, samples = (
        column[changed] for column in (moved.before, moved.after, moved.samples)
    )
    whole = np.stack([after // N, before % N, after % N], axis=1)
    kinds, kind, n = np.unique(whole, axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(-n, kind="stable")
    by_kind = samples[np.argsort(kind.ravel(), kind="stable")]
    ids = np.split(by_kind, np.cumsum(n)[:-1]) if len(n) else []
    return kinds.reshape(-1, 3)[order], [tuple(ids[one].tolist()) for one in order]


def _sentence(m: ErrorInputs, moved: RunDifference) -> str:
    was, now = _right(moved.before), _right(moved.after)
    return (
        f"From {m.run} to {m.runs[m.other]}: {images(int((moved.before != moved.after).sum()))} of "
        f"{len(moved.samples):,} get another answer; {int((~was & now).sum()):,} become right, "
        f"{int((was & ~now).sum()):,} become wrong."
    )


def _right(cells: Ids) -> NDArray[np.bool_]:
    return np.asarray(cells // N == cells % N)
