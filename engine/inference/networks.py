"""The networks that finished folds of runs left."""

from collections import OrderedDict
from pathlib import Path

import torch

from engine.methods.base import build_method
from engine.networks.base import Network
from engine.store.runs import Run
from engine.store.trained_folds import check_fold
from engine.training.checkpoint import load_weights

KEPT = 12  # networks
_Key = tuple[Path, int, str, bool, int]


def load_network(run: Run, fold: int, device: str = "cpu") -> Network:
    """In evaluation mode.

    Raises ``Failure`` if the fold's weights are missing or damaged, or trained on other folds.
    """
    check_fold(run, fold)
    return _ready(load(run, fold), device)


def load(run: Run, fold: int) -> Network:
    """Whomever it was trained on. Raises ``Failure`` if its weights are missing or damaged."""
    network = _build(run)
    load_weights(network, run.network_file(fold))
    return network


def make_untrained(run: Run, fold: int, device: str = "cpu") -> Network:
    """The same architecture with random weights, which the run's seed and the fold decide."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1000 * run.experiment.seed + fold)
        return _ready(_build(run), device)


class Networks:
    """The last few networks that were asked for: a second question costs no loading."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._warm: OrderedDict[_Key, Network] = OrderedDict()

    def of(self, run: Run, fold: int, device: str = "cpu", randomised: bool = False) -> Network:
        """Shared by all who ask: leave it as it is. Raises ``Failure`` as ``load_network`` does."""
        file = run.network_file(fold)
        written = file.stat().st_mtime_ns if file.exists() else 0  # another run may take the name
        key = (run.folder, fold, device, randomised, written)
        if key not in self._warm:
            self._warm[key] = (make_untrained if randomised else load_network)(run, fold, device)
        self._warm.move_to_end(key)
        while len(self._warm) > self._kept:
            self._warm.popitem(last=False)
        return self._warm[key]


def _build(run: Run) -> Network:
    network: Network = build_method(run.experiment.method, run.experiment.settings).network
    return network


def _ready(network: Network, device: str) -> Network:
    network.to(memory_format=torch.channels_last)
    return network.to(device).eval()
