"""What is in the study: counts, sources, and every face."""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.domain import Condition, Expression
from engine.paper import dataset as paper
from msde_gui.dialogs import study_menu
from msde_gui.panel import Command, Panel
from msde_gui.session import preferences, sample_study
from msde_gui.session.sample_images import SampleImages
from msde_gui.session.selection import Filter, matching
from msde_gui.session.session import Session
from msde_gui.widgets.browser import Browser
from msde_gui.widgets.card import Card
from msde_gui.widgets.counts import Counts
from msde_gui.widgets.empty import Empty
from msde_gui.widgets.labels import Elided, label
from msde_gui.widgets.sources import Sources

WIDE = 860  # px from which the two upper cards lie side by side
FACE_SIZE = "96"  # px, until its user chooses another
NAMES = ([expression.title for expression in Expression], [c.title for c in Condition])
NO_STUDY = (
    "No study is open",
    "A study keeps your faces, the training runs and their results together in one folder.",
)
COPYING = (
    "The sample study is being copied",
    "Rendered faces of invented people, to try everything on. They appear in a few seconds.",
)
NO_FACES = "Import a folder of faces: the images stay as they are and never leave this machine."


class DataModel(QObject):
    """Which samples the page shows, and by which run's folds."""

    changed = Signal()  # other samples, runs or folds

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.run = ""  # whose folds are meant; empty is the latest
        self.runs: tuple[str, ...] = ()
        self.fold_of: dict[str, int] = {}
        self.ids: NDArray[np.int64] = np.array([], dtype=np.int64)
        session.study_changed.connect(self._update)
        session.filter_changed.connect(self._update)
        session.runs_changed.connect(self._follow)
        self._update()

    @property
    def folds(self) -> int:
        return 1 + max(self.fold_of.values(), default=-1)

    def use_run(self, name: str) -> None:
        self.run = name
        self._update()

    def _follow(self) -> None:
        if self._listed() != self.runs:
            self._update()

    def _listed(self) -> tuple[str, ...]:
        runs = self._session.runs
        return tuple(view.id for view in reversed(runs.views)) if runs else ()

    def _update(self) -> None:
        self.runs = self._listed()
        name = self.run if self.run in self.runs else next(iter(self.runs), "")
        view = self._session.runs.view(name) if self._session.runs else None
        self.fold_of = view.run.protocol.fold_of() if view else {}
        self.ids = matching(self._session.dataset, self._session.filter, self.fold_of)
        self.changed.emit()


class DataPanel(Panel):
    title = "Data"
    icon = "mdi6.image-multiple-outline"
    place = 10

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.model = DataModel(session)
        self._faces = SampleImages(session)
        self.note = Elided("", "dim")
        self.bring_in = QPushButton("Import…")
        self.bring_in.setProperty("primary", True)
        self.counts = Counts(*NAMES)
        self.sources = Sources()
        self.browser = Browser(NAMES, self._faces.jpeg, self._faces.caption)
        self.browser.slider.setValue(int(preferences.text("face size", FACE_SIZE)))
        self.empty = Empty("mdi6.image-multiple-outline", "", "")
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        dataset = self.session.dataset
        self.stack.setCurrentIndex(1 if len(dataset) else 0)
        self._refresh_empty()
        subjects, pairs = len(set(dataset.subjects.tolist())), len(dataset.pairs())
        self.note.setText(f"{len(dataset):,} faces · {subjects:,} subjects · {pairs:,} pairs")
        self.counts.show_counts(dataset.counts())
        self._refresh_sources()
        self.browser.refresh()
        self._refresh_faces()

    def commands(self) -> list[Command]:
        return [Command("Show all faces: clear the filter", self._clear)]

    def _refresh_empty(self) -> None:
        self.empty.refresh()
        study, copying = self.session.study, sample_study.copying(self.session) is not None
        self.open_sample.setVisible(not study and sample_study.is_offered())
        self.open_sample.setEnabled(not copying)
        none = COPYING if copying else NO_STUDY
        self.empty.say(*((f"“{study.name}” holds no faces yet", NO_FACES) if study else none))

    def _refresh_sources(self) -> None:
        study = self.session.study
        sources = study.sources() if study else []
        skipped = study.skipped() if study else []
        self.sources.show_rows(
            [(one.name, one.format, local(one.imported)) for one in sources],
            [(one.file, one.reason) for one in skipped],
        )

    def _refresh_faces(self) -> None:
        model, chosen, browser = self.model, self.session.filter, self.browser
        browser.bar.show_folds(model.folds, model.runs, model.run)
        browser.bar.show_choice(chosen.expression, chosen.condition, chosen.subject, chosen.fold)
        browser.gallery.show_ids(model.ids)
        browser.gallery.set_focused(self.session.focused)
        browser.show_count(len(model.ids), len(self.session.dataset))

    def _remember_size(self) -> None:
        preferences.remember("face size", str(self.browser.slider.value()))

    def _connect(self) -> None:
        gallery, bar = self.browser.gallery, self.browser.bar
        self.bring_in.clicked.connect(self._import)
        gallery.chosen.connect(self.session.focus)
        gallery.partner_wanted.connect(self._faces.focus_partner)
        self.browser.slider.sliderReleased.connect(self._remember_size)
        bar.changed.connect(self._narrow)
        bar.clear.clicked.connect(self._clear)
        bar.run_chosen.connect(self.model.use_run)
        self.model.changed.connect(self._refresh_faces)
        self.session.study_changed.connect(self.refresh)
        self.session.jobs_changed.connect(self._refresh_empty)
        self.session.focus_changed.connect(self._follow_focus)

    def _lay_out(self) -> None:
        self.empty.button("Import a folder of faces…", primary=True).clicked.connect(self._import)
        self.empty.button("Open a study…").clicked.connect(self._open)
        self.open_sample = self.empty.button(sample_study.TITLE)
        self.open_sample.clicked.connect(lambda: sample_study.open_copy(self.session))
        counts = Card("Faces by expression and condition")
        self.counts.compare(*count_paper())
        counts.body.addWidget(self.counts)
        note = label(paper.NOTE, "dim", wrap=True)
        note.setToolTip(paper.MORE)
        counts.body.addWidget(note)
        counts.body.addStretch(1)
        self.cards = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.cards.setSpacing(12)
        self.cards.addWidget(counts, 3)
        self.cards.addWidget(self.sources, 2)
        filled = QWidget()
        column = QVBoxLayout(filled)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(self._head())
        column.addLayout(self.cards)
        column.addWidget(self.browser, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(filled)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(label(self.title, "title"))
        row.addWidget(self.note, 1)
        row.addWidget(self.bring_in)
        return row

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The upper cards lie below each other where the page is narrow."""
        wide = event.size().width() >= WIDE
        direction = QBoxLayout.Direction
        self.cards.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
        self.sources.set_compact(not wide)

    def _narrow(self) -> None:
        bar = self.browser.bar
        self.session.narrow(Filter(bar.expression, bar.condition, bar.subject, bar.fold))

    def _clear(self) -> None:
        self.session.narrow(Filter())

    def _follow_focus(self) -> None:
        self.browser.gallery.set_focused(self.session.focused)

    def _import(self) -> None:
        self.session.asked_for_import.emit()

    def _open(self) -> None:
        study_menu.choose(self.session, self)


def count_paper() -> tuple[str, list[str], list[str]]:
    """What the paper counts: its name, by expression with the whole, by condition."""
    counts = paper.BY_EXPRESSION
    across = [f"{counts[one]:,}*" if one in counts else "–" for one in Expression]
    down = [f"{paper.BY_CONDITION[one]:,}" for one in Condition]
    return paper.NAME, [*across, f"{paper.VERIFIED:,}"], [*down, f"{paper.VERIFIED:,}"]


def local(moment: str) -> str:
    """A stored UTC time as the clock on the wall showed it."""
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
