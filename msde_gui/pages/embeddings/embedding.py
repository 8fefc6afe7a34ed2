"""One run's picture as the window has it, and the question that brings pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from engine.embeddings.embedding import points_of
from engine.events import Embedded, EmbeddingEnded, EmbeddingStarted, Event, Progressed
from engine.system.json_arrays import unpack
from msde_gui.pages.embeddings.choice import EmbeddingChoice
from msde_gui.session.analysis_client import AnalysisClient, Question


@dataclass(frozen=True, eq=False)
class RunEmbedding:
    """Aligned columns; ``measures`` are there once it is whole."""

    run: str
    samples: NDArray[np.int64]  # ids
    held_out: NDArray[np.bool_]
    points: NDArray[np.float32]  # (n, 2)
    measures: Mapping[str, Any] | None = None

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def whole(self) -> bool:
        return self.measures is not None


class Asking(QObject):
    """One question about a choice of runs; what comes for it, decoded."""

    mapped = Signal(object)  # a run's map, whole
    moved = Signal(object)  # a run's map while it is computed
    progressed = Signal(str, object)  # the run, and how far its current step has come
    failed = Signal(str, str)
    answered = Signal(list, list)  # images that cannot be read are in no map: why; notes on runs
    ended = Signal()  # always last, whatever happened

    def __init__(self, analyst: AnalysisClient, choice: EmbeddingChoice, *, kept: bool) -> None:
        super().__init__()
        self.kept = kept
        self._started: EmbeddingStarted | None = None
        self._samples: NDArray[np.int64] = np.array([], dtype=np.int64)
        self._held_out: NDArray[np.bool_] = np.array([], dtype=bool)
        self._question: Question = analyst.ask("embed", choice.request(kept=kept))
        self._question.reported.connect(self._hear)
        self._question.failed.connect(self.failed)
        self._question.answered.connect(
            lambda answer: self.answered.emit(answer["unread"], answer.get("notes", []))
        )
        self._question.ended.connect(self.ended)

    def cancel(self) -> None:
        """Nothing more comes, except ``ended``."""
        self._question.cancel()

    def _hear(self, event: Event) -> None:
        match event:
            case EmbeddingStarted():
                self._started = event
                self._samples = unpack(event.samples)
                self._held_out = unpack(event.held_out)
            case Embedded() if self._started:
                points = points_of(event)
                self.moved.emit(
                    RunEmbedding(self._started.run, self._samples, self._held_out, points)
                )
            case EmbeddingEnded():
                self._started = None
                self.mapped.emit(whole(event.document))
            case Progressed():
                self.progressed.emit(self._started.run if self._started else "", event)


def whole(document: Mapping[str, Any]) -> RunEmbedding:
    """The map of an ``engine.analysis.embed`` document."""
    columns = {name: unpack(document[name]) for name in ("samples", "held_out", "points")}
    return RunEmbedding(document["run"], **columns, measures=document["measures"])
