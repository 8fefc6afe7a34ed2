"""``msde import`` and ``msde check``: faces into a study, and whether they are still sound."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from engine.cli._output import Json, Output, Shown, table
from engine.data import integrity
from engine.data.formats.base import ImportOptions, plural
from engine.data.importing import document, inspect, save
from engine.domain import Condition
from engine.store.study import DATABASE, Study

PLACE = 30  # among the commands
COLUMNS = ("path", "expression", "subject", "condition", "pair")
StudyFolder = Annotated[Path, typer.Option("--study", help="The study's folder.")]


def add_to(app: typer.Typer) -> None:
    app.command("import")(import_folder)
    app.command("check")(check_study)


def import_folder(
    folder: Annotated[Path, typer.Argument(help="Where the faces are.")],
    study: Annotated[Path, typer.Option("--study", help="The study; made if absent.")],
    layout: Annotated[str, typer.Option("--format", help="One of `msde formats`.")] = "",
    name: Annotated[str, typer.Option(help="What to call this import.")] = "",
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", help="path=HEADER (also expression, subject, condition, pair)."),
    ] = None,
    pattern: Annotated[
        str, typer.Option("--subject-pattern", help="Regular expression on file names.")
    ] = "",
    condition: Annotated[str, typer.Option(help="nm or m, where nothing tells it.")] = "nm",
    copy: Annotated[bool, typer.Option("--copy", help="Keep copies inside the study.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    as_json: Json = False,
    progress: Shown = "bar",
) -> None:
    """Read a folder of faces into a study; what cannot be used is listed with its reason."""
    options = ImportOptions(
        **_columns(columns or []),
        subject_pattern=pattern,
        default_condition=_condition(condition),
    )
    output = Output(as_json, progress)
    with ExitStack() as stack:
        exists = (study / DATABASE).exists()
        opened = stack.enter_context(Study(study)) if exists else None
        with output.live():
            found = inspect(folder, opened, layout, name, options=options, report=output.report)
        if not dry_run:
            opened = opened or stack.enter_context(Study(study, create=True))
            save(found, opened, copy)
    said = document(found)
    output.answer(
        said, _sentence(said, dry_run), counts_table(said), *_list_skipped(said), *said["notes"]
    )


def check_study(study: StudyFolder, as_json: Json = False, progress: Shown = "bar") -> None:
    """Look for missing, changed, unreadable and near-identical images, pairs and leaks."""
    output = Output(as_json, progress)
    with Study(study) as opened, output.live():
        found = integrity.check(opened, output.report)
    rows = [(finding.kind, finding.text) for finding in found.findings]
    shown = [table("", ("finding", "what"), rows)] if rows else ["Everything is sound."]
    output.answer(integrity.document(found), *shown, *found.notes)


def _columns(pairs: list[str]) -> dict[str, str]:
    chosen = dict(pair.partition("=")[::2] for pair in pairs)
    for name, header in chosen.items():
        if name not in COLUMNS or not header:
            raise typer.BadParameter(
                f"“{name}={header}” is not one of {', '.join(COLUMNS)} with a column's header.",
                param_hint="--column",
            )
    return chosen


def _condition(text: str) -> Condition:
    for condition in Condition:
        if text.lower() in (condition.short, condition.title):
            return condition
    raise typer.BadParameter(f"“{text}” is neither nm nor m.", param_hint="--condition")


def _sentence(said: dict[str, Any], dry_run: bool) -> str:
    verb = "would be imported" if dry_run else "imported"
    return (
        f"{plural(said['imported'], 'sample')} of {plural(said['subjects'], 'subject')} {verb} as "
        f"“{said['dataset']}” ({said['format']}), {plural(said['pairs'], 'pair')}, "
        f"{len(said['skipped']):,} left out."
    )


def counts_table(said: dict[str, Any]) -> Table:
    """The counts of an import's document: expressions down, conditions across."""
    rows = [(name, *counts.values()) for name, counts in said["counts"].items()]
    return table("", ("expression", "non-masked", "masked"), rows)


def _list_skipped(said: dict[str, Any]) -> list[Table]:
    rows = [(one["file"], one["reason"]) for one in said["skipped"]]
    return [table("Left out", ("file", "reason"), rows)] if rows else []
