import argparse

import pytest

from benchmarks import gradients, subjects
from engine.methods import baseline, contrastive, distillation
from tests.engine.making import sample_study
from tests.engine.methods.making import Tiny

READINGS = 6
CHOSEN = {"device": "cpu", "at": [1], "each": False, "trunk_rate": 1e-3} | gradients.TINY


@pytest.fixture
def measured(tmp_path, monkeypatch):
    place = sample_study(tmp_path / "sample", CHOSEN["subjects"])
    monkeypatch.setattr(subjects, "find_shipped", lambda: place)
    for methods in (baseline, contrastive, distillation):
        monkeypatch.setattr(methods, "build", lambda name: Tiny())
    return gradients.measure(argparse.Namespace(**CHOSEN))


def test_that_every_reading_of_cl_and_kd_is_measured_beside_cross_entropy(measured):
    rows = [gradients.Row(**values) for values in measured["rows"]]
    assert len(rows) == 2 * READINGS
    assert len({(row.method, row.measured) for row in rows}) == len(rows)
    assert all(row.cross_entropy > 0 and row.feature > 0 for row in rows)
    pulls = {(row.method, row.measured): row.feature for row in rows}
    for name in ("contrastive", "distillation"):
        for feature in ("raw", "vector", "map"):  # of two units
            ratio = pulls[name, f"{feature} sum"] / pulls[name, f"{feature} mean"]
            assert ratio == pytest.approx(2, rel=1e-3)
    assert [one["method"] for one in measured["students"]] == ["contrastive", "distillation"]
    text = gradients.table(measured)
    assert len(text.splitlines()) == 1 + len(rows) + 2
    assert "contrastive raw mean in the end: training" in text
