"""Which runs and which error view one looks at, and what a click in it selects."""

import shlex
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.domain import Dataset
from engine.evaluation.error_analysis import RunDifference
from engine.store.runs import State
from msde_gui.pages.errors.inputs import ErrorInputs, Ids
from msde_gui.pages.errors.listing import Listing
from msde_gui.pages.errors.views import VIEWS, View
from msde_gui.session.run_choice import MOST, keep
from msde_gui.session.selection import Cells, Selection, describe_cells
from msde_gui.session.session import Session

KEPT = 40  # listings
SIDES = {"entered": "moved in", "left": "moved out", "both": "moved in or out"}
NOTHING = Listing("")
NO_PAIRS: Ids = np.zeros((0, 2), dtype=np.int64)


class ErrorsModel(QObject):
    """Follows the session's runs and filter; a listing is worked out when it is first shown."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._followed: tuple[object, ...] = ()
        self._kept: dict[tuple[object, ...], Listing] = {}
        self._paired: tuple[Dataset, Ids] | None = None
        self._made: dict[Selection, tuple[Cells, str]] = {}
        self._chosen_by_user = False
        self.available: tuple[str, ...] = ()  # runs with predictions, oldest first
        self.chosen: tuple[str, ...] = ()
        self.name = "confident"  # of the view
        self.looked = self.other = ""  # runs
        session.runs_changed.connect(self._follow)
        session.study_changed.connect(self._begin)
        session.filter_changed.connect(self.changed)
        session.selection_changed.connect(self._follow_selection)
        self._follow()

    @property
    def view(self) -> View:
        return VIEWS[self.name]

    def find_listing(self) -> Listing:
        """What the view lists now, kept once made; empty if too few runs are chosen."""
        if len(self.chosen) < self.view.runs:
            return NOTHING
        key = (self.name, self.chosen, self.looked, self.other, self._session.filter)
        if key not in self._kept:
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            made = self.view.make(self._material())
            self._kept[key] = replace(made, sentence=" ".join([*self._notes(), made.sentence]))
        return self._kept[key]

    @property
    def cells(self) -> Cells:
        """The cells of the difference that the session's selection was made of."""
        return self._made.get(self._session.selection, ((), ""))[0]

    @property
    def side(self) -> str:
        """Which of the images of these cells are selected: one of ``SIDES``."""
        return self._made.get(self._session.selection, ((), ""))[1]

    @property
    def command(self) -> str:
        """The same for a terminal."""
        study, fold = self._session.study, self._session.filter.fold
        runs = (self.looked, self.other) if self.view.compares else self.chosen
        words = ["msde", "errors", *runs, "--study", str(study.folder) if study else "…"]
        return shlex.join(words + ([] if fold is None else ["--fold", str(fold + 1)]))

    def choose(self, runs: Sequence[str]) -> None:
        """At most six; the two that one looks at stay if they are among them."""
        self._chosen_by_user = True
        self._take(tuple(run for run in self.available if run in runs)[:MOST])
        self.changed.emit()

    def show(self, name: str) -> None:
        self.name = name
        self.changed.emit()

    def look(self, run: str, other: str) -> None:
        """At one run, and at the one that it is compared with."""
        self.looked, self.other = run, other
        self.changed.emit()

    def look_on(self) -> None:
        """At the next run; of two that are compared, the second stays."""
        ring = [run for run in self.chosen if not self.view.compares or run != self.other]
        if self.view.looks and self.looked in ring:
            run = ring[(ring.index(self.looked) + 1) % len(ring)]
            self.look(run, self.looked if run == self.other else self.other)

    def picked(self, rows: Sequence[int]) -> tuple[int, ...]:
        """The images of the rows; one image alone stands for its whole list."""
        shown = self.find_listing()
        return shown.ids_in(range(len(shown)) if shown.of_images and len(rows) == 1 else rows)

    def select(self, rows: Sequence[int]) -> None:
        """The images of the rows; of a list of images the one clicked comes into focus."""
        shown = self.find_listing()
        chips = shown.chips
        if not rows:
            return
        if not shown.of_images:
            words = shown.labels[rows[0]] if len(rows) == 1 else f"{len(rows)} rows"
            chips = (words, *chips)
        self._session.select(Selection(self.picked(rows), chips, shown.run))
        if shown.of_images and len(rows) == 1:
            self._session.focus(shown.ids[rows[0]][0])

    def select_cells(self, cells: Cells, side: str = "") -> None:
        """The images that moved into the cells, or out of them; without ``side`` what is more."""
        shown = self.find_listing()
        moved, chips = shown.moved, shown.chips
        if moved is None or not cells:
            return
        side = side or ("left" if sum(moved.net[cell] for cell in cells) < 0 else "entered")
        chips = (describe_cells(cells), SIDES[side], *chips)
        selection = Selection(moving(moved, cells, side), chips, shown.run)
        self._made[selection] = (tuple(cells), side)
        if selection == self._session.selection:
            self.changed.emit()  # the same once more: its cells are framed again
        self._session.select(selection)

    def _follow_selection(self) -> None:
        if self.view.compares:  # its map frames the cells that are selected
            self.changed.emit()

    def _begin(self) -> None:
        self._made.clear()
        self._chosen_by_user = False
        self._followed = ()
        self._follow()

    def _follow(self) -> None:
        views = self._session.runs.views if self._session.runs else []
        known = [(view, self._session.outcomes.of(view.id)) for view in views]
        found = [(view, outcome) for view, outcome in known if outcome]
        followed = (
            self._session.dataset,
            *((view.id, view.state is State.FINISHED, id(outcome)) for view, outcome in found),
        )
        if followed == self._followed:
            return
        self._followed = followed
        self._kept.clear()
        self.available = tuple(view.id for view, _ in found)
        chosen = self.chosen if self._chosen_by_user else ()
        self._take(keep(chosen, views, self.available))
        self.changed.emit()

    def _take(self, runs: tuple[str, ...]) -> None:
        self.chosen = runs
        if self.looked not in runs:
            self.looked = next((run for run in runs if run != self.other), "".join(runs[:1]))
        if self.other not in runs or self.other == self.looked:
            self.other = next((run for run in runs if run != self.looked), "")

    def _notes(self) -> list[str]:
        """What the study lacks of what the runs were tested on."""
        found = (self._session.outcomes.of(run) for run in self.chosen)
        return [outcome.note for outcome in found if outcome and outcome.note]

    def _material(self) -> ErrorInputs:
        session = self._session
        read = ((run, session.outcomes.of(run)) for run in self.chosen)
        parts = {run: outcome.predictions for run, outcome in read if outcome}
        looked, other = (list(parts).index(run) for run in (self.looked, self.other or self.looked))
        return ErrorInputs(
            session.dataset,
            self._pairs() if self.view.pairs else NO_PAIRS,
            session.filter,
            tuple(parts),
            tuple(parts.values()),
            looked,
            other,
        )

    def _pairs(self) -> Ids:
        dataset = self._session.dataset
        if self._paired is None or self._paired[0] is not dataset:
            self._paired = dataset, dataset.ids[dataset.pairs()]
        return self._paired[1]


def moving(moved: RunDifference, cells: Cells, side: str) -> tuple[int, ...]:
    """The samples that entered the cells, left them, or both."""
    names = ("entered", "left") if side == "both" else (side,)
    found = [getattr(moved, name)(*cell) for name in names for cell in cells]
    return tuple(np.unique(np.concatenate(found)).tolist())
