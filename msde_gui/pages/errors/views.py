"""The error views, each a plain function from the chosen runs to a table."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.domain import Condition
from engine.evaluation import error_analysis
from msde_gui.pages.errors.columns import (
    CONDITIONS,
    EXPRESSIONS,
    answer,
    counts,
    folds,
    images,
    interval,
    name_column,
    under,
    who,
    wrong_column,
)
from msde_gui.pages.errors.difference_view import difference
from msde_gui.pages.errors.inputs import ErrorInputs, Ids, rows_of, take_rows
from msde_gui.pages.errors.listing import Listing, ListingColumn, percent
from msde_gui.pages.errors.masked_only_view import list_masked_only


def confident(m: ErrorInputs) -> Listing:
    """The mistakes of one run, the most confident first."""
    part = take_rows(m.part, error_analysis.mistakes(m.part))
    true = part.probabilities[np.arange(len(part)), part.expressions]
    sentence = (
        f"{images(len(part))} that {m.run} takes for another expression, the most confident "
        f"mistakes first; it judged {len(m.part):,}."
    )
    columns = (
        *who(m, part),
        answer("Taken for", part),
        ListingColumn("Probability", part.probabilities.max(axis=1), percent, 98),
        ListingColumn("Of the truth", true, percent, 104),
        folds(part),
    )
    return _of_images(m, sentence, columns, part.samples, "confident mistakes")


def confusions(m: ErrorInputs) -> Listing:
    """Which expression is taken for which, by condition."""
    found = error_analysis.confusions(m.part)
    n = sum(len(one.ids) for one in found)
    columns = (
        name_column("Truth", [one.truth for one in found], EXPRESSIONS),
        wrong_column("Taken for", [one.predicted for one in found]),
        name_column("Condition", [one.condition for one in found], CONDITIONS, 100),
        counts("Images", [len(one.ids) for one in found]),
        ListingColumn("Share of the truth", np.array([one.share for one in found]), percent, 140),
    )
    sentence = f"Which expression {m.run} takes for which, ranked: {images(n)}."
    labels = [f"{one.condition.title} · {one.truth.title} → {one.predicted.title}" for one in found]
    ids = [one.ids for one in found]
    return Listing(sentence, columns, ids, (*m.chips, m.run), labels, m.run)


def by_all(m: ErrorInputs) -> Listing:
    """What no run gets right."""
    both = error_analysis.compare_answers(m.narrowed)
    ids = both.by_all()
    sentence = (
        f"{images(len(ids))} that every one of the {len(m.runs)} runs gets wrong, of "
        f"{len(both.samples):,} that all of them judged."
    )
    return _list_shared(m, sentence, ids, f"wrong by {len(m.runs)} runs")


def only(m: ErrorInputs, *, right: bool) -> Listing:
    """What one run alone gets wrong, or right."""
    both = error_analysis.compare_answers(m.narrowed)
    ids = both.only_right(m.looked) if right else both.only_wrong(m.looked)
    word, rest = ("right", "wrong") if right else ("wrong", "right")
    sentence = (
        f"{images(len(ids))} that {m.run} alone gets {word} while the other runs chosen get it "
        f"{rest}, of {len(both.samples):,} that all {len(m.runs)} judged."
    )
    return _list_shared(m, sentence, ids, f"{word} only here")


def hard(m: ErrorInputs) -> Listing:
    """Whose expressions are missed most."""
    found = error_analysis.hardships(m.part, m.subjects(m.part.samples))
    n = sum(len(one.ids) for one in found)
    columns = (
        ListingColumn("Subject", np.array([one.subject for one in found], dtype=np.str_), width=96),
        counts("Wrong", [len(one.ids) for one in found]),
        counts("Of", [one.of for one in found], 48),
        ListingColumn("Error rate", np.array([one.rate for one in found]), percent, 90),
        interval(found),
        *(under(found, condition) for condition in Condition),
    )
    sentence = (
        f"{len(found):,} subjects by the share of their images that {m.run} gets wrong: "
        f"{images(n)} in all."
    )
    labels = [f"subject {one.subject}, wrong" for one in found]
    ids = [one.ids for one in found]
    return Listing(sentence, columns, ids, (*m.chips, m.run), labels, m.run)


def _list_shared(m: ErrorInputs, sentence: str, ids: Ids, chip: str) -> Listing:
    """Images with the answer of every run, the most confident of the one looked at first."""
    certain = m.part.probabilities[rows_of(m.part, ids)].max(axis=1)
    ids = ids[np.argsort(-certain, kind="stable")]
    parts = [take_rows(part, rows_of(part, ids)) for part in m.narrowed]
    answers = [
        answer(run.partition("-")[0] if len(m.runs) > 1 else run, part, run)
        for run, part in zip(m.runs, parts, strict=True)
    ]
    return _of_images(m, sentence, (*who(m, parts[m.looked]), *answers), ids, chip)


def _of_images(
    m: ErrorInputs, sentence: str, columns: tuple[ListingColumn, ...], ids: Ids, chip: str
) -> Listing:
    rows = [(number,) for number in ids.tolist()]
    return Listing(sentence, columns, rows, (*m.chips, chip, m.run), run=m.run)


@dataclass(frozen=True)
class View:
    """One error view; some look at one run among the chosen, one compares it with another."""

    title: str
    make: Callable[[ErrorInputs], Listing]
    looks: bool = True
    compares: bool = False
    pairs: bool = False  # it reads the study's pairs
    runs: int = 1  # it needs at least so many


VIEWS = {
    "confident": View("Most confident mistakes", confident),
    "confusions": View("Confusions", confusions),
    "all": View("Wrong by all runs", by_all, looks=False, runs=2),
    "only-wrong": View("Wrong only by one run", partial(only, right=False), runs=2),
    "only-right": View("Right only by one run", partial(only, right=True), runs=2),
    "masked": View("Masked-only errors", list_masked_only, pairs=True),
    "subjects": View("Hard subjects", hard),
    "difference": View("Difference of two runs", difference, compares=True, runs=2),
}
