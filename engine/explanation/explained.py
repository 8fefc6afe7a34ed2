"""What each of several runs makes of the same images, also where one cannot explain them all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.data.unreadable import find_unreadable
from engine.domain import Failure, Sample
from engine.events import Report
from engine.explanation.compute import heatmaps
from engine.explanation.heatmap import HeatmapRequest, Heatmaps
from engine.explanation.overlay import OverlayStyle
from engine.store.run_images import match_images, require_judged
from engine.store.runs import Run
from engine.store.study import Study


@dataclass(frozen=True, eq=False)
class RunHeatmaps:
    """One run; ``samples`` are aligned with its heatmaps."""

    run: Run
    note: str = ""  # what is missing of its images
    samples: tuple[Sample, ...] = ()
    skipped: tuple[tuple[Sample, str], ...] = ()  # images that cannot be read, and why
    made: Heatmaps | None = None
    why: str = ""  # there are no heatmaps

    @property
    def highest(self) -> float:
        return float(self.made.values.max()) if self.made else 0.0

    def peaks(self, style: OverlayStyle, highest: float) -> list[float]:
        """Of each heatmap: the value with the last colour; ``highest`` is that of all runs."""
        own = self.made.values.max(axis=(1, 2)).tolist() if self.made else []
        shared = {"all": highest, "run": self.highest}
        return [shared.get(style.scale, one) for one in own]


def explain_each(
    runs: Sequence[Run], chosen: Sequence[int], asked: HeatmapRequest, report: Report
) -> list[RunHeatmaps]:
    """In their order. Raises ``Failure`` if the only run, or every run, cannot explain."""
    if len(runs) == 1:
        return [_explain(runs[0], chosen, asked, report)]
    found = []
    for run in runs:
        try:
            found.append(_explain(run, _keep_tested(run, chosen), asked, report))
        except Failure as failure:
            found.append(RunHeatmaps(run, why=str(failure)))
    if not any(one.made for one in found):
        raise Failure(found[0].why)
    return found


def _keep_tested(run: Run, chosen: Sequence[int]) -> list[int]:
    with Study(run.study_folder) as study:
        tested = require_judged(run, study.dataset()).predictions.samples
    return np.array(chosen)[np.isin(chosen, tested)].tolist()  # type: ignore[no-any-return]


def _explain(run: Run, chosen: Sequence[int], asked: HeatmapRequest, report: Report) -> RunHeatmaps:
    with Study(run.study_folder) as study:
        fit = match_images(run, study.dataset())
    samples: dict[int, Any] = {sample.id: sample for sample in fit.images.samples}
    known = [samples[number] for number in chosen if number in samples]
    skipped = find_unreadable(known, report)
    kept = [number for number in chosen if number not in skipped]
    if skipped and not kept:
        raise Failure(f"None of the chosen images can be read: {next(iter(skipped.values()))}")
    made = heatmaps(run, kept, asked, report)
    left_out = tuple((samples[number], reason) for number, reason in skipped.items())
    return RunHeatmaps(run, fit.note, tuple(samples[n] for n in kept), left_out, made)
