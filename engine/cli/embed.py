"""``msde embed``: pictures of what networks make of the images, side by side."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from engine.cli._options import Seed, bound, pairs
from engine.cli._output import Json, Output, Shown, table
from engine.cli.runs import StudyFolder
from engine.domain import MOST_FOLDS
from engine.embeddings.choice import PointChoice, choose
from engine.embeddings.colouring import KEYS, check_key
from engine.embeddings.figure import EmbeddingStyle
from engine.events import Event, Report
from engine.store.run_images import notes
from engine.store.runs import Run, find_run
from engine.store.study import Study
from engine.system.number_ranges import read_ranges

PLACE = 90  # among the commands
if TYPE_CHECKING:
    from engine.embeddings.embedding import Embedding

LISTED = 5  # broken images that are named


def add_to(app: typer.Typer) -> None:
    app.command("embed")(embed)


def embed(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Names or numbers.")],
    study: StudyFolder,
    out: Annotated[Path, typer.Option(help="FILE.csv, FILE.png, FILE.svg or FILE.pdf.")],
    fold: Annotated[int, bound(1, MOST_FOLDS, help="Whose network, from 1.")] = 1,
    embedding: Annotated[str, typer.Option(help="tsne, umap or pca.")] = "tsne",
    seed: Seed = 0,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="key=value, such as perplexity=50.")
    ] = None,
    colour: Annotated[str, typer.Option(help=f"By {', '.join(KEYS)}.")] = "truth",
    highlight: Annotated[
        list[str] | None, typer.Option(help="Only this colour is strong, such as sad; repeatable.")
    ] = None,
    joined: Annotated[
        bool, typer.Option("--pairs", help="Join masked faces to the same ones without a mask.")
    ] = False,
    ring: Annotated[str, typer.Option(help="Samples to mark, by id, such as 3-7,12.")] = "",
    expression: Annotated[str, typer.Option(help="Only images that show it.")] = "",
    condition: Annotated[str, typer.Option(help="Only nm or m.")] = "",
    subject: Annotated[str, typer.Option(help="Only people with this in their name.")] = "",
    tested: Annotated[int, bound(0, MOST_FOLDS, help="Only whom this fold tests; 0: all.")] = 0,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Without what the network was trained on.")
    ] = False,
    as_json: Json = False,
    progress: Shown = "bar",
) -> None:
    """Draw the features of a fold's network; several runs start alike and lie on the first.

    Solid samples were held out; faint ones the network was trained on. The measures tell how far
    to trust the picture; they are of held-out samples alone.
    """
    from engine.embeddings.compute import list_left_out
    from engine.embeddings.export import check, export

    check(out)
    check_key(colour)
    settings = pairs(changes or [])
    style = EmbeddingStyle(colour, tuple(highlight or ()), joined, read_ranges(ring))
    choice = PointChoice(expression, condition, subject, tested, held_out)
    output, began = Output(as_json, progress), time.monotonic()
    with Study(study) as opened:
        runs, dataset = [find_run(opened.runs_folder, n) for n in names], opened.dataset()
    with output.live():
        made = _pictures(runs, (fold - 1, embedding, seed, settings), output.report)
        shown = list(zip(runs, made, strict=True))
        unread, noted = list_left_out(shown, output.report), notes(runs, dataset)
    chosen = [(run, choose(run, picture, dataset, choice)) for run, picture in shown]
    export(chosen, dataset, out, style)
    document = _tell(made) | {"unread": unread, "notes": noted, "file": str(out.absolute())}
    document["seconds"] = round(time.monotonic() - began, 3)
    output.answer(
        document, _measures(made), f"{out} is written.", *noted, *_explain_left_out(unread)
    )


def _tell(made: "list[Embedding]") -> dict[str, Any]:
    first = made[0]
    said = {name: getattr(first, name) for name in ("embedding", "seed", "settings", "version")}
    return {**said, "runs": [_describe(picture) for picture in made]}


def _pictures(
    runs: list[Run], wanted: tuple[int, str, int, dict[str, str]], report: Report
) -> "list[Embedding]":
    """One a run, each aligned to the first."""
    from engine.embeddings.compute import embed as draw
    from engine.embeddings.embedding import Embedded

    def hear(event: Event | Embedded) -> None:
        """Frames are for the eye."""
        if not isinstance(event, Embedded):
            report(event)

    made: list[Embedding] = []
    for run in runs:
        made.append(draw(run, *wanted, hear, like=made[0] if made else None))
    return made


def _explain_left_out(reasons: list[str]) -> list[str]:
    return [f"{len(reasons)} left out:", *reasons[:LISTED]] if reasons else []


def _describe(picture: "Embedding") -> dict[str, Any]:
    said = {"run": picture.run, "fold": picture.fold + 1, "samples": len(picture)}
    return {**said, "measures": asdict(picture.measures)}


def _measures(made: "list[Embedding]") -> Table:
    rows = []
    for picture in made:
        for name in ("features", "picture"):
            values = asdict(picture.measures)[name].values()
            cells = ("–" if value is None else f"{value:.3f}" for value in values)
            rows.append((picture.run, name, *cells))
    columns = ("run", "of", "silhouette", "purity", "pair distance")
    known = (one.measures.trustworthiness for one in made)
    trust = ", ".join("–" if value is None else f"{value:.3f}" for value in known)
    head = f"Of {made[0].measures.samples} held-out samples; trustworthiness {trust}"
    return table(head, columns, rows)
