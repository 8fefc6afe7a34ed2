from collections import Counter

import numpy as np
import pytest

from benchmarks.sample.__main__ import main
from benchmarks.sample.answers import Asked, answers_in, compare, score
from benchmarks.sample.labelled import read
from benchmarks.sample.outcome import wilson
from benchmarks.sample.quiz import pick, pick_lines
from engine.domain import Condition, Expression, Failure
from tests.benchmarks.making import study

ASKED = [Asked(i + 1, f"{i}.jpg", "S001", e.title, "masked") for i, e in enumerate(Expression)]


def test_that_answers_are_read_in_the_usual_spellings():
    found = answers_in("# mine\n1 happy\n\n2: Anger\n3) sadness\n")
    assert found == {1: Expression.HAPPY, 2: Expression.ANGER, 3: Expression.SAD}
    with pytest.raises(Failure, match=r"Line 2 .* “5 bored”"):
        answers_in("1 happy\n5 bored")


def test_that_a_missing_answer_is_wrong():
    scores = score(ASKED, {1: Expression.SURPRISE, 2: Expression.FEAR, 3: Expression.SAD})
    assert (scores["all"]["right"], scores["all"]["n"]) == (2, 7)
    assert scores["fear"]["right"] == 1
    assert scores["disgust"]["right"] == 0


def test_that_person_and_network_are_compared_face_by_face():
    person = {one.number: Expression(one.number - 1) for one in ASKED}
    found = compare(ASKED, person, {one.file: "happy" for one in ASKED})
    assert (found["only_person"], found["only_network"]) == (6, 0)
    assert found["p"] == pytest.approx(2 / 2**6)


def test_that_the_interval_is_wilsons():
    assert wilson(8, 10) == pytest.approx((0.490, 0.943), abs=1e-3)
    assert wilson(0, 5)[0] == 0


def test_that_a_sheet_is_balanced_and_the_same_for_the_same_seed(tmp_path):
    labelled = read(study(tmp_path, 6))
    rows = pick(labelled, 14, seed=3)
    assert rows == pick(labelled, 14, seed=3) != pick(labelled, 14, seed=4)
    assert set(Counter(labelled.dataset.expressions[rows].tolist()).values()) == {2}
    assert max(Counter(labelled.dataset.subjects[rows].tolist()).values()) == 3


def test_that_each_line_of_a_sheet_can_hold_one_subject(tmp_path):
    labelled = read(study(tmp_path, 6)).of(Condition.MASKED)
    rows = np.array(pick_lines(labelled, 21, seed=3)).reshape(3, 7)
    assert all(len(set(labelled.dataset.subjects[line])) == 1 for line in rows)
    assert all(set(labelled.dataset.expressions[line]) == set(Expression) for line in rows)
    assert len(set(labelled.dataset.subjects[rows[:, 0]])) == 3
    assert rows.tolist() != np.sort(rows).tolist()


def test_that_right_answers_to_a_sheet_score_full(tmp_path, capsys):
    folder, sheet = study(tmp_path / "study", 2), tmp_path / "sheet.png"
    made = [
        "quiz",
        "--folder",
        str(folder),
        "--out",
        str(sheet),
        "--faces",
        "7",
        "--condition",
        "m",
    ]
    assert main(made) == 0
    lines = (tmp_path / "sheet.csv").read_text().splitlines()[1:]
    answers = tmp_path / "answers.txt"
    answers.write_text("\n".join(f"{n} {e}" for n, _, _, e, _ in (x.split(",") for x in lines)))
    scored = ["quiz", "--score", str(answers), "--key", str(sheet.with_suffix(".csv"))]
    assert main(scored) == 0
    assert "7 of 7" in capsys.readouterr().out
