"""What the runs have learnt: scores by run and fold, and where the errors lie."""

from functools import partial

import numpy as np
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.domain import Condition, Expression
from msde_gui.pages.results.model import ResultsModel
from msde_gui.pages.results.table_rows import choose_hidden, groups, headings
from msde_gui.panel import Command, Panel
from msde_gui.session.session import Session
from msde_gui.style import theme
from msde_gui.style.icons import icon
from msde_gui.widgets.card import Card
from msde_gui.widgets.empty import Empty
from msde_gui.widgets.labels import Elided, label
from msde_gui.widgets.matrix import Matrix
from msde_gui.widgets.recall import Recall
from msde_gui.widgets.score_table import ScoreTable

NAMES = [expression.title for expression in Expression]
HINT = "% of the truth · click to see the faces"
NOTHING = (
    "No results yet",
    "Scores and confusion matrices appear as soon as one fold of a run is done.",
)


class ResultsPanel(Panel):
    title = "Results"
    icon = "mdi6.table-large"
    place = 40

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.model = ResultsModel(session)
        self.note = Elided("", "dim")
        self.export = QPushButton("Export scores")
        self.table = ScoreTable(headings())
        self.words = label("", "", wrap=True)
        self.matrices = {condition: Matrix(NAMES) for condition in Condition}
        self.cards = {c: Card(c.title.capitalize()) for c in Condition}
        self.recall = Recall(NAMES)
        self.recall_card = Card("Recall")
        self.charts = QGridLayout()
        self.empty = Empty(self.icon, *NOTHING)
        self.stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        self.stack.setCurrentIndex(1 if self.model.results or self.model.faults else 0)
        self.empty.refresh()
        self.export.setIcon(icon("mdi6.tray-arrow-up"))
        self.table.show_groups(groups(self.model.results, self.model.faults), self.model.chosen)
        self.table.refresh()
        self._fit()
        self.words.setText(self.model.sentence)
        self._refresh_note()
        self._refresh_matrices()
        self._refresh_recall()

    def commands(self) -> list[Command]:
        return [Command("Export scores of all runs", self._export)]

    def _refresh_note(self) -> None:
        shown = self.model.result
        text = self.model.chosen
        if shown:
            text = f"{shown.run} · preset {shown.preset} · {shown.folds} folds · seed {shown.seed}"
        self.note.setText(text)

    def _refresh_matrices(self) -> None:
        shown = self.model.result
        for condition, matrix in self.matrices.items():
            score = shown.scores.get(condition.short) if shown else None
            self.cards[condition].setVisible(score is not None)
            if score and shown:
                spread = shown.spread[condition.short]
                matrix.show_counts(np.asarray(score.confusion, dtype=np.int64), spread)
                matrix.show_cells(self.model.cells(condition))
                self.cards[condition].note.setText(HINT)

    def _refresh_recall(self) -> None:
        shown, colours = self.model.result, theme.current()
        self.recall_card.setVisible(shown is not None)
        if shown is None:
            return
        known = [c for c in Condition if c.short in shown.scores]
        series = [shown.scores[c.short].recall for c in known]
        self.recall.show_series(series, [(colours.gain, colours.loss)[c] for c in known])
        words = " and ".join(c.title + (" (blue)", " (orange)")[c] for c in known)
        self.recall_card.note.setText(f"% found of each expression, {words}; dashed: guessing")
        alone = len(known) == 1
        self.charts.removeWidget(self.recall_card)
        place = (0, 1, 1, 1) if alone else (1, 0, 1, 2)
        self.charts.addWidget(self.recall_card, *place)
        if alone:
            self.charts.addWidget(self.cards[known[0]], 0, 0)

    def _connect(self) -> None:
        model = self.model
        model.changed.connect(self.refresh)
        self.table.chosen.connect(model.choose)
        self.export.clicked.connect(self._export)
        for condition, matrix in self.matrices.items():
            matrix.chosen.connect(partial(model.select, condition))
            matrix.export_wanted.connect(model.export_list)

    def _export(self) -> None:
        if self.model.results:
            QGuiApplication.clipboard().setText(self.model.table_text())
            self.model.export_table()

    def _lay_out(self) -> None:
        begin = self.empty.button("Go to Experiments", primary=True)
        begin.clicked.connect(lambda: self.session.asked_for_page.emit("experiments"))
        for condition, matrix in self.matrices.items():
            self.cards[condition].body.addWidget(matrix, 1)
            self.charts.addWidget(self.cards[condition], 0, int(condition))
        self.recall_card.body.addWidget(self.recall, 1)
        self.charts.addWidget(self.recall_card, 1, 0, 1, 2)
        self.charts.setSpacing(12)
        self.charts.setRowStretch(0, 3)
        self.charts.setRowStretch(1, 1)
        self.charts.setColumnStretch(0, 1)
        self.charts.setColumnStretch(1, 1)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self._page())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def _page(self) -> QWidget:
        table = Card()
        table.body.setContentsMargins(10, 6, 10, 12)
        table.body.addWidget(self.table)
        table.body.addWidget(self.words)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(table)
        column.addLayout(self.charts, 1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        page = QWidget()
        whole = QVBoxLayout(page)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(12)
        whole.addLayout(self._head())
        whole.addWidget(area, 1)
        return page

    def _head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(label(self.title, "title"))
        head.addWidget(self.note, 1)
        head.addWidget(self.export)
        return head

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _fit(self) -> None:
        """The table shows the columns and rows there is room for."""
        self.table.hide_columns(choose_hidden(self.width()))
        most = 8 if self.height() > 760 else 5
        self.table.setFixedHeight(self.table.rows_height(most))
