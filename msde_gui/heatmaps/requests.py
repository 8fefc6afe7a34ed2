"""The heatmaps of samples by runs: asked for a few at a time, and kept."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from engine.explanation.heatmap import (
    ExplainRequest,
    HeatmapRequest,
    Heatmaps,
    RunExplained,
    Unexplained,
)
from msde_gui.session.analysis_client import Question
from msde_gui.session.session import Session

CHUNK = 8  # samples in one question: what is looked at next need not wait for long
KEPT = 6000  # heatmaps, of at most 16 kB
UNTESTED = "This run has not tested the face in a finished fold."
Key = tuple[str, int, HeatmapRequest]  # run, sample, what was asked


@dataclass(frozen=True, eq=False)
class SampleHeatmap:
    """How one run's network, which never saw the subject, explains one sample."""

    values: NDArray[np.float32]  # (h, w), raw, over the whole face
    fold: int
    target: int
    probabilities: tuple[float, ...]
    layer: str  # what was read and how it was merged

    @property
    def predicted(self) -> int:
        return self.probabilities.index(max(self.probabilities))

    @property
    def peak(self) -> float:
        return float(self.values.max())

    def at(self, x: float, y: float) -> float:
        """The raw value of the cell under a point of the face, 0 to 1 from its upper left."""
        rows, columns = self.values.shape
        row, column = min(rows - 1, int(y * rows)), min(columns - 1, int(x * columns))
        return float(self.values[row, column])


class Maps(QObject):
    """Asks for what is wanted and not there yet, the first first; a new wish ends the old one."""

    changed = Signal()  # some arrived, or no more will

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._kept: OrderedDict[Key, SampleHeatmap] = OrderedDict()
        self._absent: dict[Key, str] = {}
        self._wanted: list[Key] = []
        self._question: Question | None = None
        self._stale: list[Question] = []  # asked of a process that has yet to wake up
        self._awake = False
        self._unready: tuple[str, ...] = ()  # runs whose networks are to be loaded when idle
        self.layers: dict[str, tuple[str, ...]] = {}  # those of each run's networks
        session.study_changed.connect(self._begin)
        session.runs_changed.connect(self._forget_lost)

    def want(self, samples: Sequence[int], runs: Sequence[str], asked: HeatmapRequest) -> None:
        """In this order. What was asked goes on if it is still wanted."""
        self._wanted = [(run, number, asked) for number in samples for run in runs]
        if self._question and self._useless(self._question):
            self._leave()
        self._ask_next()

    def make_ready(self, runs: Sequence[str]) -> None:
        """Start the process and load the runs' networks as long as it has nothing else to do."""
        self._unready = tuple(runs)
        self._ask_next()

    def of(self, run: str, number: int, asked: HeatmapRequest) -> SampleHeatmap | None:
        return self._kept.get((run, number, asked))

    def why_not(self, run: str, number: int, asked: HeatmapRequest) -> str:
        """Why there is no heatmap; empty as long as one may come."""
        return self._absent.get((run, number, asked), "")

    @property
    def missing(self) -> int:
        """How many are still to come."""
        return sum(1 for key in self._wanted if self._lacks(key))

    def stop(self) -> None:
        """Ask no more until something else is wanted."""
        self._wanted = [key for key in self._wanted if not self._lacks(key)]
        self._leave()
        self.changed.emit()

    def _lacks(self, key: Key) -> bool:
        return key not in self._kept and key not in self._absent

    def _useless(self, question: Question) -> bool:
        if question.request.samples:
            return not self._keys(question).intersection(self._wanted)
        return self.missing > 0

    def _ask_next(self) -> None:
        if self._question:
            return
        lacking = [key for key in self._wanted if self._lacks(key)]
        if lacking:
            asked = lacking[0][2]
            samples = tuple(dict.fromkeys(number for _, number, _ in lacking))[:CHUNK]
            runs = dict.fromkeys(run for run, number, _ in lacking if number in samples)
            self._ask(tuple(runs), samples, asked)
        elif self._unready:
            self._ask(self._unready, (), HeatmapRequest())

    def _ask(self, runs: Sequence[str], samples: Sequence[int], asked: HeatmapRequest) -> None:
        if not self._session.analyst:
            return
        request = ExplainRequest(tuple(runs), tuple(samples), asked)
        question = self._session.analyst.ask("explain", request)
        self._question = question
        question.reported.connect(lambda event: self._take(question, event))
        question.succeeded.connect(lambda answer: self._close(question, answer))
        question.failed.connect(lambda sentence, _: self._fail(question, sentence))
        question.ended.connect(lambda: self._go_on(question))

    def _take(self, question: Question, event: object) -> None:
        self._wake()
        if isinstance(event, RunExplained):
            for number, made in split(event.heatmaps).items():
                self._kept[event.run, number, question.request.asked] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            self.layers[event.run] = event.layers
            self.changed.emit()

    def _wake(self) -> None:
        """Only now a question can be cancelled without ending the process that starts."""
        self._awake = True
        while self._stale:
            self._stale.pop().cancel()

    def _close(self, question: Question, lacking: Unexplained) -> None:
        """What did not come will not: a run failed, an image is broken, or it was not tested."""
        if not question.request.samples:
            self._unready = ()
        for key in self._keys(question):
            if key not in self._kept:
                why = lacking.unread.get(key[1], UNTESTED)
                self._absent[key] = lacking.failures.get(key[0], why)

    def _fail(self, question: Question, sentence: str) -> None:
        self._close(question, Unexplained(dict.fromkeys(question.request.runs, sentence)))

    def _go_on(self, question: Question) -> None:
        if question in self._stale:
            self._stale.remove(question)
        if self._question is question:
            self._question = None
            self.changed.emit()
            self._ask_next()

    def _leave(self) -> None:
        """What the process does now is wanted no more."""
        question, self._question = self._question, None
        if question and self._awake:
            question.cancel()
        elif question:
            self._stale.append(question)

    @staticmethod
    def _keys(question: Question) -> set[Key]:
        asked: ExplainRequest = question.request
        return {(run, number, asked.asked) for run in asked.runs for number in asked.samples}

    def _begin(self) -> None:
        """Another study, or more samples: what was asked of the old process is gone with it."""
        self._question, self._wanted, self._unready = None, [], ()
        self._awake = False
        self._stale.clear()
        self._kept.clear()
        self._absent.clear()
        self.layers.clear()
        self.changed.emit()

    def _forget_lost(self) -> None:
        """A discarded run's name may be given again; a working run tests more faces."""
        runs = self._session.runs.views if self._session.runs else []
        known = {view.id for view in runs}
        for key in [key for key in self._kept if key[0] not in known]:
            del self._kept[key]
        working = {view.id for view in runs if view.state.alive}
        for key in [key for key in self._absent if key[0] not in known or key[0] in working]:
            del self._absent[key]


def split(made: Heatmaps) -> dict[int, SampleHeatmap]:
    """By sample."""
    return {
        int(number): SampleHeatmap(
            made.values[row],
            int(made.folds[row]),
            int(made.targets[row]),
            tuple(made.probabilities[row].tolist()),
            made.layer,
        )
        for row, number in enumerate(made.samples)
    }
