import pytest

from engine.domain import Failure
from engine.explanation.selection import SampleChoice, select
from tests.engine.explanation import making


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return making.run(making.study(tmp_path_factory.mktemp("study")))


def test_that_samples_are_kept_as_they_were_given(run):
    assert select(run, SampleChoice(samples=(9, 3, 9))) == [9, 3, 9]
    assert select(run, SampleChoice(everything=True)) == list(range(1, 57))
    assert select(run, SampleChoice(everything=True, limit=3)) == [1, 2, 3]


def test_that_filters_narrow_each_other(run):
    fear = [3, 4, 17, 18, 31, 32, 45, 46]
    assert select(run, SampleChoice(expression="fear")) == fear
    assert select(run, SampleChoice(expression="Fear", condition="m")) == fear[1::2]
    assert select(run, SampleChoice(expression="fear", condition="non-masked")) == fear[::2]
    assert select(run, SampleChoice(samples=(1, 4, 3), expression="fear")) == [3, 4]


def test_that_wrong_ones_come_with_the_surest_first(run):
    assert select(run, SampleChoice(wrong=True, expression="sad", condition="nm")) == [
        51,
        37,
        23,
        9,
    ]
    with pytest.raises(Failure, match="fits the choice"):
        select(run, SampleChoice(wrong=True, expression="fear"))


@pytest.mark.parametrize(
    ("choice", "part"),
    [
        (SampleChoice(), "--all"),
        (SampleChoice(expression="joy"), "“joy”: choose one of surprise, "),
        (SampleChoice(condition="half"), "“half” is neither nm nor m"),
    ],
)
def test_that_a_wrong_choice_is_named(run, choice, part):
    with pytest.raises(Failure, match=part):
        select(run, choice)


def test_that_a_run_without_predictions_says_so(run):
    nothing = making.run(run.study_folder, finished=())
    with pytest.raises(Failure, match="no finished fold yet"):
        select(nothing, SampleChoice(everything=True))
