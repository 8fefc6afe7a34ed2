"""The right side of the import assistant: what would come in, and what would not and why."""

from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from engine.domain import Condition, Expression
from msde_gui.dialogs.import_model import count_rows, group_by_reason
from msde_gui.widgets.card import Card
from msde_gui.widgets.counts import Counts
from msde_gui.widgets.empty import Empty
from msde_gui.widgets.labels import label, plain

NAMES = [expression.title for expression in Expression]
MOST = 500  # files listed under one reason
WAITING = (
    "Nothing previewed yet",
    "Choose the folder of your faces and press Preview: it counts them and writes nothing.",
)


class ImportPreview(Card):
    """Counts, notes, and skipped files grouped by reason; or what is missing for them."""

    def __init__(self) -> None:
        super().__init__("Preview")
        self.empty = Empty("mdi6.folder-search-outline", *WAITING)
        self._details = ""
        self.copy = self.empty.button("Copy details")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._details))
        self.summary = label("", wrap=True)
        self.counts = Counts(NAMES, [condition.title for condition in Condition])
        self.notes = label("", "dim", wrap=True)
        self.heading = label("", "heading")
        self.skipped = QTreeWidget(columnCount=1)
        self.skipped.setHeaderHidden(True)
        self.skipped.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.skipped.setUniformRowHeights(True)
        filled = QWidget()
        column = QVBoxLayout(filled)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        for one in (self.summary, self.counts, self.notes, self.heading):
            column.addWidget(one)
        column.addWidget(self.skipped, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(filled)
        self.body.addWidget(self.stack, 1)

    def say(self, heading: str, text: str, details: str = "") -> None:
        """Something in the place of the preview, such as an error."""
        self.empty.say(heading, text)
        self._details = f"{text}\n\n{details}"
        self.copy.setVisible(bool(details))
        self.note.setText("")
        self.stack.setCurrentIndex(0)

    def show_answer(self, answer: dict[str, Any]) -> None:
        """The JSON document of ``msde import``."""
        self.stack.setCurrentIndex(1)
        self.note.setText(f"{answer.get('dataset', '')} · {answer.get('format', '')}".strip(" ·"))
        self.summary.setText(
            f"{answer['imported']:,} images of {answer['subjects']:,} subjects, "
            f"{answer['pairs']:,} pairs"
        )
        self.counts.show_counts(np.array(count_rows(answer["counts"], NAMES), dtype=np.int64))
        notes = answer.get("notes", [])
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))
        self._list(answer["skipped"])

    def refresh(self) -> None:
        self.empty.refresh()
        self.counts.refresh()

    def _list(self, skipped: list[dict[str, str]]) -> None:
        word = "file" if len(skipped) == 1 else "files"
        self.heading.setText(
            f"{len(skipped):,} {word} left out" if skipped else "No file is left out"
        )
        self.skipped.setVisible(bool(skipped))
        self.skipped.clear()
        for reason, files in group_by_reason(skipped).items():
            top = QTreeWidgetItem([f"{len(files):,} × {reason}"])
            top.setToolTip(0, plain(reason))
            top.addChildren([QTreeWidgetItem([file]) for file in files[:MOST]])
            if len(files) > MOST:
                top.addChild(QTreeWidgetItem([f"and {len(files) - MOST:,} more"]))
            self.skipped.addTopLevelItem(top)
