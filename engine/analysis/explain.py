"""Heatmaps of a few samples by several runs, said run by run as soon as they are there."""

from collections.abc import Sequence

import psutil

from engine.analysis.base import Analysis, Tell
from engine.data.unreadable import find_unreadable
from engine.domain import Dataset, Failure
from engine.events import Progressed
from engine.explanation.compute import heatmaps
from engine.explanation.heatmap import ExplainRequest, RunExplained, Unexplained
from engine.inference.networks import Networks
from engine.networks.base import Network
from engine.store.run_images import find_judged
from engine.store.runs import Run, find_run
from engine.store.study import Study
from engine.system.device import devices, settle
from engine.system.processes import cores

LARGE = 100_000_000  # bytes of a large network
SHARE = 4  # of the memory that is free at first, a quarter is for networks
FEWEST, MOST = 8, 64  # networks that are kept


class Explain(Analysis):
    """Keeps the networks it was asked about, as many as a part of the memory holds."""

    Request = ExplainRequest

    def __init__(self) -> None:
        settle(max(1, cores() // 2))  # beside a training, more threads than that wait for it
        room = psutil.virtual_memory().available // SHARE // LARGE
        self._kept = min(MOST, max(FEWEST, room))
        self._networks = Networks(self._kept)

    def answer(self, study: Study, request: ExplainRequest, report: Tell) -> Unexplained:
        """What there is no heatmap of, and why. A ``RunExplained`` of each run comes before."""
        if not request.samples:
            self._make_ready(study, request, report)
            return Unexplained()
        failures: dict[str, str] = {}
        lost: set[int] = set()
        for name in request.runs:
            try:
                lost |= self._explain(study, find_run(study.runs_folder, name), request, report)
            except Failure as failure:
                failures[name] = str(failure)
        gone = [sample for sample in study.dataset().samples if sample.id in lost] if lost else []
        return Unexplained(failures, find_unreadable(gone, report))

    def _explain(self, study: Study, run: Run, request: ExplainRequest, report: Tell) -> set[int]:
        """Say the heatmaps; the samples that have none since their images cannot be read."""
        samples = _find_tested(run, request.samples, study.dataset())
        made = heatmaps(run, samples, request.asked, report, self._networks)
        network = self._network(run, int(made.folds[0]), request)
        report(RunExplained(run.id, made, tuple(network.heatmap_layers())))
        return set(samples) - set(made.samples.tolist())

    def _make_ready(self, study: Study, request: ExplainRequest, report: Tell) -> None:
        runs = [find_run(study.runs_folder, name) for name in request.runs]
        pairs = [(run, fold) for run in runs for fold in run.finished_folds()][: self._kept]
        for done, (run, fold) in enumerate(pairs, 1):
            self._network(run, fold, request)  # the first one imports for seconds, deaf to a cancel
            report(Progressed("Networks", done, len(pairs)))

    def _network(self, run: Run, fold: int, request: ExplainRequest) -> Network:
        """Where ``heatmaps`` looks for it."""
        return self._networks.of(run, fold, devices()[0], request.asked.randomised)


def _find_tested(run: Run, samples: Sequence[int], dataset: Dataset) -> tuple[int, ...]:
    """Those that a finished fold held out. Raises ``Failure`` if there is none."""
    found = find_judged(run, dataset)
    known = frozenset(found.predictions.samples.tolist()) if found else frozenset()
    tested = tuple(number for number in samples if number in known)
    if not tested:
        note = found.note if found else ""
        said = f"Run {run.id} has not tested any of these faces in a finished fold. {note}"
        raise Failure(said.rstrip())
    return tested
