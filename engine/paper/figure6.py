"""The claim of the paper's Figure 6 as tested sentences.

"On masked faces, CL and KD look at the eyes and the forehead, the baseline at the mask" (*Masked
Student Dataset of Expressions*, ICVGIP 2022).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.attention.document import tell_test
from engine.attention.found import Attention
from engine.domain import UPPER, Condition, Region
from engine.evaluation.paired_tests import (
    ComparedImages,
    Floats,
    PairedTest,
    correct_tests,
    difference,
)

BASELINE = "baseline"
CLAIMED = {"contrastive": "CL", "distillation": "KD"}  # methods, as the paper calls them
_MASK = (Region.MASK,)


@dataclass(frozen=True)
class ClaimedRun:
    """A run as the claim knows it."""

    run: str
    method: str
    train: str
    shares: Floats  # (n, 8)


@dataclass(frozen=True)
class Claim:
    """One contrast, positive if it goes the paper's way, and the sentence about it."""

    test: PairedTest
    agrees: bool
    sentence: str


def claims(runs: list[ClaimedRun], seen: ComparedImages) -> list[Claim]:
    """Test each CL and KD run against its baseline: on what is above the mask, and on the mask.

    The baseline is one that was trained on the same images, if there is one. All tests of the
    claim are corrected together, apart from other tests: they were planned. Empty without a
    baseline, without CL and KD, or without masked faces.
    """
    shares = {one.run: one.shares for one in runs}
    tests, names = [], []
    for one in runs:
        against = _baseline(one, runs) if one.method in CLAIMED else None
        if against is None:
            continue
        for pair, of in (((one.run, against.run), UPPER), ((against.run, one.run), _MASK)):
            test = difference(pair, shares, seen, of, Condition.MASKED)
            tests += [test] if test else []
        names += [(one.run, CLAIMED[one.method]), (against.run, "the baseline")]
    return [_claim(test, dict(names)) for test in correct_tests(tests)]


def describe_claims(found: Attention) -> list[dict[str, Any]]:
    """As plain data."""
    looked = [
        ClaimedRun(one.run.id, one.run.experiment.method, one.run.experiment.train, one.shares)
        for one in found.runs
    ]
    return [
        {"sentence": one.sentence, "agrees": one.agrees, **tell_test(one.test)}
        for one in claims(looked, found.seen)
    ]


def _baseline(one: ClaimedRun, runs: list[ClaimedRun]) -> ClaimedRun | None:
    known = [run for run in runs if run.method == BASELINE]
    alike = [run for run in known if run.train == one.train]
    return next(iter(alike or known), None)


def _claim(test: PairedTest, names: Mapping[str, str]) -> Claim:
    agrees = test.sure and test.effect > 0
    points = 100 * test.median
    low, high = (100 * end for end in test.interval)
    where = "the mask" if test.of == _MASK else "eyes, brows and forehead"
    more = "more" if points >= 0 else "less"
    sentence = (
        f"On masked faces {names[test.first]} ({test.first}) puts {abs(points):.1f} points {more} "
        f"on {where} than {names[test.second]} ({test.second}; 95 % {low:+.1f} to {high:+.1f}, "
        f"{_p(test.corrected)}, r = {test.effect:+.2f}, {test.subjects} subjects): "
        f"{_verdict(test)}."
    )
    return Claim(test, agrees, sentence)


def _verdict(test: PairedTest) -> str:
    if not test.sure:
        return "no sure difference, so not as the paper's Figure 6 says"
    if test.effect > 0:
        return "as the paper's Figure 6 says"
    return "not as the paper's Figure 6 says, but the other way round"


def _p(p: float) -> str:
    least = 0.001
    return f"p < {least}" if p < least else f"p = {p:.3f}"
