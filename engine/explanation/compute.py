"""Heatmaps of a run's samples, each by the network that never saw the sample's subject."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.packing import readable
from engine.domain import Dataset, Expression, Failure
from engine.events import Progressed, Report
from engine.experiment.experiment import Training
from engine.experiment.predictions import Predictions
from engine.explanation.cam.lens import Lens, explain, lens
from engine.explanation.cam.seen import Pulse
from engine.explanation.cam.variants import find_variant
from engine.explanation.heatmap import HeatmapRequest, Heatmaps, check
from engine.inference.networks import Networks
from engine.store.run_images import Judged, match_images, require_judged
from engine.store.runs import Run
from engine.store.study import Study
from engine.system.device import devices
from engine.training.augmentation import normalise

AT_ONCE = 64  # faces in one pass, fewer of large ones
PIXELS = AT_ONCE * 112 * 112  # in one pass
FINEST = 64  # cells: side of the grid on which parts of a face are merged
Rows = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class _Faces:
    """The images that a run was made of, and where its networks look at them."""

    training: Training
    dataset: Dataset
    cache: Path
    device: str

    def images(self, samples: Rows) -> tuple[NDArray[np.bool_], Tensor]:
        """Which can be read; and those as the networks were tested on them, (n, 3, size, size)."""
        rows = [self.dataset.row_of[number] for number in samples.tolist()]
        kept, pixels = readable(self.dataset, rows, self.training.size, self.cache)
        images = normalise(torch.from_numpy(pixels).to(self.device), self.training.scaling_of_tests)
        return np.isin(rows, kept), images.contiguous(memory_format=torch.channels_last)


def heatmaps(
    run: Run,
    samples: Sequence[int],
    asked: HeatmapRequest,
    report: Report,
    networks: Networks | None = None,
) -> Heatmaps:
    """One heatmap a sample id, in their order, computed in fp32; none of an image that has broken.

    What a trained network says is what it said when its fold was tested, so that all views agree.
    ``networks`` keeps what was loaded for the next question. ``report`` may raise ``Cancelled`` at
    any batch. Raises ``Failure`` for an unknown variant, target or layer, for a sample that no
    finished fold tested, for weights that have gone, and if no image can be read.
    """
    check(asked)
    warm = Networks() if networks is None else networks
    faces, known = _faces(run)
    tested = _find_predictions(run, known, samples)
    rows, (targets, said, values), layer = _explain_fold(run, asked, (faces, tested), warm, report)
    told = said if asked.randomised else tested.probabilities[rows]
    return Heatmaps(tested.samples[rows], tested.folds[rows], targets, told, values, layer)


def _explain_fold(
    run: Run,
    asked: HeatmapRequest,
    of: tuple[_Faces, Predictions],
    networks: Networks,
    report: Report,
) -> tuple[Rows, tuple[Rows, Floats, Floats], str]:
    """Rows of the fold; their targets, probabilities and values; and the layer in a phrase."""
    (faces, tested), order = of, list[int]()
    parts = []

    def pulse() -> None:
        report(Progressed("Heatmaps", len(order), len(tested)))

    for fold, places in _batches(tested.folds, _at_once(run, asked)):
        network = networks.of(run, fold, faces.device, asked.randomised)
        through = lens(network, asked.layer, asked.variant)
        kept, images = faces.images(tested.samples[places])
        if kept.any():
            wanted = _targets(asked, tested, places[kept])
            parts.append(_columns(through, images, wanted, pulse))
        order += places[kept].tolist()
        pulse()
    if not order:
        raise Failure("None of these images can be read any more: see `msde check`.")
    rows = np.argsort(order)
    targets, said, values = (np.concatenate(part)[rows] for part in zip(*parts, strict=True))
    return np.array(order)[rows], (targets, said, values), _phrase(through)


def _faces(run: Run) -> tuple[_Faces, Judged]:
    """What its study still has of its images, and what was said of them."""
    with Study(run.study_folder) as study:
        dataset = study.dataset()
        images = match_images(run, dataset).images
        faces = _Faces(run.experiment.training, images, study.cache, devices()[0])
        return faces, require_judged(run, dataset)


def _find_predictions(run: Run, known: Judged, samples: Sequence[int]) -> Predictions:
    """What the network that held out each sample's subject said of it, in their order."""
    predictions = known.predictions
    row_of = {int(number): row for row, number in enumerate(predictions.samples)}
    missing = [number for number in samples if number not in row_of]
    if missing or not samples:
        wrong = f"Sample {missing[0]} is in no" if missing else "No sample was chosen of a"
        choice = f"choose of {min(row_of)} to {max(row_of)}"
        said = f"{wrong} finished fold of run {run.id}: {choice}. {known.note}"
        raise Failure(said.rstrip())
    rows = [row_of[number] for number in samples]
    return Predictions(**{name: column[rows] for name, column in vars(predictions).items()})


def _batches(folds: Rows, at_once: int) -> Iterator[tuple[int, Rows]]:
    """Places of samples whose network is the same, fold by fold."""
    for fold in np.unique(folds):
        places = np.flatnonzero(folds == fold)
        for start in range(0, len(places), at_once):
            yield int(fold), places[start : start + at_once]


def _at_once(run: Run, asked: HeatmapRequest) -> int:
    """Fewer where the variant says so."""
    most: int = getattr(find_variant(asked.variant), "FACES_AT_ONCE", AT_ONCE)
    return max(1, min(most, PIXELS // run.experiment.training.size**2))


def _columns(
    through: Lens, images: Tensor, targets: Tensor | None, pulse: Pulse
) -> tuple[Rows, Floats, Floats]:
    """Targets, probabilities and values of one batch."""
    said = explain(through, images, targets, pulse)
    merged = through.network.on_face(said.maps, _grid(images.shape[2], images.shape[3]))
    return said.targets.cpu().numpy(), said.probabilities.cpu().numpy(), merged.numpy()


def _targets(asked: HeatmapRequest, tested: Predictions, places: Rows) -> Tensor:
    """What the trained network predicted, for random weights too: both maps are of one class."""
    if asked.target == "predicted":
        return torch.from_numpy(tested.predicted[places])
    if asked.target == "true":
        return torch.from_numpy(tested.expressions[places])
    return torch.full((len(places),), Expression[asked.target.upper()].value)


def _grid(height: int, width: int) -> tuple[int, int]:
    """The image's size, halved while it is finer than maps of parts of it can be."""
    while max(height, width) > FINEST and not (height % 2 or width % 2):
        height, width = height // 2, width // 2
    return height, width


def _phrase(through: Lens) -> str:
    note = through.network.heatmap_note
    return f"{through.layer}: {note}" if note else through.layer
