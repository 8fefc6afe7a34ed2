"""What was found of where runs look, as plain data: summaries and a table by image."""

from dataclasses import asdict
from typing import Any

import numpy as np

from engine.attention.found import Attention, RunAttention
from engine.attention.region_shares import Shares, density
from engine.domain import Condition, Expression, Region
from engine.evaluation.paired_tests import PairedTest


def document(found: Attention) -> dict[str, Any]:
    """All of it but what the paper claims, shares by image left out: they are in ``rows``."""
    return {
        "variant": found.asked.variant,
        "target": found.asked.target,
        "images": len(found.samples),
        "exact": int(found.exact.sum()),
        "regions": [region.title for region in Region],
        "runs": {one.run.id: _summary(found, one) for one in found.runs},
        "area": {
            c.short: _medians(found.areas[found.of(c)]) for c in Condition if found.of(c).any()
        },
        "tests": [tell_test(test) for test in found.tests],
        "skipped": [asdict(one) for one in found.skipped],
        "empty": [asdict(one) for one in found.empty],
    }


def rows(found: Attention) -> list[dict[str, Any]]:
    """One a run and image: who, what was explained, shares of energy and of area by region."""
    listed = []
    for one in found.runs:
        for row, sample in enumerate(found.samples):
            energy = {region.title: float(one.shares[row, region]) for region in Region}
            area = {f"area_{region.title}": float(found.areas[row, region]) for region in Region}
            listed.append(
                {
                    "run": one.run.id,
                    "sample": sample.id,
                    "file": str(sample.file),
                    "subject": sample.subject,
                    "condition": sample.condition.short,
                    "expression": sample.expression.title,
                    "target": Expression(one.targets[row]).title,
                    "regions": "exact" if found.exact[row] else "landmarks",
                    **energy,
                    **area,
                }
            )
    return listed


def _summary(found: Attention, one: RunAttention) -> dict[str, Any]:
    conditions = [condition for condition in Condition if found.of(condition).any()]
    return {
        "method": one.run.experiment.method,
        "train": one.run.experiment.train,
        "grid": list(one.grid),
        "layer": one.layer,
        "empty": int(np.isnan(one.shares).any(axis=1).sum()),
        "shares": {c.short: _medians(one.shares[found.of(c)]) for c in conditions},
        "density": {
            c.short: _medians(density(one.shares, found.areas)[found.of(c)]) for c in conditions
        },
        "sanity": asdict(one.sanity) if one.sanity else None,
    }


def _medians(values: Shares) -> dict[str, float]:
    """By region, of the images that have a value; regions that no image has are left out."""
    found = {}
    for region in Region:
        known = values[~np.isnan(values[:, region]), region]
        if len(known):
            found[region.title] = float(np.median(known))
    return found


def tell_test(test: PairedTest) -> dict[str, Any]:
    return {
        **asdict(test),
        "of": [region.title for region in test.of],
        "condition": test.condition.short,
    }
