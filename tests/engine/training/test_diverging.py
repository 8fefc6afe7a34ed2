import pytest

from engine.domain import Failure
from engine.events import BatchEnded, Cancelled, silent
from engine.methods.baseline import Baseline
from engine.training.batches import BatchSource
from engine.training.loop import TrainingContext, probabilities, train
from tests.engine.making import material
from tests.engine.methods.making import Tiny
from tests.engine.training.test_loop import TINY  # two epochs of three steps

ADVICE = r"queue a run with smaller learning rates than trunk_rate 0.001, head_rate 0.001\.$"


class Diverging(Baseline):
    """Its loss, or a weight, is no number any more from a step on."""

    def __init__(self, settings, at, what):
        super().__init__(settings)
        self.network = Tiny()
        self.at, self.what, self.steps = at, what, 0

    def losses(self, batch):
        losses = super().losses(batch)
        losses["feature"] = losses["recognition"] / 2
        self.steps += 1
        if self.steps == self.at and self.what == "weight":
            self.network.trunk.weight.data[0] = float("inf")
        elif self.steps == self.at:
            losses["feature"] = losses["feature"] * float(self.what)
        return losses


def diverging(at, what):
    return Diverging(Baseline.Settings(), at, what)


def source():
    return BatchSource(material(), TINY, "cpu")


@pytest.mark.parametrize(
    ("at", "what", "told"),
    [
        (2, "nan", "The loss “feature” was no longer finite in epoch 1: "),
        (5, "inf", "The loss “feature” was no longer finite in epoch 2: "),
        (6, "weight", "The network was no longer finite in epoch 2: "),
    ],
)
def test_that_a_fold_which_diverges_ends_with_term_epoch_and_advice(tmp_path, at, what, told):
    with pytest.raises(Failure, match=f"^{told}.*{ADVICE}"):
        train(diverging(at, what), source(), TrainingContext(TINY, tmp_path), silent)
    assert not (tmp_path / "training.safetensors").exists()


@pytest.mark.parametrize("what", ["nan", "weight"])
def test_that_the_last_good_checkpoint_stays(tmp_path, what):
    def stop(event):
        if isinstance(event, BatchEnded):
            raise Cancelled

    with pytest.raises(Cancelled):
        train(diverging(0, what), source(), TrainingContext(TINY, tmp_path), stop)
    kept = (tmp_path / "training.safetensors").read_bytes()
    with pytest.raises(Failure, match="finite in epoch 1"):
        train(diverging(1, what), source(), TrainingContext(TINY, tmp_path), stop)
    assert (tmp_path / "training.safetensors").read_bytes() == kept


def test_that_answers_which_are_no_numbers_are_refused():
    method = Baseline(Baseline.Settings())
    method.network = Tiny()
    method.network.head.weight.data.fill_(float("nan"))
    with pytest.raises(Failure, match=f"answers are no longer finite: .*{ADVICE}"):
        probabilities(method, source(), TrainingContext(TINY, None))
