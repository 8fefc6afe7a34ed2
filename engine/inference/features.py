"""What the network of one fold makes of every sample: computed once, kept beside its weights.

Importing this module is light; torch comes with the first features that must be computed.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.domain import Dataset, Failure
from engine.events import Progressed, Report
from engine.store.columns import TEXT, Column, keep_columns, load_kept
from engine.store.files import reading
from engine.store.remedies import remedy
from engine.store.run_images import match_images
from engine.store.runs import Run
from engine.store.study import Study
from engine.store.trained_folds import check_fold
from engine.system.faults import cause

if TYPE_CHECKING:
    from engine.data.packing import Pixels
    from engine.inference.networks import Networks

COLUMNS = {
    "samples": Column("<i8", low=0),
    "values": Column("<f4", ("n", "d")),
    "weights": Column(TEXT),
    "images": Column(TEXT),
}
Batches = Iterator[tuple[list[int], "Pixels"]]  # rows that can be read, and their pixels


@dataclass(frozen=True)
class Features:
    """Aligned columns, one row a sample whose image can be read, in the dataset's order."""

    samples: NDArray[np.int64]  # ids
    values: NDArray[np.float32]  # (n, d)
    held_out: NDArray[np.bool_]  # False: the fold's network trained on that subject


def features(run: Run, fold: int, report: Report, networks: "Networks | None" = None) -> Features:
    """All samples' features under one fold's network: as they are kept, else computed and kept.

    Where an image has broken since its import, the others are computed anew each time. Raises
    ``Failure`` if that fold is not trained or no image can be read; ``report`` may raise
    ``Cancelled``, which leaves nothing behind.
    """
    weights = fingerprint(run, fold)
    with Study(run.study_folder) as study:
        dataset = dataset_of(run, study)
        values = _load_kept(run.features_file(fold), dataset, weights)
        rows = np.arange(len(dataset))
        if values is None:
            batches = _pixels(run, study, dataset, report)
            rows, values = _compute(run, fold, batches, networks)
            if len(rows) == len(dataset):
                _keep(run.features_file(fold), dataset, values, weights)
    trained_on = np.isin(dataset.subjects[rows], run.protocol.folds[fold].train)
    return Features(dataset.ids[rows], values, ~trained_on)


def dataset_of(run: Run, study: Study) -> Dataset:
    """The samples that the run was given, without later imports, as far as they are there."""
    found = match_images(run, study.dataset())
    if not len(found.images):
        raise Failure(f"{found.note} Put them back as they were, or queue the run anew.")
    return found.images


def fingerprint(run: Run, fold: int) -> str:
    """The sha256 of the fold's weights. Raises ``Failure`` if there are none that fit the fold."""
    last = len(run.protocol.folds)
    if not 0 <= fold < last:
        raise Failure(f"Run {run.id} has folds 1 to {last}, not {fold + 1}: choose one of them.")
    file = run.network_file(fold)
    try:
        with reading(file) as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except FileNotFoundError as error:
        if fold in run.finished_folds():
            advice = f"The weights {file} are missing: {remedy(file.parent)} makes them again."
        else:
            advice = f"Fold {fold + 1} of run {run.id} is not trained yet: resume the run first."
        raise Failure(advice) from error
    except OSError as error:
        raise Failure(f"The weights in {file} cannot be read: {cause(error)}.") from error
    check_fold(run, fold)
    return digest


def _pixels(run: Run, study: Study, dataset: Dataset, report: Report) -> Batches:
    """Rows and pixels, batch by batch: packed once, unless an image is broken."""
    from engine.data.packing import pack, readable
    from engine.system.device import choose_batch, devices

    batch = choose_batch(devices()[0])
    size = run.experiment.training.size
    with suppress(Failure):  # an image is broken, or there is no room: each is read by itself
        pack(dataset, size, study.cache, report)
    for start in range(0, len(dataset), batch):
        report(Progressed("Computing features", start, len(dataset)))
        wanted = range(start, min(len(dataset), start + batch))
        yield readable(dataset, wanted, size, study.cache)
    report(Progressed("Computing features", len(dataset), len(dataset)))


def _compute(
    run: Run, fold: int, batches: Batches, networks: "Networks | None"
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    import torch

    from engine.inference.networks import load_network
    from engine.system.device import a_core_each, autocast, devices
    from engine.system.threads import side_by_side
    from engine.training.augmentation import normalise

    device = devices()[0]
    network = networks.of(run, fold, device) if networks else load_network(run, fold, device)

    def found(batch: tuple[list[int], "Pixels"]) -> NDArray[np.float32]:
        with torch.inference_mode(), autocast(device, run.experiment.precision):
            pixels = torch.from_numpy(batch[1]).to(device)
            images = normalise(pixels, run.experiment.training.scaling_of_tests)
            features = network.features(images.contiguous(memory_format=torch.channels_last))
            return np.asarray(features.float().cpu().numpy(), dtype=np.float32)

    rows: list[int] = []
    parts = []
    kept = (batch for batch in batches if batch[0])
    with a_core_each(device) as workers:
        for (some, _), values in side_by_side(found, kept, workers):
            rows += some
            parts.append(values)
    if not rows:
        raise Failure("None of the images can be read any more: see `msde check`.")
    return np.array(rows), np.concatenate(parts)


def _keep(file: Path, dataset: Dataset, values: NDArray[np.float32], weights: str) -> None:
    made_from = {"weights": weights, "images": dataset.fingerprint}
    columns = {"samples": dataset.ids, "values": values, **made_from}
    keep_columns(file, columns, compressed=False)


def _load_kept(file: Path, dataset: Dataset, weights: str) -> NDArray[np.float32] | None:
    """Nothing unless the file is whole and of the same weights and samples."""
    found = load_kept(file, COLUMNS, {"n": len(dataset)})
    made_from = (str(found["weights"]), str(found["images"])) if found else None
    return found["values"] if found and made_from == (weights, dataset.fingerprint) else None
