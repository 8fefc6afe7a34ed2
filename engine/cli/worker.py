"""``msde work``, the worker of one run, and ``msde analyse``, which answers the window."""

from pathlib import Path
from typing import Annotated

import typer

from engine.analysis.server import serve
from engine.cli._options import Processes
from engine.domain import Failure
from engine.runs.coordinator import stop_when_left, work
from engine.store.runs import Run, State
from engine.store.study import Study
from engine.system import logs

PLACE = 140  # among the commands


def add_to(app: typer.Typer) -> None:
    app.command("work", hidden=True)(worker)
    app.command("analyse", hidden=True)(analyst)


def worker(
    run_dir: Path,
    workers: Processes = 0,
    attached: Annotated[bool, typer.Option(help="Stop when standard input closes.")] = False,
) -> None:
    """Execute the run in RUN_DIR: the same from a window, a terminal or a cluster."""
    logs.write_to_errors()  # the run's worker.log
    run = Run(run_dir.absolute())
    if not run.experiment_file.exists():
        raise Failure(f"{run_dir} is not a run's folder: queue a run with `msde run --queue`.")
    if attached:
        stop_when_left(run)
    raise typer.Exit(0 if work(run, workers) is State.FINISHED else 1)


def analyst(study: Path) -> None:
    """Answer the window's questions about STUDY until standard input closes."""
    Study(study).close()  # what cannot be opened fails at once
    serve(study)
