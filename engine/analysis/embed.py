"""Pictures of the features of several runs, one after the other, each laid onto the first."""

import time
from typing import TYPE_CHECKING

from engine.analysis.base import Analysis, Tell
from engine.embeddings.compute import embed, list_left_out
from engine.embeddings.embedding import (
    Embedded,
    Embedding,
    EmbeddingAnswer,
    EmbeddingEnded,
    EmbeddingRequest,
    EmbeddingStarted,
)
from engine.events import Event
from engine.inference.features import features
from engine.store.run_images import notes
from engine.store.runs import Run, find_run
from engine.store.study import Study

if TYPE_CHECKING:
    from engine.inference.networks import Networks

PAUSE = 0.1  # seconds between two frames


class Embed(Analysis):
    """Every picture is said as soon as it is there; kept ones are read, not computed again."""

    Request = EmbeddingRequest

    def __init__(self) -> None:
        self._networks: Networks | None = None

    def answer(self, study: Study, request: EmbeddingRequest, report: Tell) -> EmbeddingAnswer:
        """An ``EmbeddingEnded`` of each picture comes before."""
        found: dict[str, Embedding | None] = {}
        first: Embedding | None = None
        for name in request.runs:
            run = find_run(study.runs_folder, name)
            found[name] = self._picture(run, request, first, report)
            first = first or found[name]
            if first is None:
                break  # the others would be laid onto it
        made = tuple(name for name, picture in found.items() if picture)
        missing = tuple(name for name in request.runs if name not in made)
        shown = [(find_run(study.runs_folder, name), one) for name, one in found.items() if one]
        unread = [] if request.kept else list_left_out(shown, report)
        noted = notes([run for run, _ in shown], study.dataset())
        return EmbeddingAnswer(made, missing, tuple(unread), tuple(noted))

    def _picture(
        self, run: Run, request: EmbeddingRequest, like: Embedding | None, report: Tell
    ) -> Embedding | None:
        chosen = (request.fold, request.embedding, request.seed, request.settings)
        if request.kept:
            try:
                picture = embed(run, *chosen, _refuse, like=like)
            except _Absent:
                return None
        else:
            said = Calm(report)
            self._prepare(run, request, said)
            picture = embed(run, *chosen, said, like=like, networks=self._networks)
        report(EmbeddingEnded(picture))
        return picture

    def _prepare(self, run: Run, request: EmbeddingRequest, report: Tell) -> None:
        """Features first, so that the window knows which samples the frames are of."""
        from engine.inference.networks import Networks

        self._networks = self._networks or Networks()
        found = features(run, request.fold, report, self._networks)
        report(EmbeddingStarted(run.id, found.samples, found.held_out))


class Calm:
    """A report that lets frames through at most ten times a second; the latest is never old."""

    def __init__(self, report: Tell) -> None:
        self._report = report
        self._last = 0.0

    def __call__(self, event: Event | Embedded) -> None:
        if isinstance(event, Embedded):
            now = time.monotonic()
            if now - self._last < PAUSE:
                return
            self._last = now
        self._report(event)


class _Absent(Exception):
    """The picture would have to be computed."""


def _refuse(event: object) -> None:
    raise _Absent
