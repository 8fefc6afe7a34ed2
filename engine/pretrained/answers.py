"""Recognise a network that left its fold unrecorded by what it says of the images tested there.

It must still have its head: without one it says nothing.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import torch

from engine.data.packing import readable
from engine.domain import Failure
from engine.methods.base import build_method
from engine.networks.base import Network
from engine.pretrained.matching import Fitted
from engine.pretrained.name_matching import COUNTER
from engine.pretrained.reading import read as read_weights
from engine.store.networks import is_recorded
from engine.store.prediction_files import read
from engine.store.run_images import match_images
from engine.store.runs import Run, runs_in
from engine.store.study import Study
from engine.training.augmentation import normalise

ASKED = 16  # images: those that the network was least sure of, where others say otherwise
ALIKE = 0.02  # between probabilities: what another precision may change


def find_answering(found: Fitted, file: Path, study: Study) -> Iterator[tuple[Run, int]]:
    """The finished folds without a network or its record whose predictions these weights make."""
    for run in runs_in(study.runs_folder):
        for fold in _list_holes(run):
            with suppress(Failure):  # its predictions or images are damaged
                if _answers(run, fold, found, file, study):
                    yield run, fold


def _list_holes(run: Run) -> list[int]:
    """The folds whose network is not known."""
    try:
        done = run.finished_folds()
    except Failure:
        return []
    gone = [fold for fold in done if not run.network_file(fold).exists()]
    return [fold for fold in gone if not is_recorded(run, fold)]


def _answers(run: Run, fold: int, found: Fitted, file: Path, study: Study) -> bool:
    network = _fill(run, found, file)
    if network is None:
        return False
    said = read(run.predictions_file(fold))
    least = np.argsort(said.probabilities.max(axis=1), kind="stable")[:ASKED]
    fit = match_images(run, study.dataset())
    _, rows, places = np.intersect1d(fit.numbers, said.samples[least], return_indices=True)
    training = run.experiment.training
    kept, pixels = readable(fit.images, rows.tolist(), training.size, study.cache)
    with torch.inference_mode():
        images = normalise(torch.from_numpy(pixels), training.scaling_of_tests)
        answers = network(images).float().softmax(dim=1).numpy()
    expected = said.probabilities[least][places][np.isin(rows, kept)]
    return bool(kept) and bool(np.allclose(answers, expected, rtol=0, atol=ALIKE))


def _fill(run: Run, found: Fitted, file: Path) -> Network | None:
    """The run's network with all its tensors from the file; nothing if one is not there."""
    network: Network = build_method(run.experiment.method, run.experiment.settings).network.eval()
    needed = {name: t for name, t in network.state_dict().items() if not name.endswith(COUNTER)}
    given = {f"trunk.{name}": tensor for name, tensor in found.tensors.items()}
    others = {name for name in needed if not name.startswith("trunk.")}
    for tensors in read_weights(file).values():
        for place, tensor in tensors.items():
            given |= {name: tensor for name in others if f".{place}".endswith(f".{name}")}
    if any(name not in given or given[name].shape != t.shape for name, t in needed.items()):
        return None
    network.load_state_dict(given, strict=False)
    return network
