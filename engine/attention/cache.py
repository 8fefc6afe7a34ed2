"""Where runs look, each measured once and kept in the study's cache; then they are compared."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.attention.average_faces import Averaged
from engine.attention.average_heatmaps import Cell, averages
from engine.attention.found import Attention, RunAttention, Sanity, empty, see
from engine.attention.measure import (
    CHECKED,
    check_sanity,
    common,
    find_samples,
    name_steps,
    place,
    readable,
    rows,
)
from engine.attention.measurement import COLUMNS, MeasuredRun, from_columns, to_columns
from engine.data.unreadable import find_unreadable
from engine.domain import Dataset, Failure, Sample
from engine.evaluation.paired_tests import compare_all_pairs
from engine.events import Report, silent
from engine.explanation.compute import heatmaps
from engine.explanation.heatmap import HeatmapRequest, Heatmaps
from engine.faces.finder import FaceFinder
from engine.store.cache_files import attention_file
from engine.store.columns import Column, keep_columns, load_kept
from engine.store.runs import Run
from engine.store.study import Study

SIZE = 96  # px of an average face
SANITY = {
    "correlation": Column("<f8", (), low=-1, high=1, gaps=True),
    "images": Column("<i8", (), low=0),
    "broken": COLUMNS["broken"],
}


@dataclass(frozen=True)
class Measuring:
    """What is measured of whichever run: these samples, explained so."""

    dataset: Dataset
    cache: Path
    samples: tuple[int, ...]  # ids, all tested by every run; all or none of an average face
    asked: HeatmapRequest
    whole: tuple[int, ...] = ()  # ids of what may have been measured before, with these among them

    @property
    def chosen(self) -> list[Sample]:
        return find_samples(self.dataset, self.samples)

    def file(self, run: Run, kind: str) -> Path:
        """Named after all that decides what lies in it, the networks by what they predict."""
        said = [run.predictions_file(k).read_bytes() for k in run.finished_folds()]
        shown = [(s.id, s.sha256, s.expression, s.condition) for s in self.chosen]
        parts = [run.id, [hashlib.sha256(one).hexdigest() for one in said], asdict(self.asked)]
        content = json.dumps([*parts, shown], default=int).encode()
        return attention_file(self.cache, hashlib.sha256(content).hexdigest(), kind)


@dataclass(frozen=True)
class KeptAttention:
    """What each run looks at on the same images, compared and by run."""

    found: Attention
    runs: Mapping[str, MeasuredRun]


def choose(
    study: Study,
    runs: Sequence[Run],
    asked: HeatmapRequest,
    condition: str = "",
    expression: str = "",
) -> Measuring:
    """All that these runs have tested, narrowed if asked. Raises ``Failure`` if there is none."""
    dataset = study.dataset()
    chosen = tuple(common(runs, dataset, condition, expression))
    return Measuring(dataset, study.cache, chosen, asked, tuple(common(runs, dataset)))


def measure_all(
    runs: Sequence[Run], of: Measuring, report: Report, *, sanity: bool = False
) -> KeptAttention:
    """Only what was not measured before: runs that are whole are kept if the others are not.

    Raises what ``heatmaps`` raises, and ``Failure`` for missing landmark networks and if no face
    was found at all; ``report`` may raise ``Cancelled``.
    """
    found = _keep_common({run.id: _load_or_measure(run, of, report) for run in runs}, of)
    checks = {run.id: _sane(run, of, report) if sanity else None for run in runs}
    return KeptAttention(_compare_runs(runs, found, checks, of), found)


def _load_or_measure(run: Run, of: Measuring, report: Report) -> MeasuredRun:
    """Measured now, or before. Raises what ``heatmaps`` raises, ``report`` may raise too."""
    kept = load(run, of)
    if kept is None:
        kept = _measure(run, of, report)
        keep_columns(of.file(run, "shares"), to_columns(kept))
    return kept


def load(run: Run, of: Measuring) -> MeasuredRun | None:
    """Nothing if it has to be measured; a part of what was measured of all samples is enough."""
    found = _load_file(run, of)
    if found is None and of.whole not in ((), of.samples):
        more = _load_file(run, replace(of, samples=of.whole))
        found = _part(more, of.chosen) if more else None
    return found


def _load_file(run: Run, of: Measuring) -> MeasuredRun | None:
    found = _load_columns(of.file(run, "shares"), COLUMNS, of)
    try:
        looked = from_columns(found) if found else None
    except Failure:
        return None
    return looked if looked and np.isin(looked.samples, of.samples).all() else None


def _sane(run: Run, of: Measuring, report: Report) -> Sanity:
    """Whether the run's maps depend on its weights, by at most ``CHECKED`` of the samples."""
    file = of.file(run, "sanity")
    known = load_sanity(run, of)
    if known:
        return known
    few = np.linspace(0, len(of.samples) - 1, min(len(of.samples), CHECKED)).round().astype(int)
    ids = [of.samples[row] for row in np.unique(few)]
    maps = heatmaps(run, ids, of.asked, name_steps(report, run, " to be compared"))
    found = check_sanity(run, maps, of.asked, report)
    columns = {name: np.array(value) for name, value in asdict(found).items()}
    columns["broken"] = np.setdiff1d(ids, maps.samples)
    keep_columns(file, columns)
    return found


def load_sanity(run: Run, of: Measuring) -> Sanity | None:
    """Nothing if it has to be computed."""
    found = _load_columns(of.file(run, "sanity"), SANITY, of)
    return Sanity(float(found["correlation"]), int(found["images"])) if found else None


def _keep_common(found: Mapping[str, MeasuredRun], of: Measuring) -> dict[str, MeasuredRun]:
    """Of the samples that every run has: one that was measured later may lack a broken image."""
    every = [one.samples for one in found.values()]
    if all(np.array_equal(samples, every[0]) for samples in every):
        return dict(found)
    kept = reduce(np.intersect1d, every).tolist()
    if not kept:
        raise Failure("These runs share no image that can be read: see `msde check`.")
    samples = [of.dataset.samples[of.dataset.row_of[number]] for number in kept]
    skipped = tuple({each: None for one in found.values() for each in one.skipped})
    return {run: replace(_part(one, samples), skipped=skipped) for run, one in found.items()}


def _compare_runs(
    runs: Sequence[Run],
    found: Mapping[str, MeasuredRun],
    checks: Mapping[str, Sanity | None],
    of: Measuring,
) -> Attention:
    """Runs that were measured one by one, by their ids, compared."""
    first = found[runs[0].id]
    samples = tuple(of.dataset.samples[of.dataset.row_of[int(n)]] for n in first.samples)
    attended = tuple(
        RunAttention(run, one.shares, one.targets, one.grid, one.layer, checks[run.id])
        for run, one in ((run, found[run.id]) for run in runs)
    )
    tests = compare_all_pairs({one.run.id: one.shares for one in attended}, see(samples))
    return Attention(
        asked=of.asked,
        samples=samples,
        areas=first.areas,
        exact=first.exact,
        runs=attended,
        skipped=first.skipped,
        empty=empty(attended, samples),
        tests=tuple(tests),
    )


def _measure(run: Run, of: Measuring, report: Report) -> MeasuredRun:
    say = name_steps(report, run)
    (maps,), chosen, unreadable = readable(
        [heatmaps(run, of.samples, of.asked, say)], of.chosen, say
    )
    faces = FaceFinder(of.dataset.samples, of.cache)
    placed = place(faces, chosen, [maps], say)
    if not placed.places:
        raise Failure(f"No image can be measured: {placed.skipped[0].reason}")
    kept = rows(maps, placed.places)
    means = averages(faces, [chosen[row] for row in placed.places], kept, say, SIZE)
    return MeasuredRun(
        kept.samples,
        placed.shares[0],
        placed.areas,
        placed.exact,
        kept.targets,
        kept.values.shape[1:],
        kept.layer,
        means,
        (*unreadable, *placed.skipped),
        _broken(of, maps, kept, means),
    )


def _broken(
    of: Measuring, maps: Heatmaps, kept: Heatmaps, means: Mapping[Cell, Averaged]
) -> tuple[int, ...]:
    """Ids of images without a map, and of those that shares or averages had to do without."""
    left_out = [sample for sample in of.chosen if sample.id not in kept.samples]
    averaged = sum(mean.n for mean in means.values()) == len(kept)
    pairs = {sample.pair for sample in left_out if sample.pair}  # landmarks are a partner's, too
    partners = [sample for sample in of.dataset.samples if sample.pair in pairs]
    gone = find_unreadable([*(left_out if averaged else of.chosen), *partners], silent)
    return tuple({*of.samples} - {*maps.samples.tolist()} | gone.keys())


def _part(one: MeasuredRun, samples: Sequence[Sample]) -> MeasuredRun:
    """Of some of its samples: all those of their expressions and conditions."""
    keep = np.isin(one.samples, [sample.id for sample in samples])
    cells = {(sample.expression, sample.condition) for sample in samples}
    files = {str(sample.file) for sample in samples}
    names = ("samples", "shares", "areas", "exact", "targets")
    return replace(
        one,
        **{name: getattr(one, name)[keep] for name in names},
        means={cell: mean for cell, mean in one.means.items() if cell in cells},
        skipped=tuple(skipped for skipped in one.skipped if skipped.file in files),
    )


def _load_columns(
    file: Path, declared: Mapping[str, Column], of: Measuring
) -> dict[str, NDArray[Any]] | None:
    """Nothing if it is damaged, or if an image that it is without can be read again."""
    columns = load_kept(file, declared)
    if columns is None:
        return None
    try:
        broken = find_samples(of.dataset, columns["broken"].tolist())
    except (Failure, KeyError):
        return None
    return columns if len(find_unreadable(broken, silent)) == len(broken) else None
