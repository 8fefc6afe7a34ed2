"""The paper's tables, made again from the window: one choice queues every run behind a table."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtWidgets import QMenu, QPushButton

from engine.published import TABLES
from msde_gui.session import Session


def reproduce(session: Session, table: str, preset: str) -> None:
    """Make the runs that are missing, and queue what is not finished."""
    if not session.study:
        return
    place = ["--study", str(session.study.folder), "--preset", preset]
    job = session.start("Lay out the runs", ["reproduce", table, *place, "--queue"])
    job.succeeded.connect(partial(_enqueue, session, table))
    job.failed.connect(session.failed)


def button(session: Session, preset: Callable[[], str]) -> QPushButton:
    """A menu of the tables; ``preset`` tells the one that the form shows."""
    made = QPushButton()
    made.setText(made.tr("Reproduce a table"))
    made.setToolTip(
        made.tr("Queue every run behind a table of the paper, with the preset of the form")
    )
    menu = QMenu(made)
    for name, table in TABLES.items():
        menu.addAction(table.title, partial(_chosen, session, name, preset))
    made.setMenu(menu)
    return made


def _chosen(session: Session, table: str, preset: Callable[[], str]) -> None:
    reproduce(session, table, preset())


def _enqueue(session: Session, table: str, answer: Mapping[str, Any]) -> None:
    if not session.runs:
        return
    for run in answer["todo"]:
        session.runs.enqueue(run)
    count = len(answer["todo"])
    command = f"msde reproduce {table} --study … --preset {answer['preset']}"
    session.said.emit(f"{count} runs are queued; “{command}” prints the table")
