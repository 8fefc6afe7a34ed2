import numpy as np
import pytest

from engine.domain import Condition, Region
from engine.evaluation.paired_tests import ComparedImages
from engine.paper.figure6 import ClaimedRun, claims

SUBJECTS = 20
SEEN = ComparedImages(
    np.repeat([f"s{n:02}" for n in range(SUBJECTS)], 2),
    np.tile([int(c) for c in Condition], SUBJECTS),
)


def looked(run, method, upper, mask, train="pairs", seed=0):
    """Shares of forehead and mask on masked faces as given, a little different for everybody."""
    shares = np.zeros((2 * SUBJECTS, 8))
    some = np.random.default_rng(seed).normal(scale=0.005, size=(2 * SUBJECTS, 2))
    shares[:, Region.FOREHEAD] = upper + some[:, 0]
    shares[:, Region.MASK] = mask + some[:, 1]
    shares[:, Region.OUTSIDE] = 1 - shares.sum(axis=1)
    return ClaimedRun(run, method, train, shares)


BASELINE = looked("001-baseline-pairs", "baseline", 0.2, 0.4, seed=1)


def test_that_what_goes_the_papers_way_is_said_so():
    upper, mask = claims([BASELINE, looked("2", "contrastive", 0.25, 0.3)], SEEN)
    assert upper.agrees
    assert upper.sentence.startswith("On masked faces CL (2) puts 5.")
    assert (
        "points more on eyes, brows and forehead than the baseline (001-baseline" in upper.sentence
    )
    assert "20 subjects): as the paper's Figure 6 says." in upper.sentence
    assert "r = +1.00" in upper.sentence
    assert mask.agrees
    assert mask.sentence.startswith("On masked faces the baseline (001-baseline-pairs) puts 9.7")
    assert "more on the mask than CL (2; 95 %" in mask.sentence


def test_that_the_other_way_round_is_said_so():
    upper, mask = claims([BASELINE, looked("4", "distillation", 0.15, 0.5)], SEEN)
    for one in (upper, mask):
        assert not one.agrees
        assert one.sentence.endswith("not as the paper's Figure 6 says, but the other way round.")
        assert one.test.effect == -1
    assert "KD (4) puts 4.9" in upper.sentence
    assert "points less on eyes" in upper.sentence


def test_that_no_sure_difference_is_said_so():
    upper, _ = claims([BASELINE, looked("2", "contrastive", 0.2, 0.4)], SEEN)
    assert not upper.agrees
    assert upper.sentence.endswith("no sure difference, so not as the paper's Figure 6 says.")


def test_that_only_masked_faces_are_asked():
    other = looked("2", "contrastive", 0.25, 0.3)
    other.shares[SEEN.conditions == Condition.NON_MASKED] = BASELINE.shares[0]
    assert claims([BASELINE, other], SEEN)[0].agrees
    free = ComparedImages(SEEN.subjects, np.zeros_like(SEEN.conditions))
    assert claims([BASELINE, other], free) == []


def test_that_the_baseline_of_the_same_training_is_taken():
    nm = looked("3", "baseline", 0.9, 0.0, train="nm")
    upper, _ = claims([nm, BASELINE, looked("2", "contrastive", 0.25, 0.3)], SEEN)
    assert upper.test.second == BASELINE.run
    upper, _ = claims([nm, looked("2", "contrastive", 0.25, 0.3)], SEEN)
    assert upper.test.second == "3"


@pytest.mark.parametrize("method", ["ran", "baseline"])
def test_that_there_is_no_claim_without_cl_and_kd(method):
    assert claims([BASELINE, looked("5", method, 0.3, 0.2)], SEEN) == []


def test_that_there_is_no_claim_without_a_baseline():
    assert claims([looked("2", "contrastive", 0.3, 0.2)], SEEN) == []


def test_that_all_tests_of_the_claim_are_corrected_together():
    several = [looked(str(n), "contrastive", 0.25, 0.3, seed=n) for n in (2, 3)]
    found = claims([BASELINE, *several], SEEN)
    assert len(found) == 4
    assert all(one.test.corrected == pytest.approx(4 * one.test.p) for one in found)
