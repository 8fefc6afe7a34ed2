"""The runs that have predictions, the one that is looked at, and the cells chosen in its matrix."""

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.domain import Condition, Expression, Failure
from engine.evaluation.result_columns import csv_rows
from engine.experiment.predictions import Predictions
from engine.store.tables import table_text
from msde_gui.pages.results.run_scores import Result, result, sentence
from msde_gui.session.export import write, write_list
from msde_gui.session.run_list import RunView
from msde_gui.session.run_predictions import Outcome
from msde_gui.session.selection import Cells, Selection, describe_cells
from msde_gui.session.session import Session


class ResultsModel(QObject):
    """Follows the session's runs; reads a run again only when another fold of it is done."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._known: dict[str, tuple[object, Result | str | None]] = {}
        self._made: dict[Selection, tuple[Condition, Cells]] = {}
        self.results: tuple[Result, ...] = ()
        self.faults: dict[str, str] = {}  # of runs that cannot be shown, in a sentence each
        self.chosen = ""
        session.runs_changed.connect(self._follow)
        session.study_changed.connect(self._begin)
        session.catalogue_changed.connect(self.changed)
        session.selection_changed.connect(self.changed)
        self._follow()

    @property
    def result(self) -> Result | None:
        return next((one for one in self.results if one.run == self.chosen), None)

    @property
    def sentence(self) -> str:
        if self.result is None:
            return self.faults.get(self.chosen, "")
        return sentence(self.result, self.result.run)

    def cells(self, condition: Condition) -> Cells:
        """The cells of a matrix that the session's selection was made of."""
        made = self._made.get(self._session.selection)
        same = made and made[0] is condition and self._session.selection.run == self.chosen
        return made[1] if made and same else ()

    def choose(self, run: str) -> None:
        if run != self.chosen:
            self.chosen = run
            self.changed.emit()

    def select(self, condition: Condition, cells: Cells) -> None:
        """Show the faces that belong to the cells in the Gallery."""
        outcome = self._session.outcomes.of(self.chosen)
        if outcome is None:
            return
        ids = ids_in(outcome.predictions, condition, cells)
        chips = (condition.title, describe_cells(cells), self.chosen)
        selection = Selection(ids, chips, self.chosen)
        self._made[selection] = (condition, tuple(cells))
        self._session.select(selection)
        self.changed.emit()

    def export_list(self) -> None:
        """Write the files of the selected faces into the study."""
        write_list(self._session, self._session.selection.ids)

    def table_text(self) -> str:
        """The scores of every run as CSV."""
        return table_text(csv_rows(self.results))

    def export_table(self) -> None:
        write(self._session, "scores.csv", self.table_text(), "Scores copied and written")

    def _begin(self) -> None:
        self._known.clear()
        self._made.clear()
        self._follow()

    def _follow(self) -> None:
        runs = self._session.runs
        read = {view.id: self._read(view) for view in reversed(runs.views)} if runs else {}
        found = tuple(one for one in read.values() if isinstance(one, Result))
        newer = {run: one for run, one in read.items() if isinstance(one, str)}
        faults = self._session.faults | newer
        if self.chosen not in [*(one.run for one in found), *faults]:
            done = [one.run for one in found if one.done == one.folds]
            self.chosen = next(iter([*done, *(one.run for one in found), *faults]), "")
        if (found, faults) != (self.results, self.faults):
            self.results, self.faults = found, faults
            self.changed.emit()

    def _read(self, view: RunView) -> Result | str | None:
        """A sentence if its scores are of a newer version."""
        key = (view.run, view.state, sum(fold.ended for fold in view.progress.folds))
        if self._known.get(view.id, (None, None))[0] != key:
            outcome = self._session.outcomes.of(view.id)
            self._known[view.id] = (key, _score(view, outcome) if outcome else None)
        return self._known[view.id][1]


def _score(view: RunView, outcome: Outcome) -> Result | str:
    try:
        return result(view.run, view.state, outcome.predictions, outcome.note)
    except Failure as failure:
        return str(failure)


def ids_in(predictions: Predictions, condition: Condition, cells: Cells) -> tuple[int, ...]:
    """The samples of the cells under one condition."""
    n = len(Expression)
    wanted = [truth * n + predicted for truth, predicted in cells]
    of_sample = predictions.expressions * n + predictions.predicted
    keep = np.isin(of_sample, wanted) & (predictions.conditions == condition)
    return tuple(predictions.samples[keep].tolist())
