import json
from dataclasses import replace

import numpy as np
import pytest

from engine import cli
from engine.data.integrity import Kind, check
from engine.data.near_duplicates import compare, recall
from engine.domain import Condition, Dataset
from engine.evaluation import cautions
from engine.events import silent
from engine.experiment.folds import protocol
from tests.engine import making

APART = protocol([["s000", "s003"], ["s001"], ["s002"]], 0)
TOGETHER = protocol([["s000", "s001"], ["s002"], ["s003"]], 0)


@pytest.fixture
def study(tmp_path):
    """Four people; s0 and s1 have one masked picture in common, saved in two ways."""
    faces = making.faces(tmp_path / "faces", subjects=4, expressions=[0, 1])
    twin = {one.condition: one for one in faces if one.subject == "s0" and not one.expression}
    place = next(n for n, one in enumerate(faces) if one.subject == "s1" and one.condition)
    faces[place] = replace(faces[place], thumbnail=twin[Condition.MASKED].thumbnail)
    with making.study(tmp_path / "study", faces) as made:
        yield made


def told(study, folds, train="m", find=cautions.find_known):
    experiment = making.experiment(train=train, last_sample=16)
    chosen = protocol([[f"s{person}" for person in fold] for fold in folds], 0)
    more = (silent,) if find is cautions.find else ()
    given = (study.dataset(),) if find is cautions.find else ()
    return find(study, *given, experiment, chosen, *more)


@pytest.mark.parametrize(
    ("folds", "train", "images"),
    [
        (([0, 2], [1, 3]), "m", "2 images look"),
        (([0, 2], [1, 3]), "mix", "2 images look"),
        (([0, 2], [1, 3]), "nm", ""),  # what is masked is tested alone
        (([0, 1], [2, 3]), "m", ""),  # no fold keeps them apart
    ],
)
def test_that_look_alikes_of_people_whom_a_fold_keeps_apart_are_told(study, folds, train, images):
    found = told(study, folds, train, cautions.find)
    assert [one.startswith(images) for one in found] == [True] * bool(images)
    if images:
        assert "0001.PNG (s0) and 0005.PNG (s1)" in found[0]
        assert "`msde check`" in found[0]


def test_that_a_plan_tells_what_was_found_before_and_compares_nothing(study, monkeypatch):
    assert told(study, ([0, 2], [1, 3])) == []
    found = told(study, ([0, 2], [1, 3]), find=cautions.find)
    monkeypatch.setattr(cautions, "compare", None)
    assert told(study, ([0, 2], [1, 3])) == found
    assert told(study, ([0, 2], [1, 3]), find=cautions.find) == found


@pytest.mark.parametrize("switch", ["--dry-run", "--queue"])
def test_that_the_command_line_warns_of_it_before_anything_is_trained(tmp_path, capsys, switch):
    faces = making.faces(tmp_path / "faces", subjects=4)
    for place in range(14, len(faces), 14):  # the first image of each person
        faces[place] = replace(faces[place], thumbnail=faces[0].thumbnail)
    with making.study(tmp_path / "study", faces) as study:
        check(study, silent)
    words = ["run", "--study", str(tmp_path / "study"), "--method", "baseline", "--folds", "2"]
    with pytest.raises(SystemExit) as ended:
        cli.main([*words, switch, "--json"])
    (warned,) = json.loads(capsys.readouterr().out)["warnings"]
    assert ended.value.code == 0
    assert "look the same as one of another person" in warned


def test_that_what_a_check_compared_is_known_to_the_next_plan(study):
    leaks = [one for one in check(study, silent).findings if one.kind is Kind.LEAK]
    assert len(leaks) == 1
    assert len(told(study, ([0, 2], [1, 3]))) == 1


def test_that_images_are_compared_anew_once_there_are_others_or_the_cache_is_damaged(study):
    dataset = study.dataset()
    groups = compare(study, dataset, silent)
    assert np.array_equal(recall(study, dataset), groups)
    assert recall(study, dataset.up_to(3)) is None
    for kept in study.cache.glob("look-alikes-*"):
        kept.write_bytes(b"PK")
    assert recall(study, dataset) is None
    assert len(told(study, ([0, 2], [1, 3]), find=cautions.find)) == 1


def test_that_what_was_not_compared_whole_is_not_kept(study):
    dataset = study.dataset()
    lost = dataset.samples[0].sha256
    study.thumbnails._forget(lost)
    compare(study, dataset, silent)
    assert recall(study, dataset) is None


def test_that_too_many_images_are_left_to_check(study, monkeypatch):
    monkeypatch.setattr(cautions, "MOST", 3)
    (found,) = told(study, ([0, 2], [1, 3]), find=cautions.find)
    assert "too many" in found
    check(study, silent)
    assert "look the same as" in told(study, ([0, 2], [1, 3]), find=cautions.find)[0]


def test_that_at_most_two_examples_are_given_each_of_other_images():
    dataset = making.dataset(subjects=4)
    groups = np.full(len(dataset), -1)
    for number in range(3):  # the same three pictures of each of the first three people
        groups[[number, 14 + number, 28 + number]] = number
    found = list(cautions._crossing(dataset, APART, "mix", groups))
    sentence = cautions._sentence(dataset, groups, found)
    assert sentence.startswith("9 images look the same")
    assert sentence.count(" and ") == 2
    assert "1.png (s000) and 15.png (s001), or 2.png (s000) and 16.png (s001)" in sentence


def test_that_people_of_no_fold_are_left_out():
    dataset = making.dataset(subjects=5)
    groups = np.full(len(dataset), -1)
    groups[[0, 14 * 4]] = 0  # of s000, and of s004 who came later
    assert not list(cautions._crossing(dataset, TOGETHER, "mix", groups))


def test_that_folds_which_train_on_one_person_are_told():
    of_two = protocol([["s000"], ["s001"]], 0)
    (found,) = cautions._of_people(making.dataset(subjects=2), of_two)
    assert found.startswith("2 of 2 folds train on one person alone")
    assert cautions._of_people(making.dataset(subjects=4), APART) == []
    assert cautions._of_people(Dataset("none", ()), of_two) == []
