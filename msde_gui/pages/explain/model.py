"""The faces and runs that are explained beside each other, and what each cell says."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from PySide6.QtCore import QObject, Signal

from engine.explanation.heatmap import TITLES
from msde_gui.heatmaps.requests import Maps, SampleHeatmap
from msde_gui.pages.explain.snapshot import HeatmapCell, Still
from msde_gui.session.run_choice import MOST, list_finished, newest
from msde_gui.session.selection import Selection
from msde_gui.session.session import Session

ROWS = 200  # faces


class ExplainModel(QObject):
    """Follows the selection; asks only while somebody looks."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.maps = Maps(session, self)
        self.looks = session.looks
        self.rows: tuple[int, ...] = ()
        self.total = 0  # faces selected, also those beyond ``ROWS``
        self.runs: tuple[str, ...] = ()  # the columns
        self.columns: tuple[str, ...] = ()  # all that are chosen, also while one is shown alone
        self.offered: tuple[str, ...] = ()
        self.shown = True  # the heatmaps over the faces
        self._chosen: tuple[str, ...] | None = None
        self._alone = ""  # the only run that is shown; empty: all of them
        self._first, self._watched = 0, False
        self._peaks: dict[str, float] = {}
        self._still: Still | None = None
        for signal in (session.selection_changed, session.focus_changed, session.runs_changed):
            signal.connect(self._follow)
        session.study_changed.connect(self._begin)
        self.looks.changed.connect(self._ask)
        self.maps.changed.connect(self._measure)
        self._follow()

    def watch(self, watched: bool) -> None:
        """Whether the page is seen."""
        if watched != self._watched:
            self._watched = watched
            self._ask()
            if watched:
                self.maps.make_ready(self.runs)

    def look_at(self, first: int) -> None:
        """The row at the top: its heatmaps come before those above it."""
        if first != self._first:
            self._first = first
            self._want()

    def choose(self, run: str, chosen: bool) -> None:
        """Add or drop a column; at most ``MOST``, in the order of the runs."""
        wanted = {*self.columns, run} if chosen else {*self.columns} - {run}
        if len(wanted) <= MOST:
            self._chosen = tuple(name for name in self.offered if name in wanted)
            self._follow()

    def show_next(self) -> None:
        """One run alone, then the next, and after the last all of them."""
        ring = ["", *self.columns]
        self._alone = ring[(ring.index(self._alone) + 1) % len(ring)]
        self._follow()

    def toggle(self) -> None:
        """Show or hide the heatmaps over the faces."""
        self.shown = not self.shown
        self._change()

    def cell(self, row: int, column: int) -> HeatmapCell:
        run, number, asked = self.runs[column], self.rows[row], self.looks.now.asked
        made = self.maps.of(run, number, asked)
        if not made:
            return HeatmapCell(why=self.maps.why_not(run, number, asked))
        return HeatmapCell(made, self._peak(run, made))

    @property
    def still(self) -> Still:
        """All that is shown now."""
        if self._still is None:
            places = product(range(len(self.rows)), range(len(self.runs)))
            self._still = Still(
                samples=tuple(filter(None, map(self.session.sample, self.rows))),
                runs=self.runs,
                cells={place: self.cell(*place) for place in places},
                look=self.looks.now,
                shown=self.shown,
                peak=self.peak,
                note=self.note,
            )
        return self._still

    @property
    def filled(self) -> bool:
        """Whether there is a cell."""
        return bool(self.rows and self.runs)

    @property
    def peak(self) -> float | None:
        """The end of the one scale; nothing if there are several, or nothing is shown yet."""
        return self._peaks.get("all") if self.looks.now.scale == "all" else None

    @property
    def layers(self) -> tuple[str, ...]:
        """Where every run that has answered can be looked into."""
        known = [self.maps.layers[run] for run in self.runs if run in self.maps.layers]
        return tuple(name for name in known[0] if all(name in o for o in known)) if known else ()

    @property
    def note(self) -> str:
        """What the heatmaps are of."""
        many = len(self.rows)
        faces = "1 face" if many == 1 else f"{many:,} faces"
        if self.total > many:
            faces = f"the first {many:,} of {self.total:,} faces"
        asked = self.looks.now.asked
        random = ", random weights" if asked.randomised else ""
        return f"{faces} · {TITLES[asked.variant]} for {_target(asked.target)}{random}"

    def words(self) -> list[str]:
        """Of the command that explains all that is shown, without where to write."""
        looks, study = self.looks.now, self.session.study
        asked = looks.asked
        words = ["explain", *self.runs, "--study", str(study.folder) if study else ""]
        for number in self.rows:
            words += ["--sample", str(number)]
        words += ["--variant", asked.variant, "--target", asked.target]
        words += ["--layer", asked.layer] if asked.layer else []
        words += ["--randomised"] if asked.randomised else []
        words += ["--colours", looks.colours, "--scale", looks.scale]
        return [*words, "--opacity", f"{looks.opacity if self.shown else 0:g}"]

    def take_wrong(self) -> None:
        """Select what the newest finished run got wrong, the surest first."""
        run = self.offered[-1] if self.offered else ""
        outcome = self.session.outcomes.of(run)
        if outcome:
            ids = np.array(sorted(outcome.wrong()), dtype=np.int64)
            order = np.argsort(-outcome.confidence(ids), kind="stable")
            self.session.select(Selection(tuple(ids[order].tolist()), ("wrong faces", run), run))

    def _peak(self, run: str, made: SampleHeatmap) -> float:
        scale = self.looks.now.scale
        return made.peak if scale == "image" else self._peaks[run if scale == "run" else "all"]

    def _begin(self) -> None:
        self._chosen = None
        self.rows, self.runs, self._alone = (), (), ""  # the same ids may mean others now
        self._follow()
        if self._watched:
            self.maps.make_ready(self.runs)

    def _follow(self) -> None:
        views = self.session.runs.views if self.session.runs else []
        self.offered = list_finished(views)
        chosen = [run for run in self._chosen or () if run in self.offered]
        runs = newest(views, self.offered) if self._chosen is None else tuple(chosen)
        self.columns, self._alone = runs, self._alone if self._alone in runs else ""
        runs = (self._alone,) if self._alone else runs
        ids = self._samples()
        rows = ids[:ROWS]
        if (rows, len(ids), runs) != (self.rows, self.total, self.runs):
            self._first = 0 if rows != self.rows else self._first
            self.rows, self.total, self.runs = rows, len(ids), runs
            self._ask()

    def _samples(self) -> tuple[int, ...]:
        """The selection, or else the face in focus."""
        focused = self.session.focused
        ids: Sequence[int] = self.session.selection.ids or (() if focused is None else (focused,))
        known = self.session.dataset.row_of
        return tuple(number for number in ids if number in known)

    def _ask(self) -> None:
        self._want()
        self._measure()

    def _want(self) -> None:
        rows = self.rows[self._first :] + self.rows[: self._first] if self._watched else ()
        self.maps.want(rows, self.columns, self.looks.now.asked)

    def _measure(self) -> None:
        """The highest value of each run, and of all, so far."""
        asked = self.looks.now.asked
        found = {
            run: [self.maps.of(run, number, asked) for number in self.rows] for run in self.columns
        }
        peaks = {run: max((m.peak for m in maps if m), default=0.0) for run, maps in found.items()}
        self._peaks = peaks | {"all": max(peaks.values(), default=0.0)}
        self._change()

    def _change(self) -> None:
        self._still = None
        self.changed.emit()


def _target(target: str) -> str:
    known = {"predicted": "what each run says", "true": "the truth"}
    return known.get(target, f"“{target}”")
