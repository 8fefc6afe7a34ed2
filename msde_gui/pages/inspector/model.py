"""The sample in focus, its partner, and what every run said of both."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from engine.domain import Condition, Sample
from engine.explanation.heatmap import HeatmapRequest
from msde_gui.heatmaps.requests import Maps, SampleHeatmap
from msde_gui.session.large_image import read_large
from msde_gui.session.run_choice import list_finished, newest
from msde_gui.session.sample_images import SampleImages
from msde_gui.session.session import Session
from msde_gui.widgets.verdict import FaceAnswer


@dataclass(frozen=True)
class RunAnswer:
    """What one run said of the faces that it has tested."""

    run: str
    said: Mapping[Condition, FaceAnswer]


class InspectorModel(QObject):
    """Its heatmaps are asked for only while somebody looks and wants them."""

    changed = Signal()  # another sample
    judged = Signal()  # other predictions or heatmaps of it

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._faces = SampleImages(session)
        self._watched = False
        self.maps = Maps(session, self)
        self.looks = session.looks
        self.heatmaps = False
        self.sample: Sample | None = None
        self.partner: Sample | None = None
        self.answers: tuple[RunAnswer, ...] = ()  # the newest run first
        self.fold = ""
        session.focus_changed.connect(self._update)
        session.study_changed.connect(self._update)
        session.runs_changed.connect(self._judge)
        self.looks.changed.connect(self._look_anew)
        self.maps.changed.connect(self.judged)
        self._update()

    @property
    def pair(self) -> dict[Condition, Sample]:
        """The sample and its partner, if it has one."""
        return {one.condition: one for one in (self.partner, self.sample) if one}

    @property
    def said(self) -> tuple[FaceAnswer, ...]:
        """The facts of the sample in focus."""
        if not self.sample:
            return ()
        here = self.sample.condition
        return tuple(answer.said[here] for answer in self.answers if here in answer.said)

    def picture(self, sample: Sample) -> tuple[QImage, str]:
        return read_large(sample, self._faces.jpeg(sample.id))

    def jpeg(self, number: int) -> bytes | None:
        return self._faces.jpeg(number)

    def step(self, by: int) -> None:
        """To a neighbour in the selection."""
        ids = self._session.selection.ids
        if not ids:
            return
        here = self._session.focused
        place = ids.index(here) + by if here in ids else 0
        self._session.focus(ids[min(len(ids) - 1, max(0, place))])

    def toggle(self) -> None:
        """To the other face of the pair."""
        self._faces.focus_partner()

    def watch(self, watched: bool) -> None:
        """Whether the faces are seen."""
        self._watched = watched
        self._want()

    def show_heatmaps(self, shown: bool) -> None:
        if shown != self.heatmaps:
            self.heatmaps = shown
            self._look_anew()

    def heat(self, run: str, condition: Condition) -> SampleHeatmap | None:
        """Where a run's network looked; nothing as long as it is not known."""
        sample = self.pair.get(condition)
        return self.maps.of(run, sample.id, self._asked) if sample else None

    def peak(self, made: SampleHeatmap | None = None) -> float:
        """The value with the last colour: one for the whole lens unless each has its own."""
        if made and self.looks.now.scale == "image":
            return made.peak
        found = (self.heat(one.run, condition) for one in self.answers for condition in Condition)
        return max((one.peak for one in found if one), default=0.0)

    def _look_anew(self) -> None:
        self._want()
        self.judged.emit()

    def _want(self) -> None:
        seen = self._watched and self.heatmaps and self._session.runs
        views = self._session.runs.views if seen and self._session.runs else ()
        runs = newest(views, list_finished(views))
        known = {answer.run for answer in self.answers}
        samples = [one.id for one in (self.sample, self.partner) if one]
        self.maps.want(samples, [run for run in runs if run in known], self._asked)

    @property
    def _asked(self) -> HeatmapRequest:
        """As on the page, but never of random weights: the answers beside it are the run's."""
        return replace(self.looks.now.asked, randomised=False)

    def _update(self) -> None:
        focused = self._session.focused
        self.sample = None if focused is None else self._session.sample(focused)
        self.partner = self._faces.partner(self.sample.id) if self.sample else None
        self._judge()
        self._want()
        self.changed.emit()

    def _judge(self) -> None:
        answers = self._answers() if self.sample else ()
        fold = self._fold_of(self.sample) if self.sample else ""
        if (answers, fold) != (self.answers, self.fold):
            self.answers, self.fold = answers, fold
            self._want()
            self.judged.emit()

    def _answers(self) -> tuple[RunAnswer, ...]:
        runs = reversed(self._session.runs.views) if self._session.runs else ()
        answers = (RunAnswer(view.id, self._said(view.id)) for view in runs)
        return tuple(answer for answer in answers if answer.said)

    def _said(self, run: str) -> dict[Condition, FaceAnswer]:
        outcome, said = self._session.outcomes.of(run), {}
        for condition, sample in self.pair.items():
            row = outcome.row_of.get(sample.id) if outcome else None
            if outcome and row is not None:
                values = tuple(outcome.predictions.probabilities[row].tolist())
                said[condition] = FaceAnswer(run, values, sample.expression)
        return said

    def _fold_of(self, sample: Sample) -> str:
        runs = self._session.runs.views if self._session.runs else []
        fold = runs[-1].run.protocol.fold_of().get(sample.subject) if runs else None
        return "" if fold is None else f"fold {fold + 1}"
