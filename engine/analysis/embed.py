"""Pictures of the features of several runs, one after the other, each laid onto the first."""

import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from engine.analysis.base import Analysis
from engine.embeddings.compute import embed, list_left_out
from engine.embeddings.embedding import Embedding
from engine.events import Embedded, EmbeddingEnded, EmbeddingStarted, Event, Report
from engine.inference.features import features
from engine.store.run_images import notes
from engine.store.runs import Run, find_run
from engine.store.study import Study
from engine.system.json_arrays import pack

if TYPE_CHECKING:
    from engine.inference.networks import Networks

PAUSE = 0.1  # seconds between two frames


class Embed(Analysis):
    """Every picture is said as soon as it is there; kept ones are read, not computed again."""

    @dataclass(frozen=True)
    class Request:
        runs: tuple[str, ...]  # ids
        fold: int  # from 0
        embedding: str = "tsne"
        seed: int = 0
        settings: dict[str, Any] = field(default_factory=dict)  # those unlike the defaults
        kept: bool = False  # only pictures that need not be computed

    def __init__(self) -> None:
        self._networks: Networks | None = None

    def answer(self, study: Study, request: Request, report: Report) -> dict[str, Any]:
        """The runs that have a picture now, and those that have none since only kept ones count."""
        found: dict[str, Embedding | None] = {}
        first: Embedding | None = None
        for name in request.runs:
            run = find_run(study.runs_folder, name)
            found[name] = self._picture(run, request, first, report)
            first = first or found[name]
            if first is None:
                break  # the others would be laid onto it
        made = [name for name, picture in found.items() if picture]
        missing = [name for name in request.runs if name not in made]
        shown = [(find_run(study.runs_folder, name), one) for name, one in found.items() if one]
        unread = [] if request.kept else list_left_out(shown, report)
        noted = notes([run for run, _ in shown], study.dataset())
        return {"runs": made, "missing": missing, "unread": unread, "notes": noted}

    def _picture(
        self, run: Run, request: Request, like: Embedding | None, report: Report
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
        report(EmbeddingEnded(run.id, document(picture)))
        return picture

    def _prepare(self, run: Run, request: Request, report: Report) -> None:
        """Features first, so that the window knows which samples the frames are of."""
        from engine.inference.networks import Networks

        self._networks = self._networks or Networks()
        found = features(run, request.fold, report, self._networks)
        report(EmbeddingStarted(run.id, pack(found.samples), pack(found.held_out)))


class Calm:
    """A report that lets frames through at most ten times a second; the latest is never old."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._last = 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, Embedded):
            now = time.monotonic()
            if now - self._last < PAUSE:
                return
            self._last = now
        self._report(event)


def document(picture: Embedding) -> dict[str, Any]:
    """A picture as JSON has it, arrays packed."""
    return {
        "run": picture.run,
        "fold": picture.fold,
        "embedding": picture.embedding,
        "seed": picture.seed,
        "settings": picture.settings,
        "version": picture.version,
        "samples": pack(picture.samples),
        "held_out": pack(picture.held_out),
        "points": pack(picture.points),
        "measures": asdict(picture.measures),
    }


class _Absent(Exception):
    """The picture would have to be computed."""


def _refuse(event: Event) -> None:
    raise _Absent
