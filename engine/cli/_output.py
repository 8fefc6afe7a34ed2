"""What a command shows: progress on stderr, its answer on stdout."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from engine.cli._terminal import draw, plain, say, visible, visible_lines
from engine.events import (
    BatchEnded,
    Cancelled,
    EpochEnded,
    Event,
    Failed,
    FoldEnded,
    FoldStarted,
    Logged,
    Progressed,
    RunStarted,
    encode,
)
from engine.experiment.progress import RunProgress

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, nothing else.")]


def _progress(chosen: str) -> str:
    if chosen not in ("bar", "lines", "none"):
        raise typer.BadParameter(f"“{chosen}” is not one of bar, lines, none.")
    return chosen


Shown = Annotated[
    str,
    typer.Option(
        "--progress",
        help="bar, lines (events as JSON lines on stderr) or none.",
        callback=_progress,
    ),
]

NUMERIC = frozenset("0123456789.,%±+- –")


class Output:
    """One command's voice."""

    def __init__(self, as_json: bool, progress: str = "bar") -> None:
        self._json = as_json
        self._lines = progress == "lines"
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %"),
            TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
            disable=progress != "bar",
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}
        self._run = RunProgress()

    @contextmanager
    def live(self) -> Iterator[None]:
        """Bars are drawn inside; they are gone at the end. Raises ``Cancelled`` for Ctrl+C."""
        try:
            with self._bars:
                yield
        except KeyboardInterrupt:
            raise Cancelled from None  # typer would exit without a word

    def report(self, event: Event) -> None:
        if self._lines:
            say(visible(encode(event)) + "\n", sys.stderr)
            return
        self._run = self._run.after(event)
        match event:
            case Progressed():
                self._show(event.step, event.done / max(event.total, 1))
            case RunStarted():
                self._show("All folds", self._run.fraction)
            case FoldStarted() | BatchEnded() | EpochEnded() | FoldEnded():
                fold = self._run.folds[event.fold]
                self._show(f"Fold {event.fold + 1}", fold.progress)
                self._show("All folds", self._run.fraction)
            case Logged():
                self._bars.console.print(plain(event.message))
            case Failed():
                self._bars.console.print(plain(event.message, "red"))

    def answer(self, document: Any, *shown: Table | str) -> None:
        """The document for programs, or what is ``shown`` for people."""
        if self._json:
            say(visible(json.dumps(document, ensure_ascii=False)) + "\n", sys.stdout)
        else:
            say(draw(shown), sys.stdout)

    def _show(self, name: str, share: float) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(visible(name), total=1.0)
        self._bars.update(self._tasks[name], completed=share)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """A table of texts; columns of numbers are right-aligned."""
    head = Text(visible_lines(title), "table.title") if title else None
    made = Table(title=head, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(columns):
        numeric = all(set(str(row[number])) <= NUMERIC for row in rows)
        made.add_column(
            Text(visible_lines(column)),
            justify="right" if numeric else "left",
            no_wrap=numeric or not number,
        )
    for row in rows:
        made.add_row(*map(plain, row))
    return made
