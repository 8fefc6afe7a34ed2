"""The paper's tables, made again from the window: the runs behind one are listed, then queued."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.paper.tables import TABLES
from msde_gui.session.session import Session
from msde_gui.widgets.card import Card
from msde_gui.widgets.labels import label, plain

HEADS = ("Run", "For", "What", "Time")


class Outlook(QDialog):
    """Every run behind a table: which are used again, which are trained, and about how long."""

    def __init__(self, title: str, answer: Mapping[str, Any], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        card = Card(title)
        card.body.addWidget(label(f"Preset {answer['preset']}", "dim"))
        card.body.addLayout(self._grid(answer["plan"]))
        card.body.addWidget(label(answer["told"]))
        for note in answer.get("notes", []):
            card.body.addWidget(label(note, "dim", wrap=True))
        column = QVBoxLayout(self)
        column.addWidget(card)
        column.addWidget(self._buttons(sum(bool(one["time"]) for one in answer["plan"])))

    def _grid(self, plan: list[Mapping[str, Any]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        for column, head in enumerate(HEADS):
            grid.addWidget(label(head, "dim"), 0, column)
        for row, one in enumerate(plan, 1):
            role = "" if one["time"] else "dim"
            for column, key in enumerate(("name", "label", "what", "time")):
                cell = label(one[key], role)
                cell.setToolTip(plain(one.get("why", "")))
                grid.addWidget(cell, row, column)
        return grid

    def _buttons(self, todo: int) -> QDialogButtonBox:
        box = QDialogButtonBox()
        if todo:
            box.addButton(QDialogButtonBox.StandardButton.Cancel)
        words = "Queue 1 run" if todo == 1 else f"Queue {todo} runs"
        self.start = QPushButton(words if todo else "Close")
        self.start.setProperty("primary", True)
        box.addButton(self.start, QDialogButtonBox.ButtonRole.AcceptRole)
        self.start.setDefault(True)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        return box


def reproduce(session: Session, table: str, preset: str, parent: QWidget) -> None:
    """Show what would be run; once that is accepted, make what is missing and queue it."""
    if not session.study:
        return
    if not preset:  # nor are there methods in the form yet
        session.said.emit("The methods are still being looked for: try again in a moment.")
        return
    place = ["--study", str(session.study.folder), "--preset", preset]
    words = ["reproduce", table, *place]
    session.said.emit("Looking at the runs behind the table…")
    job = session.start("Look at the runs behind the table", [*words, "--plan"])
    job.succeeded.connect(partial(_show, session, words, parent))
    job.failed.connect(session.failed)


def button(session: Session, preset: Callable[[], str]) -> QPushButton:
    """A menu of the tables; ``preset`` tells the one that the form shows."""
    made = QPushButton()
    made.setText("Reproduce a table")
    made.setToolTip(
        "List, then queue every run behind a table of the paper, with the form's preset"
    )
    menu = QMenu(made)
    for name, table in TABLES.items():
        menu.addAction(table.title, partial(_queue_chosen, session, name, preset, made))
    made.setMenu(menu)
    return made


def _queue_chosen(session: Session, table: str, preset: Callable[[], str], parent: QWidget) -> None:
    reproduce(session, table, preset(), parent)


def _show(
    session: Session, words: list[str], parent: QWidget, answer: Mapping[str, Any]
) -> Outlook:
    made = Outlook(TABLES[words[1]].title, answer, parent.window())
    if any(one["time"] for one in answer["plan"]):
        made.accepted.connect(partial(_queue, session, words))
    made.finished.connect(made.deleteLater)
    made.open()
    return made


def _queue(session: Session, words: list[str]) -> None:
    job = session.start("Lay out the runs", [*words, "--queue"])
    job.succeeded.connect(partial(_enqueue, session, words[1]))
    job.failed.connect(session.failed)


def _enqueue(session: Session, table: str, answer: Mapping[str, Any]) -> None:
    if not session.runs:
        return
    for run in answer["todo"]:
        session.runs.enqueue(run)
    count = len(answer["todo"])
    told = "1 run is" if count == 1 else f"{count} runs are"
    command = f"msde reproduce {table} --study … --preset {answer['preset']}"
    session.said.emit(f"{told} queued; “{command}” prints the table")
