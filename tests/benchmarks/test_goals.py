import pytest

from benchmarks.sample.goals import RECALL, TESTED, judge, likeness
from benchmarks.sample.hardness import confusions, shown
from engine.domain import Expression

TITLES = [expression.title for expression in Expression]
AS_WISHED = (0.8, 0.3, 0.35, 0.9, 0.5, 0.55, 0.85)


def scores(accuracy, recall=AS_WISHED):
    """The same for every condition of a training choice."""
    one = {
        "accuracy": accuracy,
        "interval": (accuracy - 0.03, accuracy + 0.03),
        "recall": dict(zip(TITLES, recall, strict=True)),
        "confusion": [[9 * (i == j) + (i == 1 and j == 2) for j in range(7)] for i in range(7)],
    }
    return dict.fromkeys(("nm", "m", "average"), one)


def test_that_a_study_as_hard_as_the_paper_meets_every_goal():
    goals = judge({"nm": scores(0.65), "m": scores(0.46), "mix": scores(0.52)})
    assert all(goal.met for goal in goals)
    assert len(goals) == 9


@pytest.mark.parametrize(
    ("nm", "m", "mix", "missed"), [(0.89, 0.46, 0.5, 1), (0.65, 0.73, 0.7, 2), (0.65, 0.46, 0.7, 1)]
)
def test_that_a_number_out_of_range_misses_its_goal(nm, m, mix, missed):
    goals = judge({"nm": scores(nm), "m": scores(m), "mix": scores(mix)})
    assert sum(not goal.met for goal in goals) == missed


def test_that_an_expression_at_chance_and_a_wrong_order_are_told():
    goals = judge({"nm": scores(0.6, (0.8, 0.3, 0.35, 0.9, 0.1, 0.55, 0.85))})
    missed = [goal for goal in goals if not goal.met]
    assert [goal.found for goal in missed] == ["sad 10.0", "sad, fear"]


def test_that_likeness_is_one_for_the_order_of_the_paper_and_less_for_another():
    paper = RECALL["nm"]
    assert likeness(dict(zip(TITLES, paper, strict=True)), paper) == pytest.approx(1)
    assert likeness(dict(zip(TITLES, [-x for x in paper], strict=True)), paper) < -0.9


def test_that_confused_pairs_are_ranked():
    first, second = confusions(scores(0.6), "nm")[:2]
    assert first["pair"] == ["fear", "disgust"]
    assert (first["as_other"], first["as_one"], second["share"]) == (0.1, 0.0, 0.0)


def test_that_one_training_choice_alone_can_be_shown():
    assert [goal["met"] for goal in shown({"m": scores(0.5)}).document["goals"]] == [True] * 4
    assert set(TESTED) == set(RECALL)
