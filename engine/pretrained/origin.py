"""Recognise a study's own networks by what they hold, whatever the file that brings them."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from engine.domain import Failure
from engine.experiment.folds import Protocol
from engine.pretrained.matching import Fitted
from engine.pretrained.reading import Tensors
from engine.pretrained.source import sha256
from engine.store.files import reading
from engine.store.runs import Run, runs_in
from engine.store.study import Study
from engine.store.tensor_header import header
from engine.store.trained_folds import FOLD, fingerprint

ALIKE = 0.9  # of the tensors that both have
ROUNDED = 2**-8  # of a value: what half precision of either kind may have changed
IN_TRAINING = "method.network."  # the prefix of a checkpoint's tensors


def check_origin(found: Fitted, file: Path, study: Study, protocol: Protocol) -> None:
    """Raise ``Failure`` if the weights may have seen whom a fold of ``protocol`` tests."""
    tested = {subject for fold in protocol.folds for subject in fold.test}
    known = list(_recognise(found.tensors, file, study)) or list(_find_marked(file, study))
    for run, number in known:
        seen = _find_trained_on(run, number)
        if seen is None or not seen.isdisjoint(tested):
            raise Failure(
                f"The weights in {file} are those of fold {number + 1} of run {run.id}: they were "
                "trained on people of this study, so its folds could not hold them out. Choose "
                "weights from elsewhere."
            )
    inside = file.resolve().is_relative_to(study.runs_folder.resolve())
    if not known and (inside or found.report.prefix.startswith(IN_TRAINING)):
        raise Failure(
            f"The weights in {file} are of a run in training: they may have been trained on people "
            "of this study, so its folds could not hold them out. Choose weights from elsewhere."
        )


def _recognise(tensors: Tensors, file: Path, study: Study) -> Iterator[tuple[Run, int]]:
    """Runs and folds, discarded ones as well, whose network this is."""
    sha = sha256(file)
    for folder in (study.runs_folder, study.folder / "trash"):
        for network in sorted(folder.glob("*/fold-*/network.safetensors")):
            run = Run(network.parent.parent)
            if _same(tensors, network) and not _began_from(run, sha):
                yield run, int(network.parent.name.removeprefix("fold-")) - 1


def _find_marked(file: Path, study: Study) -> Iterator[tuple[Run, int]]:
    """Runs and folds that its header names, though their own network may be gone."""
    try:
        mark = header(file).get(FOLD, "")
    except Failure:  # no file of this program
        return
    for run in runs_in(study.runs_folder) if mark else ():
        with suppress(Failure):
            yield from (
                (run, n) for n, fold in enumerate(run.protocol.folds) if fingerprint(fold) == mark
            )


def _same(tensors: Tensors, network: Path) -> bool:
    """Whether its trunk is ``tensors`` but for rounding; small ones are compared first.

    Networks that began from the same weights differ in their running statistics at least.
    """
    try:
        with reading(network), safe_open(network, framework="pt") as stored:
            common = {f"trunk.{name}": tensor for name, tensor in tensors.items()}
            names = sorted(common.keys() & stored.keys(), key=lambda name: common[name].numel())
            unlike = 0
            for name in names:
                unlike += not _nearly_equal(common[name], stored.get_tensor(name))
                if unlike > (1 - ALIKE) * len(names):
                    return False
    except (OSError, SafetensorError):
        return False
    return bool(names)


def _nearly_equal(one: Tensor, other: Tensor) -> bool:
    if one.shape != other.shape:
        return False
    return torch.allclose(one.float(), other.float(), rtol=ROUNDED, atol=1e-6)


def _began_from(run: Run, sha: str) -> bool:
    """Whether the run started from this very file, which it then has not made."""
    try:
        return run.experiment.weights_sha256 == sha
    except Failure:
        return False


def _find_trained_on(run: Run, fold: int) -> set[str] | None:
    """Whom the network was trained on; nothing where more may have come from other networks."""
    try:
        if run.experiment.weights or run.experiment.teacher:
            return None
        return set(run.protocol.folds[fold].train)
    except (Failure, IndexError):
        return None
