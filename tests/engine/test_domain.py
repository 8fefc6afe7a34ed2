import dataclasses
from pathlib import Path

import pytest

from engine.domain import Condition, Dataset, Expression, Samples
from tests.engine.making import dataset, of_samples, sample


def test_that_expressions_are_in_the_papers_order():
    titles = [expression.title for expression in Expression]
    assert titles == ["surprise", "fear", "disgust", "happy", "sad", "anger", "neutral"]


def test_that_conditions_have_a_title_and_a_short_name():
    assert [(c.title, c.short) for c in Condition] == [("non-masked", "nm"), ("masked", "m")]


def test_that_columns_are_aligned_with_the_samples():
    faces = of_samples(sample(7, "b", 3, 1), sample(4, "a", 6, 0))
    assert faces.ids.tolist() == [7, 4]
    assert faces.subjects.tolist() == ["b", "a"]
    assert faces.expressions.tolist() == [3, 6]
    assert faces.conditions.tolist() == [1, 0]
    assert faces.row_of == {7: 0, 4: 1}


def test_that_counts_are_by_expression_and_condition():
    counts = of_samples(sample(1, "a", 3, 1), sample(2, "b", 3, 1), sample(3, "a", 0, 0)).counts()
    assert counts.shape == (7, 2)
    assert (counts[3, 1], counts[0, 0], counts.sum()) == (2, 1, 3)


def test_that_pairs_hold_the_non_masked_row_first_and_leave_halves_out():
    masked_first = sample(1, condition=1, pair="p"), sample(2, condition=0, pair="p")
    faces = of_samples(*masked_first, sample(3, condition=0, pair="half"), sample(4, condition=1))
    assert faces.pairs().tolist() == [[1, 0]]


def test_that_a_dataset_without_pairs_has_none():
    assert of_samples(sample(1), sample(2)).pairs().shape == (0, 2)


def test_that_an_empty_dataset_has_empty_columns():
    empty = Dataset("empty", ())
    assert len(empty) == empty.counts().sum() == len(empty.pairs()) == 0
    assert empty.ids.shape == empty.subjects.shape == (0,)


def test_that_up_to_is_the_study_as_it_was_before_a_later_import():
    faces = dataset(subjects=2)
    earlier = Dataset("tiny", faces.samples[:14])
    assert faces.up_to(14) == earlier
    assert faces.up_to(14).fingerprint == earlier.fingerprint != faces.fingerprint


def test_that_the_fingerprint_does_not_depend_on_where_the_images_lie():
    one = sample(1)
    moved = dataclasses.replace(one, file=one.file.absolute())
    assert of_samples(one).fingerprint == of_samples(moved).fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"id": 2},
        {"subject": "t"},
        {"expression": Expression.SAD},
        {"condition": Condition.MASKED},
        {"pair": "p"},
        {"sha256": "f" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_that_the_fingerprint_changes_with_content(change):
    one = sample(1)
    assert of_samples(one).fingerprint != of_samples(dataclasses.replace(one, **change)).fingerprint


def in_rows(dataset):
    """The same samples as a store reads them."""
    rows = [(s.id, str(s.file), s.subject, int(s.expression), int(s.condition), s.pair, s.dataset,
             s.sha256) for s in dataset.samples]  # fmt: skip
    return Dataset(dataset.name, Samples(rows, Path("/study")))


def test_that_samples_in_rows_are_what_samples_are():
    faces = dataset()
    rows = in_rows(faces)
    inside = dataclasses.replace(faces.samples[3], file=Path("/study") / faces.samples[3].file)
    assert rows.samples[3] == inside
    assert rows.samples[2:5][1] == inside
    assert rows.samples == tuple(rows.samples)
    assert hash(rows.samples) == hash(tuple(rows.samples))


def test_that_columns_do_not_depend_on_how_samples_are_kept():
    faces = dataset()
    rows = in_rows(faces)
    for name in ("ids", "expressions", "conditions", "subjects"):
        assert getattr(rows, name).tolist() == getattr(faces, name).tolist()
    assert rows.fingerprint == faces.fingerprint
    assert rows.pairs().tolist() == faces.pairs().tolist()
    assert rows.row_of == {sample.id: row for row, sample in enumerate(faces.samples)}


def test_that_the_study_as_it_was_holds_the_first_samples():
    faces = dataset()
    rows, last = in_rows(faces), faces.samples[9].id
    assert rows.up_to(last).samples == rows.samples[:10]
    assert rows.up_to(10**9) is rows


def test_that_partners_point_at_each_other():
    faces = dataset()
    pairs = faces.pairs().tolist()
    assert len(pairs) > 0
    assert all(faces.partner_of[a] == b and faces.partner_of[b] == a for a, b in pairs)
    assert len(faces.partner_of) == 2 * len(pairs)
