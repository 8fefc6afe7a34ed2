"""Weights and training state on disk, as safetensors: never pickled."""

import json
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from engine.domain import Failure
from engine.store.files import reading, replacing
from engine.store.remedies import remedy
from engine.system.faults import cause


def save_weights(network: nn.Module, file: Path, said: Mapping[str, str] | None = None) -> None:
    """``said`` are plain texts for the header of the file."""
    _write(_alone(dict(network.state_dict())), dict(said or {}), file)


def load_weights(network: nn.Module, file: Path) -> None:
    """Raises ``Failure`` for a damaged file or another architecture's weights."""
    tensors, _ = _load(file)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise Failure(
            f"The weights in {file} belong to another network: make them again with "
            f"{remedy(file.parent)}."
        ) from error


class CheckpointWriter:
    """Keeps everything that the next step depends on; the disk is written to beside the training.

    At its end, which may be an exception, what was to be kept is on disk.
    """

    def __init__(
        self,
        method: nn.Module,
        optimizer: Optimizer,
        file: Path,
        said: Mapping[str, str] | None = None,
    ) -> None:
        """``said`` are plain texts for the header of the file."""
        self._method, self._optimizer, self._file = method, optimizer, file
        self._said = dict(said or {})
        self._thread = ThreadPoolExecutor(1)
        self._written: Future[None] | None = None
        self._kept = time.monotonic()

    def __enter__(self) -> "CheckpointWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown()
        self._check()

    @property
    def age(self) -> float:
        """Seconds that would be lost now."""
        return time.monotonic() - self._kept

    def keep(self, state: Any) -> None:
        """As training stands now; ``state`` is plain data. ``Failure`` if the last did not work."""
        self._check()
        tensors = {f"method.{name}": value for name, value in self._method.state_dict().items()}
        for index, moments in self._optimizer.state_dict()["state"].items():
            tensors |= {
                f"optimizer.{index}.{name}": value
                for name, value in moments.items()
                if value is not None
            }
        metadata = {**self._said, "state": json.dumps(state)}
        self._written = self._thread.submit(_write, _alone(tensors), metadata, self._file)
        self._kept = time.monotonic()

    def _check(self) -> None:
        if self._written:
            self._written.result()


def load_training(method: nn.Module, optimizer: Optimizer, file: Path) -> Any:
    """Restore what a ``CheckpointWriter`` kept and return its ``state``."""
    tensors, metadata = _load(file)
    try:
        _restore(method, optimizer, tensors)
        return json.loads(metadata["state"])
    except (RuntimeError, ValueError, KeyError) as error:
        raise Failure(
            f"The training state in {file} belongs to another run: begin the fold again with "
            f"{remedy(file.parent)}."
        ) from error


def _restore(method: nn.Module, optimizer: Optimizer, tensors: dict[str, Tensor]) -> None:
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith("optimizer."):
            _, index, moment = name.split(".")
            moments.setdefault(int(index), {})[moment] = value
    weights = {
        name.removeprefix("method."): value
        for name, value in tensors.items()
        if name.startswith("method.")
    }
    method.load_state_dict(weights)
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": moments, "param_groups": groups})
    _lay_out(optimizer)


def _lay_out(optimizer: Optimizer) -> None:
    """Give moments their parameters' strides: the fused step walks both through memory alike."""
    for parameter, moments in optimizer.state.items():
        for name, value in moments.items():
            if value.shape == parameter.shape and value.stride() != parameter.stride():
                moments[name] = torch.empty_like(parameter).copy_(value)


def _alone(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Copies, each alone and dense: safetensors refuses shared and strided memory."""
    return {
        name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, value in tensors.items()
    }


def _write(tensors: dict[str, Tensor], metadata: dict[str, str], file: Path) -> None:
    try:
        with replacing(file) as draft:
            save_file(tensors, draft, metadata)
    except (OSError, SafetensorError) as error:
        raise Failure(
            f"The weights cannot be written to {file}: {cause(error)}, then resume the run."
        ) from error


def _load(file: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with reading(file), safe_open(file, framework="pt") as stored:
            tensors = {name: torch.as_tensor(stored.get_tensor(name)) for name in stored.keys()}  # noqa: SIM118
            return tensors, stored.metadata() or {}
    except PermissionError as error:
        raise Failure(f"The weights in {file} cannot be read: {cause(error)}.") from error
    except (OSError, SafetensorError) as error:
        raise Failure(
            f"The weights in {file} are damaged or missing: make them again with "
            f"{remedy(file.parent)}."
        ) from error
