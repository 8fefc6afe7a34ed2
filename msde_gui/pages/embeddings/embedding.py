"""One run's picture as the window has it, and the question that brings pictures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from engine.embeddings.embedding import (
    Embedded,
    EmbeddingAnswer,
    EmbeddingEnded,
    EmbeddingStarted,
)
from engine.embeddings.quality import Measures
from engine.events import Progressed
from msde_gui.pages.embeddings.choice import EmbeddingChoice
from msde_gui.session.analysis_client import AnalysisClient, Question


@dataclass(frozen=True, eq=False)
class RunEmbedding:
    """Aligned columns; ``measures`` are there once it is whole."""

    run: str
    samples: NDArray[np.int64]  # ids
    held_out: NDArray[np.bool_]
    points: NDArray[np.float32]  # (n, 2)
    measures: Measures | None = None

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
    answered = Signal(EmbeddingAnswer)
    ended = Signal()  # always last, whatever happened

    def __init__(self, analyst: AnalysisClient, choice: EmbeddingChoice, *, kept: bool) -> None:
        super().__init__()
        self.kept = kept
        self._started: EmbeddingStarted | None = None
        self._question: Question = analyst.ask("embed", choice.request(kept=kept))
        self._question.reported.connect(self._hear)
        self._question.failed.connect(self.failed)
        self._question.succeeded.connect(self.answered)
        self._question.ended.connect(self.ended)

    def cancel(self) -> None:
        """Nothing more comes, except ``ended``."""
        self._question.cancel()

    def _hear(self, event: object) -> None:
        begun = self._started
        match event:
            case EmbeddingStarted():
                self._started = event
            case Embedded() if begun:
                self.moved.emit(
                    RunEmbedding(begun.run, begun.samples, begun.held_out, event.points)
                )
            case EmbeddingEnded(picture=made):
                self._started = None
                self.mapped.emit(
                    RunEmbedding(made.run, made.samples, made.held_out, made.points, made.measures)
                )
            case Progressed():
                self.progressed.emit(self._started.run if self._started else "", event)
