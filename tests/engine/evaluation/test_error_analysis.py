import numpy as np
import pytest

from engine.domain import Condition, Expression
from engine.evaluation import error_analysis
from engine.evaluation.scores import confusion
from engine.experiment.predictions import Predictions

SURPRISE, FEAR, _, _, SAD, _, _ = range(7)


def said(*rows):
    """Rows are (id, condition, truth, answer, probability of the answer)."""
    ids, conditions, truths, answers, shares = map(np.array, zip(*rows, strict=True))
    values = np.repeat((1 - shares[:, None]) / 6, 7, axis=1)
    values[np.arange(len(ids)), answers] = shares
    return Predictions(ids, np.zeros_like(ids), conditions, truths, values.astype(np.float32))


def random_run(seed, n=400, skill=1.0):
    """A run that has three quarters of the samples, in no order."""
    truth = np.random.default_rng(7).integers(0, 7, n)
    random = np.random.default_rng(seed)
    logits = random.normal(size=(n, 7))
    logits[np.arange(n), truth] += skill
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    ids = np.arange(1, n + 1)
    whole = Predictions(ids, ids % 3, ids % 2, truth, shares.astype(np.float32))
    return whole.where(random.permutation(n)[: 3 * n // 4])


def test_that_the_most_confident_mistake_comes_first():
    run = said((1, 0, FEAR, SAD, 0.5), (2, 0, FEAR, FEAR, 0.99), (3, 1, FEAR, SAD, 0.9))
    run = error_analysis.pool([run, said((4, 0, SAD, FEAR, 0.7))])
    assert run.samples[error_analysis.mistakes(run)].tolist() == [3, 4, 1]
    assert run.samples[error_analysis.mistakes(run, FEAR)].tolist() == [3, 1]


def test_that_confusions_are_ranked_within_their_condition():
    run = said(
        (1, 0, FEAR, SAD, 0.5),
        (2, 1, FEAR, SAD, 0.5),
        (3, 1, FEAR, SAD, 0.5),
        (4, 1, FEAR, FEAR, 0.5),
        (5, 1, SAD, FEAR, 0.5),
    )
    most, second, third = error_analysis.confusions(run)
    assert (most.condition, most.truth, most.predicted) == (Condition.MASKED, FEAR, SAD)
    assert (most.ids, most.of, most.share) == ((2, 3), 3, pytest.approx(2 / 3))
    assert {second.ids, third.ids} == {(1,), (5,)}
    assert second.share == 1.0


def test_that_confusions_add_up_to_the_matrix():
    run = random_run(0)
    for condition in Condition:
        table = np.zeros((7, 7), dtype=int)
        for one in error_analysis.confusions(run):
            if one.condition is condition:
                table[one.truth, one.predicted] = len(one.ids)
        whole = confusion(run.where(run.conditions == condition))
        assert (table == whole - np.diag(whole.diagonal())).all()


def test_that_what_runs_share_is_said_of_common_samples_alone():
    first = said((1, 0, FEAR, SAD, 0.9), (2, 0, FEAR, FEAR, 0.9), (3, 0, FEAR, SAD, 0.9))
    second = said((4, 0, FEAR, SAD, 0.9), (3, 0, FEAR, SAD, 0.9), (2, 0, FEAR, SAD, 0.9))
    both = error_analysis.compare_answers([first, second])
    assert both.samples.tolist() == [2, 3]
    assert both.by_all().tolist() == [3]
    assert both.only_wrong(1).tolist() == [2]
    assert both.only_right(0).tolist() == [2]
    assert both.only_wrong(0).tolist() == both.only_right(1).tolist() == []


def test_that_nothing_is_only_of_one_run_without_another():
    alone = error_analysis.compare_answers([random_run(0)])
    assert len(alone.by_all())
    assert not len(alone.only_wrong(0))
    assert not len(alone.only_right(0))


def test_that_a_net_gain_of_a_cell_names_who_came_and_who_left():
    before = said((1, 0, FEAR, SAD, 0.9), (2, 0, FEAR, FEAR, 0.9), (3, 0, FEAR, FEAR, 0.9))
    after = said((1, 0, FEAR, FEAR, 0.9), (2, 0, FEAR, SAD, 0.9), (3, 0, FEAR, SAD, 0.9))
    moved = error_analysis.difference(before, after)
    assert moved.net[FEAR, SAD] == 1
    assert moved.entered(FEAR, SAD).tolist() == [2, 3]
    assert moved.left(FEAR, SAD).tolist() == [1]


@pytest.mark.parametrize("seed", range(20))
def test_that_the_ids_of_a_difference_add_up_to_its_cells(seed):
    before, after = random_run(seed), random_run(seed + 100, skill=2.0)
    moved = error_analysis.difference(before, after)
    tables = [confusion(part) for part in error_analysis.align_predictions([before, after])]
    assert (moved.net == tables[1] - tables[0]).all()
    assert moved.net.sum() == 0
    for cell in np.ndindex(7, 7):
        entered, left = set(moved.entered(*cell)), set(moved.left(*cell))
        assert (len(entered), len(left)) == (moved.came[cell], moved.gone[cell])
        assert len(entered) - len(left) == moved.net[cell]
        assert not entered & left


def test_that_hard_subjects_are_ranked_by_rate_and_say_under_which_condition():
    run = said(
        (1, 0, FEAR, FEAR, 0.9),
        (2, 1, FEAR, SAD, 0.9),
        (3, 0, FEAR, FEAR, 0.9),
        (4, 1, FEAR, FEAR, 0.9),
    )
    hard, easy = error_analysis.hardships(run, np.array(["Bo", "Bo", "Ada", "Ada"]))
    assert (hard.subject, hard.ids, hard.of, hard.rate) == ("Bo", (2,), 2, 0.5)
    assert hard.by_condition == ((0, 1), (1, 1))
    assert (easy.subject, easy.rate) == ("Ada", 0.0)
    assert hard.interval == error_analysis.wilson(1, 2)


def test_that_a_rate_and_not_a_count_makes_a_subject_hard():
    run = said(
        (1, 0, FEAR, SAD, 0.9),
        (2, 0, FEAR, SAD, 0.9),
        (3, 0, FEAR, FEAR, 0.9),
        (4, 0, FEAR, FEAR, 0.9),
        (5, 0, FEAR, SAD, 0.9),
    )
    found = error_analysis.hardships(run, np.array(["often", "often", "often", "often", "always"]))
    assert [(one.subject, one.rate) for one in found] == [("always", 1.0), ("often", 0.5)]


def test_that_wilson_gives_the_published_interval():
    # Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263, 15 of 148, 0 of 20
    assert error_analysis.wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert error_analysis.wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert error_analysis.wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)
    assert error_analysis.wilson(0, 0) == (0.0, 1.0)


def test_that_flips_are_of_whole_pairs():
    run = said(
        (6, 1, FEAR, SAD, 0.9),  # its partner 5 is right
        (5, 0, FEAR, FEAR, 0.9),
        (7, 0, SAD, FEAR, 0.9),  # its partner 8 is right
        (8, 1, SAD, SAD, 0.9),
        (9, 0, SAD, SAD, 0.9),  # its partner 10 has no answer
    )
    found = error_analysis.flips(run, np.array([[5, 6], [7, 8], [9, 10]]))
    assert found.masked_only.tolist() == [[5, 6]]
    assert found.bare_only.tolist() == [[7, 8]]
    assert len(found.never) == len(found.always) == 0


def test_that_every_pair_flips_one_way_or_not_at_all():
    run = random_run(3)
    pairs = np.arange(1, 401).reshape(-1, 2)[:, ::-1]
    found = error_analysis.flips(run, pairs)
    whole = np.isin(pairs, run.samples).all(axis=1).sum()
    assert sum(len(part) for part in vars(found).values()) == whole
    assert not set(found.masked_only.ravel()) & set(found.bare_only.ravel())


def test_that_runs_without_a_common_sample_have_nothing_to_compare():
    first, second = said((1, 0, FEAR, SAD, 0.9)), said((2, 0, FEAR, SAD, 0.9))
    assert len(error_analysis.compare_answers([first, second]).samples) == 0
    assert not error_analysis.difference(first, second).net.any()
    assert len(Expression) == error_analysis.N
