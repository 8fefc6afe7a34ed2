"""What the user has open and selected: the one place every panel reads."""

import logging
import traceback
from contextlib import ExitStack
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from engine.domain import Dataset, Failure, Sample
from engine.experiment.catalogue import Catalogue
from engine.store.study import Study
from engine.store.trust import Strangers
from engine.system.validation import adapter
from msde_gui.session import preferences, queue_recovery
from msde_gui.session.analysis_client import AnalysisClient
from msde_gui.session.heatmap_styles import HeatmapStyles
from msde_gui.session.jobs import Job
from msde_gui.session.run_list import Runs
from msde_gui.session.run_predictions import Outcomes
from msde_gui.session.selection import Filter, Selection, SelectionHistory

log = logging.getLogger(__name__)


class Session(QObject):
    """One study, one selection, one filter, one focused and one hovered sample."""

    study_changed = Signal()  # another study, or more samples in it
    selection_changed = Signal()
    filter_changed = Signal()
    focus_changed = Signal()  # the sample in the Inspector
    hovered = Signal(object)  # the id of the sample under the pointer, or None
    runs_changed = Signal()
    catalogue_changed = Signal()  # methods, presets and formats are known
    jobs_changed = Signal()
    failed = Signal(str, str)  # one sentence, details: the window shows it
    met_strangers = Signal(object)  # ``Strangers``: whoever is asked may agree and open it again
    asked_for_page = Signal(str)  # the name of a page's folder: the window goes there
    asked_for_import = Signal()  # of a folder of faces
    said = Signal(str)  # a short message for the job strip, such as "Copied"

    def __init__(self) -> None:
        super().__init__()
        self.failed.connect(_log_failure)
        self.study: Study | None = None
        self.dataset = Dataset("", ())
        self.runs: Runs | None = None
        self.outcomes = Outcomes(None, self.dataset)
        self.analyst: AnalysisClient | None = None  # answers questions about the study's networks
        self.catalogue = Catalogue()  # empty until ``msde methods`` answers
        self.jobs: list[Job] = []
        self.looks = HeatmapStyles(self)
        self.filter = Filter()
        self.focused: int | None = None
        self.pointed: int | None = None
        self._history = SelectionHistory()

    def open(self, folder: Path, *, create: bool = False) -> bool:
        """Open a study; False, and ``failed``, if it cannot be opened."""
        try:
            study, dataset, runs = self._read(folder, create)
        except Strangers as error:
            self.met_strangers.emit(error)
            return False
        except Exception as error:  # whatever lies in a folder, the window stays
            known = isinstance(error, Failure)
            told = str(error) if known else f"The study {folder} cannot be opened: {error!r:.300}."
            self.failed.emit(told, "" if known else traceback.format_exc())
            return False
        self.close(keep_running=True)  # what trains in the study one leaves goes on
        self.study, self.dataset, self.runs = study, dataset, runs
        self.outcomes = Outcomes(runs, dataset)
        self.analyst = AnalysisClient(study.folder, self)
        self.runs.changed.connect(self.runs_changed)
        self.runs.failed.connect(self.failed)
        self._history, self.filter = SelectionHistory(), Filter()
        self.focused = self.pointed = None
        for signal in (self.study_changed, self.filter_changed, self.selection_changed):
            signal.emit()
        self.focus_changed.emit()
        self.runs_changed.emit()
        self._tell(study.folder, self.runs)
        log.info("%s: opened, %d samples", study.folder, len(dataset))
        return True

    def _read(self, folder: Path, create: bool) -> tuple[Study, Dataset, Runs]:
        with ExitStack() as undone:
            study = undone.enter_context(Study(folder, create=create))
            dataset = study.dataset()
            # Of a study that was never open here, nothing starts by itself.
            runs = Runs(study, self, goes_on=study.folder in preferences.recent())
            undone.pop_all()
        return study, dataset, runs

    def _tell(self, folder: Path, runs: Runs) -> None:
        """What the user should know of a study that has just been opened."""
        if runs.damaged:
            self.failed.emit(runs.damaged[-1].fault, "")
        told = queue_recovery.tell(folder, runs)
        if told:
            self.said.emit(told)

    def reload(self) -> None:
        """Read the samples again, after an import."""
        if self.study:
            self.dataset = self.study.dataset()
            self.outcomes = Outcomes(self.runs, self.dataset)
            self.study_changed.emit()

    def close(self, *, keep_running: bool = False) -> None:
        """Leave the study. Its runs go on alone, or stop and save."""
        if self.runs and self.study:
            working = [view.id for view in self.runs.views if view.state.alive]
            queue_recovery.remember(self.study.folder, [*working, *self.runs.waiting])
            self.runs.close(keep_running)
            self.runs.deleteLater()
        if self.analyst:
            self.analyst.close()
            self.analyst.deleteLater()
        if self.study:
            self.study.close()
        self.runs = self.analyst = self.study = None

    @property
    def selection(self) -> Selection:
        return self._history.current

    def select(self, selection: Selection) -> None:
        if selection != self.selection:
            self._history.add(selection)
            self.selection_changed.emit()

    def step(self, by: int) -> None:
        """Back (-1) or forward (1) through the selections."""
        if self._history.step(by):
            self.selection_changed.emit()

    def narrow(self, chosen: Filter) -> None:
        if chosen != self.filter:
            self.filter = chosen
            self.filter_changed.emit()

    def focus(self, sample: int | None) -> None:
        if sample != self.focused:
            self.focused = sample
            self.focus_changed.emit()

    @Slot(object)
    def hover(self, sample: int | None) -> None:
        """Every view marks the sample that the pointer is over in one of them."""
        if sample != self.pointed:
            self.pointed = sample
            self.hovered.emit(sample)

    @property
    def faults(self) -> dict[str, str]:
        """Why runs cannot be read: one sentence each, by id, newest first."""
        return self.outcomes.faults if self.runs else {}

    def sample(self, number: int) -> Sample | None:
        row = self.dataset.row_of.get(number)
        return None if row is None else self.dataset.samples[row]

    def start(self, title: str, arguments: list[str]) -> Job:
        """Run an ``msde`` command beside the window; connect to the job it returns."""
        job = Job(title, arguments, self)
        self.jobs.append(job)
        job.ended.connect(lambda: self._forget(job))
        log.info("Started: %s", job.command)
        job.start()
        self.jobs_changed.emit()
        return job

    def learn(self) -> None:
        """Ask the engine once which methods, presets and formats there are."""
        job = self.start("Look for methods", ["methods"])
        job.succeeded.connect(self._learnt)
        job.failed.connect(self.failed)

    def _learnt(self, document: object) -> None:
        self.catalogue = adapter(Catalogue).validate_python(document)
        self.catalogue_changed.emit()

    def _forget(self, job: Job) -> None:
        self.jobs.remove(job)
        self.jobs_changed.emit()
        job.deleteLater()


def _log_failure(sentence: str, details: str) -> None:
    """What was shown as an error is in the log as well: it may be asked for later."""
    log.info("Shown: %s\n%s" if details else "Shown: %s%s", sentence, details)
