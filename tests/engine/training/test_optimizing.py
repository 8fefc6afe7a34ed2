"""Optimisers, schedules and sampling: what is declared is what the steps do, also after a stop."""

import math
from collections import Counter
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.events import BatchEnded, Cancelled, silent
from engine.methods.baseline import Baseline
from engine.training.batches import BatchSource
from engine.training.loop import TrainingContext, train
from tests.engine.making import material
from tests.engine.methods.making import Tiny
from tests.engine.training.test_loop import TINY

SGD = replace(TINY, optimizer="sgd", trunk_rate=0.01, head_rate=0.1)


def method():
    made = Baseline(Baseline.Settings())
    made.network = Tiny()
    return made


def trained(training, folder, report=silent):
    taught = method()
    folder.mkdir(exist_ok=True)
    with suppress(Cancelled):
        train(
            taught,
            BatchSource(material(), training, "cpu"),
            TrainingContext(training, folder),
            report,
        )
    return taught.state_dict()


@pytest.mark.parametrize("momentum", [0.9, 0.0])
def test_that_sgd_resumes_bit_for_bit_at_any_batch(tmp_path, momentum):
    training = replace(
        SGD, momentum=momentum, rate_decay=0.5, balanced=True, scaling="unit", drops=()
    )

    def cancel(event):
        if isinstance(event, BatchEnded):
            raise Cancelled

    whole = trained(training, tmp_path / "whole")
    for _ in range(7):
        parts = trained(training, tmp_path / "parts", cancel)
    assert all(torch.equal(value, parts[name]) for name, value in whole.items())


def test_that_a_step_of_sgd_is_the_rate_times_gradient_and_momentum(tmp_path, monkeypatch):
    steps = []
    stepped = torch.optim.SGD.step

    def watched(self, *given):
        groups = [(group["lr"], group["params"][-1]) for group in self.param_groups]
        before = [(rate, p.detach().clone(), p.grad.clone()) for rate, p in groups]
        stepped(self, *given)
        after = [p.detach().clone() for _, p in groups]
        steps.append([(*one, now) for one, now in zip(before, after, strict=True)])

    monkeypatch.setattr(torch.optim.SGD, "step", watched)
    training = replace(SGD, weight_decay=0.1, momentum=0.5, rate_decay=0.5, drops=(2,), epochs=3)
    trained(training, tmp_path)
    rates = [[rate for rate, *_ in groups] for groups in steps]
    assert rates[0] == [0.01, 0.1]
    assert rates[3] == pytest.approx([0.005, 0.05])
    assert rates[6] == pytest.approx([0.01 * 0.25 / 10, 0.1 * 0.25 / 10])
    moved = torch.zeros_like(steps[0][1][1])
    for _, (rate, before, gradient, after) in steps:
        moved = 0.5 * moved + gradient + 0.1 * before
        torch.testing.assert_close(after, before - rate * moved)


def test_that_balanced_sampling_draws_rare_expressions_as_often_as_common_ones():
    few = replace(material(), expressions=np.array([0] * 8 + [3] * 2 + [0] * 4))
    source = BatchSource(few, replace(TINY, balanced=True, batch=10), "cpu")
    drawn = Counter(
        truth
        for epoch in range(200)
        for truth in few.expressions[few.train[source._ordered(epoch), 0]].tolist()
    )
    assert sum(drawn.values()) == 2000
    assert drawn[3] == pytest.approx(1000, abs=4 * math.sqrt(500))
    assert not np.array_equal(source._ordered(0), source._ordered(1))
    assert np.array_equal(
        BatchSource(few, replace(TINY, balanced=True), "cpu")._ordered(1), source._ordered(1)
    )
