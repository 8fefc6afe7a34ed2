"""Heatmaps as plain numbers: what one may ask for, what comes out, how it is kept and enlarged.

They say where in a face a network found what speaks for an expression. This module is light: it
imports no torch.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.domain import Expression, Failure
from engine.explanation.cam.variants import list_titles
from engine.store.columns import TEXT, Column, load_columns, save_columns
from engine.store.files import Newer

TITLES: Mapping[str, str] = list_titles()  # of the variants, by name
VARIANTS = tuple(TITLES)
COLUMNS = {
    "samples": Column("<i8", low=0, distinct=True),
    "folds": Column("<i8", low=0),
    "targets": Column("<i8", low=0, high=len(Expression) - 1),
    "probabilities": Column("<f4", ("n", len(Expression)), low=0, high=1),
    "values": Column("<f4", ("n", "h", "w"), low=0),
    "layer": Column(TEXT),
}
TARGETS = ("predicted", "true", *(expression.title for expression in Expression))


@dataclass(frozen=True)
class HeatmapRequest:
    """What to explain, and how. Eigen-CAM is the same for every target."""

    variant: str = "gradcam"
    target: str = "predicted"  # predicted, true or an expression's title
    layer: str = ""  # empty: the network's own; else the name of a part, such as trunk.layer3
    randomised: bool = False  # the sanity check: the same architecture with random weights


@dataclass(frozen=True)
class Heatmaps:
    """Aligned columns, one row a sample.

    Values are raw, as the variant computes them after its last ReLU: never negative, never scaled
    for each image. Their unit differs between variants: logits per unit of the map in the gradient
    ones, the map's own in Eigen-CAM (whose sign is arbitrary) and Score-CAM.
    """

    samples: NDArray[np.int64]  # ids
    folds: NDArray[np.int64]  # whose network was asked: it did not train on the sample
    targets: NDArray[np.int64]  # the expression that is explained
    probabilities: NDArray[np.float32]  # (n, 7): what that network says
    values: NDArray[np.float32]  # (n, h, w): over the whole face as the network sees it
    layer: str  # one phrase: what was read and how it was merged

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def predicted(self) -> NDArray[np.int64]:
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)


@dataclass(frozen=True)
class ExplainRequest:
    """Without samples, the networks of the runs are made ready for a later question."""

    runs: tuple[str, ...] = ()
    samples: tuple[int, ...] = ()  # ids
    asked: HeatmapRequest = HeatmapRequest()


@dataclass(frozen=True, eq=False)
class RunExplained:
    """Heatmaps of one run, told as soon as they are there."""

    run: str
    heatmaps: Heatmaps
    layers: tuple[str, ...]  # where else one may look


@dataclass(frozen=True)
class Unexplained:
    """What an ``ExplainRequest`` brought no heatmaps of, and why."""

    failures: Mapping[str, str] = field(default_factory=dict)  # by run
    unread: Mapping[int, str] = field(default_factory=dict)  # by sample


def check(asked: HeatmapRequest) -> None:
    """Raise ``Failure`` that lists the choices for an unknown variant or target."""
    for kind, given, known in (
        ("variant", asked.variant, VARIANTS),
        ("target", asked.target, TARGETS),
    ):
        if given not in known:
            raise Failure(f"There is no {kind} “{given}”: choose one of {', '.join(known)}.")


def enlarge(values: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Maps (…, h, w) as (…, height, width): bilinear, cells centred, edges held.

    The same as torch's ``interpolate`` with ``align_corners=False``.
    """
    tall = _resample(values, height, axis=-2)
    return np.asarray(_resample(tall, width, axis=-1), dtype=np.float32)


def write(heatmaps: Heatmaps, file: Path) -> None:
    save_columns(file, asdict(heatmaps), compressed=True)


def read(file: Path) -> Heatmaps:
    """Raises ``Failure`` for a file that is missing or damaged."""
    try:
        columns: dict[str, Any] = load_columns(file, COLUMNS)
    except Newer:
        raise
    except Failure as error:
        raise Failure(f"The heatmaps in {file} cannot be read: explain the run again.") from error
    layer = str(columns.pop("layer"))
    return Heatmaps(**columns, layer=layer)


def _resample(values: NDArray[np.float32], length: int, axis: int) -> NDArray[np.float32]:
    cells = values.shape[axis]
    places = ((np.arange(length) + 0.5) * cells / length - 0.5).clip(0, cells - 1)
    before = np.floor(places).astype(np.intp)
    after = np.minimum(before + 1, cells - 1)
    share = (places - before).astype(np.float32)
    if axis == -2:
        share = share[:, None]
    low, high = values.take(before, axis), values.take(after, axis)
    return np.asarray(low + share * (high - low))
