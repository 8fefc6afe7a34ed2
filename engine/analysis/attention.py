"""Where runs look, as shares of their heatmaps' energy: what the plots and the tests need."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.analysis.base import Analysis, Tell
from engine.attention.answer import AttentionAnswer, AttentionFound, AttentionRequest
from engine.attention.cache import KeptAttention, choose, load, load_sanity, measure_all
from engine.attention.document import document
from engine.attention.measurement import MeasuredRun
from engine.events import Event, Progressed, Report
from engine.explanation.heatmap import check
from engine.inference.networks import make_untrained
from engine.paper.figure6 import describe_claims
from engine.store.run_images import notes
from engine.store.runs import Run, find_run
from engine.store.study import Study
from engine.system.device import settle
from engine.system.processes import cores

FINE = 1000  # parts of the whole in which progress is said
STEPS = 3  # heatmaps, regions, average faces
CHECKS = 2  # heatmaps of the trained and of random weights


class Attend(Analysis):
    """Each run is measured on its own and kept; runs are compared anew with every question."""

    Request = AttentionRequest

    def __init__(self) -> None:
        settle(max(1, cores() // 2))  # beside a training, more threads than that wait for it
        self._layers: dict[str, tuple[str, ...]] = {}  # by run

    def answer(self, study: Study, request: AttentionRequest, report: Tell) -> AttentionAnswer:
        """What is found, with average faces; only layers if too little is kept.

        Raises ``Failure`` for what cannot be explained and if no run has tested such an image.
        """
        if not request.kept:
            report(Progressed("Networks", 0, FINE))  # the first heatmaps may take a while
        check(request.asked)
        runs = [find_run(study.runs_folder, name) for name in dict.fromkeys(request.runs)]
        of = choose(study, runs, request.asked, request.condition, request.expression)
        absent = [run for run in runs if load(run, of) is None]
        unchecked = [run for run in runs if request.sanity and load_sanity(run, of) is None]
        layers = self._shared(runs)
        if request.kept and (absent or unchecked):
            return AttentionAnswer(layers)
        say = add_up_steps(report, STEPS * len(absent) + CHECKS * len(unchecked))
        made = measure_all(runs, of, say, sanity=request.sanity)
        return AttentionAnswer(layers, describe(made, notes(runs, of.dataset)))

    def _shared(self, runs: Sequence[Run]) -> tuple[str, ...]:
        """Where the networks of all the runs can be looked into."""
        for run in runs:
            if run.id not in self._layers:
                fold = run.finished_folds()[0]
                self._layers[run.id] = tuple(make_untrained(run, fold).heatmap_layers())
        known = [self._layers[run.id] for run in runs]
        return tuple(name for name in known[0] if all(name in one for one in known))


def describe(made: KeptAttention, noted: Sequence[str]) -> AttentionFound:
    """Average faces are the same for all runs, their mean maps are not."""
    found, runs = made.found, made.runs
    first = next(iter(runs.values()))
    faces = [mean.image for mean in first.means.values()]
    return AttentionFound(
        document=document(found) | {"claims": describe_claims(found), "notes": noted},
        samples=first.samples,
        areas=first.areas,
        shares={run: one.shares for run, one in runs.items()},
        targets={run: one.targets for run, one in runs.items()},
        cells=tuple(first.means),
        counts=tuple(mean.n for mean in first.means.values()),
        faces=np.array(faces).round().astype(np.uint8),
        means={run: _relative(one) for run, one in runs.items()},
    )


def add_up_steps(report: Report, steps: int) -> Report:
    """How far all steps together have come, each taken as long as the others."""
    begun: list[str] = []

    def say(event: Event) -> None:
        if isinstance(event, Progressed):
            if event.step not in begun:
                begun.append(event.step)
            done = len(begun) - 1 + event.done / max(1, event.total)
            event = Progressed(event.step, min(FINE, round(FINE * done / max(1, steps))), FINE)
        report(event)

    return say


def _relative(one: MeasuredRun) -> NDArray[np.float32]:
    """Units differ between runs: over the run's own mean they are comparable."""
    maps = np.array([mean.values for mean in one.means.values()], dtype=np.float32)
    mean = float(maps.mean()) if maps.size else 0.0
    return maps / mean if mean > 0 else maps
