"""A run whose networks are there without any training."""

import torch

from engine.events import Cancelled
from engine.experiment.folds import protocol
from engine.methods.base import method
from engine.store.runs import Run, create
from engine.training.checkpoint import save_weights
from tests.engine.making import experiment, faces, study


def trained_run(folder, subjects=2, seed=0):
    """Each subject is held out in a fold of its own; weights are random."""
    place = folder / "study"
    if not place.exists():
        study(place, faces(folder / "faces", subjects)).close()
    folds = protocol([[f"s{number}"] for number in range(subjects)], 0)
    run = create(place / "runs", experiment(last_sample=14 * subjects), folds)
    for fold in folds.folds:
        run.fold(fold.number).mkdir()
        train(run, fold.number, seed)
    return Run(run.folder)


def train(run, fold=0, seed=0, change=None):
    """Put down weights that the seed decides."""
    torch.manual_seed(100 * seed + fold)
    cls = method("baseline")
    network = cls(cls.Settings()).network
    with torch.no_grad():
        for parameter in network.parameters():
            if change is not None:
                parameter.fill_(change)
    save_weights(network, run.fold(fold) / "network.safetensors")


class Heard:
    """A report that remembers, and that may stop the work at an event."""

    def __init__(self, stop=None):
        self.events = []
        self._stop = stop

    def __call__(self, event):
        self.events.append(event)
        if self._stop is not None and self._stop(event):
            raise Cancelled

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]
