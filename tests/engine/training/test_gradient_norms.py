from contextlib import suppress
from dataclasses import replace

import pytest
import torch
from torch import nn

from engine.events import BatchEnded, Cancelled, Logged, silent
from engine.methods.baseline import Baseline
from engine.training import gradient_norms
from engine.training.batches import BatchSource
from engine.training.loop import TrainingContext, train
from tests.engine.making import material
from tests.engine.methods.making import Tiny
from tests.engine.training.test_loop import TINY


class Uneven(Baseline):
    """Its second term pulls as the first does, but a thousandth as strongly."""

    def losses(self, batch):
        (recognition,) = super().losses(batch).values()
        assert torch.rand(1) >= 0  # a method may draw
        return {"recognition": recognition, "small": recognition / 1000, "off": 0 * recognition}


def made(cls=Uneven):
    method = cls(cls.Settings())
    method.network = Tiny()
    return method


def warnings(method, folder, training=TINY, report=silent):
    said = []

    def hear(event):
        said.append(event)
        report(event)

    folder.mkdir(exist_ok=True)
    with suppress(Cancelled):
        train(
            method,
            BatchSource(material(), training, "cpu"),
            TrainingContext(training, folder),
            hear,
        )
    return [event.message for event in said if isinstance(event, Logged)]


def test_that_the_length_of_each_terms_gradient_is_measured_at_the_trunk():
    trunk, head = nn.Linear(2, 1, bias=False), nn.Linear(1, 1, bias=False)
    seen = trunk(torch.tensor([3.0, 4.0]))
    losses = {"linear": 2 * seen.sum(), "off": 0 * seen.sum(), "head": head(torch.ones(1)).sum()}
    found = gradient_norms.norms(losses | {"constant": torch.tensor(1.0)}, trunk)
    assert found == pytest.approx({"linear": 10, "off": 0, "head": 0, "constant": 0})
    losses["linear"].backward()  # the graph is still there
    assert trunk.weight.grad.tolist() == [[6, 8]]


def test_that_what_is_below_a_hundredth_is_faint_and_what_is_off_is_not():
    measured = {"strong": 2.0, "fair": 0.021, "faint": 0.01, "off": 0.0}
    assert gradient_norms.faint(measured) == pytest.approx({"faint": 0.005})
    assert gradient_norms.faint({}) == {}
    assert gradient_norms.faint({"off": 0.0}) == {}


def test_that_the_loop_warns_once_a_fold_of_a_term_that_hardly_pulls(tmp_path):
    (said,) = warnings(made(), tmp_path)
    assert said.startswith("Fold 1: the trunk hardly learns from “small”, with 0.1 % of the")
    assert not warnings(made(Baseline), tmp_path / "baseline")


def test_that_a_warning_comes_though_training_was_cut_off_before_it(tmp_path):
    def cancel(event):
        if isinstance(event, BatchEnded):
            raise Cancelled

    attempts = [warnings(made(), tmp_path, report=cancel) for _ in range(4)]
    assert [len(said) for said in attempts] == [0, 1, 0, 0]


def test_that_measuring_changes_nothing_of_the_training(tmp_path, monkeypatch):
    measured = made()
    assert warnings(measured, tmp_path / "measured")
    monkeypatch.setattr(gradient_norms, "norms", lambda losses, trunk: {})
    plain = made()
    assert not warnings(plain, tmp_path / "plain")
    ours, theirs = measured.state_dict(), plain.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


def test_that_an_epoch_of_one_step_is_measured(tmp_path):
    assert warnings(made(), tmp_path, replace(TINY, batch=64))
