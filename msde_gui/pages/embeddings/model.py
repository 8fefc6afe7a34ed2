"""What the view of embeddings shows: the choice, the maps that came, and how far the rest is."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.embeddings.embedding import EmbeddingAnswer
from engine.events import Progressed
from msde_gui.pages.embeddings import choice as choices
from msde_gui.pages.embeddings.choice import EmbeddingChoice
from msde_gui.pages.embeddings.embedding import Asking, RunEmbedding
from msde_gui.session.run_choice import keep, list_finished, newest, toggle
from msde_gui.session.run_list import RunView
from msde_gui.session.session import Session

SLOW = {"UMAP": "UMAP is being prepared (first time up to 20 s)"}  # while a step has not begun
LOOKING = "Looking for pictures"
LONG, SURE = 10, 3  # seconds: what is left is told if it is long, once it can be told


@dataclass(frozen=True)
class EmbeddingProgress:
    """How far the computation has come; a total of 0 is unknown."""

    text: str
    done: int = 0
    total: int = 0


class Pace:
    """How long a step still takes, by how long it took to come this far."""

    def __init__(self) -> None:
        self._step, self._began = "", 0.0

    def left(self, step: str, done: int, total: int) -> float:
        """Seconds; 0 while there is little to tell it by."""
        now = time.monotonic()
        if step != self._step:
            self._step, self._began = step, now
        gone = now - self._began
        return gone * (total - done) / done if gone > SURE and done else 0.0


class EmbeddingsModel(QObject):
    """Asks for what is kept as soon as the choice is another one, for the rest when told to."""

    chosen = Signal()  # another choice, or other runs to choose from
    mapped = Signal(str)  # a run's map is there, or gone
    moved = Signal(str)  # its points are somewhere else
    worked = Signal()  # ``work`` is another one
    turned = Signal()  # whether it looks or computes

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._asking: Asking | None = None
        self._awake = False
        self.offered: tuple[str, ...] = ()  # runs to choose from, oldest first
        self.choice = EmbeddingChoice()
        self.maps: dict[str, RunEmbedding] = {}
        self.work: EmbeddingProgress | None = None
        self._pace = Pace()
        session.study_changed.connect(self._begin)
        session.runs_changed.connect(self._follow)
        self._begin()

    @property
    def folds(self) -> int:
        """How many there are to choose from."""
        return choices.folds(self._views, self.choice.runs)

    @property
    def computing(self) -> bool:
        return self._asking is not None and not self._asking.kept

    @property
    def looking(self) -> bool:
        """Whether it is not known yet what is kept."""
        return self._asking is not None and self._asking.kept

    @property
    def whole(self) -> bool:
        """Whether every run has its picture."""
        return all(run in self.maps and self.maps[run].whole for run in self.choice.runs)

    def wake(self) -> None:
        """Somebody looks: from now on kept pictures are asked for without being told to."""
        if not self._awake:
            self._awake = True
            self._look()

    def choose(self, **changes: Any) -> None:
        """Fields of ``EmbeddingChoice``; settings belong to one embedding."""
        if changes.get("embedding", self.choice.embedding) != self.choice.embedding:
            changes = {"settings": {}, **changes}
        self._take(replace(self.choice, **changes))

    def toggle_run(self, name: str) -> None:
        """Show a run, or no longer; in the order they were made."""
        self.choose(runs=toggle(self.choice.runs, name, self.offered))

    def compute(self) -> None:
        """All pictures of the choice; those that are kept are only read."""
        self._ask(kept=False)

    def cancel(self) -> None:
        """What is whole by now stays."""
        asking, self._asking = self._asking, None
        if asking:
            asking.cancel()
            self._forget_unfinished()
        self._say(None)
        self.turned.emit()

    def _begin(self) -> None:
        """Another study."""
        self._asking = None
        self.offered = list_finished(self._views)
        self._take(EmbeddingChoice(runs=newest(self._views, self.offered)))

    def _follow(self) -> None:
        """A run that is finished now can be chosen; one that has gone is chosen no longer."""
        listed = list_finished(self._views)
        if listed == self.offered:
            return
        self.offered = listed
        runs = keep(self.choice.runs, self._views, listed)
        if runs != self.choice.runs:
            self._take(replace(self.choice, runs=runs))
        else:
            self.chosen.emit()

    @property
    def _views(self) -> Sequence[RunView]:
        return self._session.runs.views if self._session.runs else ()

    def _take(self, choice: EmbeddingChoice) -> None:
        self.choice = choice
        self.choice = replace(choice, fold=min(choice.fold, max(0, self.folds - 1)))
        gone, self.maps = tuple(self.maps), {}
        self.cancel()
        self._forget(gone)
        self._look()
        self.chosen.emit()

    def _look(self) -> None:
        if self._awake and self.choice.runs:
            self._ask(kept=True)

    def _ask(self, *, kept: bool) -> None:
        if self._session.analyst is None or not self.choice.runs:
            return
        if self._asking:
            self._asking.cancel()
        asking = Asking(self._session.analyst, self.choice, kept=kept)
        self._asking = asking
        asking.mapped.connect(lambda made: self._keep(asking, made))
        asking.moved.connect(lambda made: self._move(asking, made))
        asking.progressed.connect(lambda run, event: self._progress(asking, run, event))
        asking.failed.connect(lambda *words: self._fail(asking, *words))
        asking.answered.connect(lambda answer: self._list(asking, answer))
        asking.ended.connect(lambda: self._end(asking))
        self._say(EmbeddingProgress(LOOKING if kept else "Starting"))
        self.turned.emit()

    def _keep(self, asking: Asking, made: RunEmbedding) -> None:
        if asking is self._asking:
            self.maps[made.run] = self._known(made)
            self.mapped.emit(made.run)

    def _move(self, asking: Asking, made: RunEmbedding) -> None:
        if asking is not self._asking:
            return
        before = self.maps.get(made.run)
        self.maps[made.run] = self._known(made)
        if before is None or before.whole or len(before.samples) != len(made.samples):
            self.mapped.emit(made.run)
        else:
            self.moved.emit(made.run)

    def _known(self, made: RunEmbedding) -> RunEmbedding:
        """Without samples that the study has no longer."""
        keep = np.isin(made.samples, self._session.dataset.ids)
        if keep.all():
            return made
        return replace(
            made,
            samples=made.samples[keep],
            held_out=made.held_out[keep],
            points=made.points[keep],
        )

    def _progress(self, asking: Asking, run: str, event: Progressed) -> None:
        if asking is not self._asking or asking.kept:
            return
        if not event.done and event.step in SLOW:
            self._say(EmbeddingProgress(SLOW[event.step]))
            return
        runs = self.choice.runs
        place = f" of {run} ({runs.index(run) + 1} of {len(runs)})" if run in runs else ""
        left = self._pace.left(f"{event.step}{place}", event.done, event.total)
        later = f" · {left:.0f} s left" if left > LONG else ""
        self._say(EmbeddingProgress(f"{event.step}{place}{later}", event.done, event.total))

    def _fail(self, asking: Asking, sentence: str, details: str) -> None:
        if asking is self._asking:
            self._session.failed.emit(sentence, details)

    def _list(self, asking: Asking, answer: EmbeddingAnswer) -> None:
        unread, notes = answer.unread, answer.notes
        if asking is self._asking and notes:
            self._session.failed.emit(notes[0], "\n".join(notes))
        if asking is self._asking and unread:
            images = "1 image" if len(unread) == 1 else f"{len(unread):,} images"
            sentence = f"Drawn without {images} that cannot be read any more: see `msde check`."
            self._session.failed.emit(sentence, "\n".join(unread))

    def _end(self, asking: Asking) -> None:
        asking.deleteLater()
        if asking is self._asking:
            self._asking = None
            self._forget_unfinished()
            self._say(None)
            self.turned.emit()

    def _forget_unfinished(self) -> None:
        unfinished = [run for run, made in self.maps.items() if not made.whole]
        for run in unfinished:
            del self.maps[run]
        self._forget(unfinished)

    def _forget(self, runs: Sequence[str]) -> None:
        for run in runs:
            self.mapped.emit(run)

    def _say(self, work: EmbeddingProgress | None) -> None:
        self.work = work
        self.worked.emit()
