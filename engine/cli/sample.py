"""``msde sample``: a copy of the sample study that ships with the program, ready to run."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli._output import Json, Output, Shown
from engine.cli.data import counts_table
from engine.data import sample_study
from engine.data.formats.base import plural
from engine.data.importing import document

PLACE = 10  # among the commands


def add_to(app: typer.Typer) -> None:
    app.command("sample")(copy_sample)


def copy_sample(
    folder: Annotated[Path, typer.Argument(help="The new study's folder.")],
    as_json: Json = False,
    progress: Shown = "bar",
) -> None:
    """Make a study of rendered faces to try things on: 142 subjects, masked and not."""
    output = Output(as_json, progress)
    with output.live():
        said = document(sample_study.copy(folder, output.report))
    study = str(folder.expanduser().absolute())
    output.answer(
        {"study": study, **said},
        f"{plural(said['imported'], 'sample')} of {plural(said['subjects'], 'subject')}, "
        f"{plural(said['pairs'], 'pair')}: {study} is ready.",
        counts_table(said),
    )
