"""Shares of heatmaps on each part of the same faces: what one run is measured by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.attention.found import Sanity
from engine.attention.region_shares import Shares, areas, share
from engine.data.images import Unreadable
from engine.data.unreadable import find_unreadable
from engine.domain import Dataset, Expression, Failure, Region, Sample
from engine.events import Event, Progressed, Report
from engine.explanation.compute import heatmaps
from engine.explanation.heatmap import HeatmapRequest, Heatmaps
from engine.faces.finder import FaceFinder
from engine.faces.regions import Unplaced
from engine.store.run_images import find_judged
from engine.store.runs import Run
from engine.store.study import Skipped

CHECKED = 200  # images at most that the sanity check looks at


@dataclass(frozen=True)
class Placed:
    """The samples whose faces were found: their places among those asked for, and shares."""

    places: list[int]
    shares: NDArray[np.float64]  # (runs, n, 8)
    areas: Shares
    exact: NDArray[np.bool_]
    skipped: list[Skipped]


def find_samples(dataset: Dataset, ids: Sequence[int]) -> list[Sample]:
    """In their order."""
    return [dataset.samples[dataset.row_of[number]] for number in ids]


def readable(
    maps: Sequence[Heatmaps], samples: Sequence[Sample], report: Report
) -> tuple[list[Heatmaps], list[Sample], list[Skipped]]:
    """Without the samples that a run has no map of, for their images have gone or broken."""
    has = [np.isin([sample.id for sample in samples], one.samples) for one in maps]
    known = np.logical_and.reduce(has)
    kept = [sample for sample, there in zip(samples, known, strict=True) if there]
    lost = [sample for sample, there in zip(samples, known, strict=True) if not there]
    if not kept:
        raise Failure("None of these images can be read any more: see `msde check`.")
    ids = [sample.id for sample in kept]
    reasons = find_unreadable(lost, report)
    skipped = [Skipped(str(one.file), reasons.get(one.id, "It could not be read.")) for one in lost]
    return [rows(one, np.flatnonzero(np.isin(one.samples, ids))) for one in maps], kept, skipped


def rows(maps: Heatmaps, chosen: Sequence[int] | NDArray[np.int64]) -> Heatmaps:
    """Some of them."""
    columns = ("samples", "folds", "targets", "probabilities", "values")
    return replace(maps, **{name: getattr(maps, name)[chosen] for name in columns})


def common(
    runs: Sequence[Run], dataset: Dataset, condition: str = "", expression: str = ""
) -> list[int]:
    """Ids of the samples that every run has tested, of one condition and expression if asked.

    Raises ``Failure`` if there is none.
    """
    tested: set[int] = set(dataset.ids.tolist())
    for run in runs:
        said = find_judged(run, dataset)
        tested &= set(said.predictions.samples.tolist()) if said else set()
    found = [
        sample.id
        for sample in dataset.samples
        if sample.id in tested
        and condition in ("", sample.condition.short)
        and expression in ("", sample.expression.title)
    ]
    if not found:
        raise Failure(
            "There is no image of that kind that all these runs have tested: let a fold of each "
            f"finish, or choose another condition (nm, m) and expression ({_titles()})."
        )
    return found


def place(
    faces: FaceFinder, samples: Sequence[Sample], maps: Sequence[Heatmaps], report: Report
) -> Placed:
    """Each face's regions are told once, and let go before the next: large images fit too."""
    places, parts, area, exact, skipped = [], [], [], [], []
    for place, sample in enumerate(samples):
        report(Progressed("Regions of faces", place, len(samples)))
        try:
            face = faces.face(sample)
        except (Unplaced, Unreadable) as error:
            skipped.append(Skipped(str(sample.file), str(error)))
            continue
        places.append(place)
        parts.append([share(one.values[place], face.regions) for one in maps])
        area.append(areas(face.regions))
        exact.append(face.exact)
    report(Progressed("Regions of faces", len(samples), len(samples)))
    shares = np.array(parts).reshape(len(places), len(maps), len(Region)).swapaxes(0, 1)
    return Placed(places, shares, np.array(area), np.array(exact, dtype=np.bool_), skipped)


def check_sanity(run: Run, maps: Heatmaps, asked: HeatmapRequest, report: Report) -> Sanity:
    """The same images again with random weights; of many images, evenly chosen ones."""
    chosen = np.unique(np.linspace(0, len(maps) - 1, min(len(maps), CHECKED)).round().astype(int))
    random = replace(asked, randomised=True)
    numbers = [int(number) for number in maps.samples[chosen]]
    others = heatmaps(run, numbers, random, name_steps(report, run, " with random weights"))
    found = correlations(maps.values[chosen], others.values)
    known = found[~np.isnan(found)]
    return Sanity(float(known.mean()) if len(known) else float("nan"), len(known))


def correlations(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """Spearman's, of each of n pairs of maps, (n, h, w) -> (n,); NaN where one is constant."""
    from scipy import stats  # type: ignore[import-untyped,unused-ignore]  # slow to import

    ranks = [stats.rankdata(maps.reshape(len(maps), -1), axis=1) for maps in (first, second)]
    one, other = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
    size = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    products = (one * other).sum(axis=1)
    return np.asarray(np.where(size > 0, products / np.where(size > 0, size, 1), np.nan))


def name_steps(report: Report, run: Run, more: str = "") -> Report:
    """Steps that say whose they are."""

    def say(event: Event) -> None:
        if isinstance(event, Progressed):
            event = replace(event, step=f"{event.step}, {run.id}{more}")
        report(event)

    return say


def _titles() -> str:
    return ", ".join(expression.title for expression in Expression)
