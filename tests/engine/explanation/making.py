"""A finished run whose networks were never taught, and a network that costs nothing."""

import torch
from torch import nn

from engine.experiment.experiment import Training
from engine.experiment.folds import protocol
from engine.experiment.predictions import Predictions
from engine.networks.base import Network, build
from engine.networks.ran import RAN, cut_crops
from engine.store.prediction_files import write
from engine.store.runs import create
from engine.store.study import Study
from engine.training.checkpoint import save_weights
from tests.engine import making

SUBJECTS = 4


class Tiny(Network):
    """Its one map has half the image's side."""

    variants = ("tiny",)

    def __init__(self, variant="tiny"):
        super().__init__()
        self.trunk = nn.Sequential(nn.Conv2d(3, 5, 2, 2), nn.ReLU(inplace=True))
        self.head = nn.Linear(5, 7)

    def features(self, images):
        return self.trunk(images).mean((2, 3))

    @property
    def heatmap_layer(self):
        return self.trunk[1]


class Crops(Tiny):
    """It reads six crops of a face as RAN does."""

    on_face = RAN.on_face

    def features(self, images):
        return self.trunk(cut_crops(images)).mean((2, 3)).unflatten(0, (6, -1)).mean(0)


class Always:
    """Stands in for warm networks: the same one for every fold."""

    def __init__(self, network):
        self.network, self.asked = network, []

    def of(self, run, fold, device="cpu", randomised=False):
        self.asked.append(fold)
        return self.network


def study(folder, subjects=SUBJECTS):
    """Every subject has every expression in both conditions: 14 samples each."""
    making.study(folder / "study", making.faces(folder / "faces", subjects), copy=True).close()
    return folder / "study"


def run(folder, network="resnet18", size=32, finished=(0, 1)):
    """Two folds, of even and odd subjects; random weights and predictions in finished ones."""
    with Study(folder) as opened:
        dataset = opened.dataset()
    people = sorted(set(dataset.subjects.tolist()))
    method = "ran" if network.startswith("ran") else "baseline"
    experiment = making.experiment(
        method=method,
        training=Training(size=size),
        settings={"network": network},
        last_sample=int(dataset.ids.max()),
        fingerprint=dataset.fingerprint,
    )
    made = create(folder / "runs", experiment, protocol([people[::2], people[1::2]], 0))
    for fold in finished:
        made.fold(fold).mkdir()
        torch.manual_seed(100 + fold)
        save_weights(build(network), made.fold(fold) / "network.safetensors")
        write(predictions(made, dataset, fold), made.fold(fold) / "predictions.npz")
    return made


def predictions(made, dataset, fold):
    """Surprise and fear are recognised; all else looks like fear."""
    tested = [s for s in dataset.samples if s.subject in made.protocol.folds[fold].test]
    said = making.predictions([sample.id for sample in tested], fold)
    said.probabilities[:] = 0.05
    for row, sample in enumerate(tested):
        said.probabilities[row, min(sample.expression, 1)] = 0.5 + sample.id / 1000
    said.probabilities[:] /= said.probabilities.sum(axis=1, keepdims=True)
    return Predictions(
        said.samples,
        said.folds,
        *(dataset.conditions[said.samples - 1], dataset.expressions[said.samples - 1]),
        said.probabilities,
    )
