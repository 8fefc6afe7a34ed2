"""Heatmaps as files: the raw maps, a picture of each over its face, a table, and one sheet."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from engine.data.images import decode_sample
from engine.domain import Expression, Failure
from engine.events import Progressed, Report
from engine.explanation.explained import RunHeatmaps, explain_each
from engine.explanation.figure import MOST, ExplainedRun, ShownFace, figure
from engine.explanation.heatmap import HeatmapRequest, write
from engine.explanation.overlay import SIDE, OverlayStyle, enlarge_image, overlaid
from engine.store.exports import file_name, saying
from engine.store.figure_files import save_figure
from engine.store.files import make_folder, write_bytes
from engine.store.runs import Run
from engine.store.tables import table_bytes, with_head

Facts = dict[str, Any]
UNTESTED = "This run has not tested the face in a finished fold."


@dataclass(frozen=True)
class HeatmapFiles:
    """Where the files go, and how what is drawn in them looks."""

    folder: Path
    style: OverlayStyle
    figures: tuple[Path, ...] = ()  # of the sheet


def export(
    runs: Sequence[Run],
    chosen: Sequence[int],
    asked: HeatmapRequest,
    to: HeatmapFiles,
    report: Report,
) -> Facts:
    """Write the maps of each run, ``heatmaps.csv`` and one PNG a map; say what they hold.

    Images that cannot be read are listed as ``skipped``. Raises ``Failure`` where ``heatmaps``
    does, if every image is skipped, or if the folder cannot be written; of several runs, one that
    cannot explain is told of, unless none can.
    """
    explained = explain_each(runs, chosen, asked, report)
    rows = [_list_facts(one) for one in explained]
    _write_all(_write_files(explained, rows, to, report), to.folder)
    place = str(to.folder.absolute())
    told = [_describe(one, asked, listed) for one, listed in zip(explained, rows, strict=True)]
    return {**told[0], "out": place} if len(runs) == 1 else {"runs": told, "out": place}


def _write_all(files: Iterator[Path], folder: Path) -> None:
    """Let every file be written, or leave none: a part of an export looks like all of one."""
    whole: list[Path] = []
    try:
        with saying(folder):
            whole.extend(files)
    except Failure:
        for file in whole:
            file.unlink(missing_ok=True)
        raise


def _describe(one: RunHeatmaps, asked: HeatmapRequest, rows: list[Facts]) -> Facts:
    skipped = [
        {"sample": sample.id, "file": str(sample.file), "reason": reason}
        for sample, reason in one.skipped
    ]
    return {
        "run": one.run.id,
        "variant": asked.variant,
        "layer": one.made.layer if one.made else "",
        "randomised": asked.randomised,
        "scale": [0.0, one.highest],  # of the run's maps
        "images": rows,
        "skipped": skipped,
        "note": one.note or one.why,
    }


def _list_facts(one: RunHeatmaps) -> list[Facts]:
    return [_facts(one, row) for row in range(len(one.samples))]


def _facts(one: RunHeatmaps, row: int) -> Facts:
    made, sample = one.made, one.samples[row]
    assert made
    target = Expression(made.targets[row])
    facts: Facts = {
        "sample": sample.id,
        "file": str(sample.file),
        "subject": sample.subject,
        "condition": sample.condition.short,
        "expression": sample.expression.title,
        "fold": int(made.folds[row]) + 1,
        "target": target.title,
        "predicted": Expression(made.predicted[row]).title,
        "probability": round(float(made.probabilities[row, target]), 6),  # of the target
        "maximum": float(made.values[row].max()),
        "energy": float(made.values[row].mean()),  # over the face
    }
    words = (sample.subject, *(facts[key] for key in ("expression", "condition")), one.run.id)
    name = "_".join((f"{sample.id:05}", *words, target.title))
    return {**facts, "picture": file_name(name, ".png")}


def _write_files(
    explained: Sequence[RunHeatmaps], rows: list[list[Facts]], to: HeatmapFiles, report: Report
) -> Iterator[Path]:
    """Each file as soon as it is whole."""
    make_folder(to.folder, parents=True)
    alone, highest = len(explained) == 1, max(one.highest for one in explained)
    for one in explained:
        if one.made:
            file = to.folder / ("heatmaps.npz" if alone else f"{one.run.id}.npz")
            write(one.made, file)
            yield file
    for one, listed in zip(explained, rows, strict=True):
        yield from _write_pictures(one, listed, (to, highest), report)
    runs = [one.run.id for one in explained]
    named = [{"run": run} | facts for run, each in zip(runs, rows, strict=True) for facts in each]
    write_bytes(to.folder / "heatmaps.csv", table_bytes(with_head(rows[0] if alone else named)))
    yield to.folder / "heatmaps.csv"
    images = dict.fromkeys(str(sample.file) for one in explained for sample in one.samples)
    listed_files = "".join(f"{file}\n" for file in images)
    write_bytes(to.folder / "faces.txt", listed_files.encode(errors="backslashreplace"))
    yield to.folder / "faces.txt"
    for file in to.figures:
        report(Progressed("Drawing the sheet", 0, 1))
        save_figure(lambda: _draw_sheet(explained, highest, to.style), file)
        yield file


def _write_pictures(
    one: RunHeatmaps, listed: list[Facts], to: tuple[HeatmapFiles, float], report: Report
) -> Iterator[Path]:
    files, highest = to
    peaks = one.peaks(files.style, highest)
    for row, facts in enumerate(listed):
        report(Progressed("Drawing", row, len(listed)))
        assert one.made
        face = decode_sample(one.samples[row], SIDE)
        picture = overlaid(face, one.made.values[row], peaks[row], files.style)
        write_bytes(files.folder / facts["picture"], _png(picture))
        yield files.folder / facts["picture"]


def _draw_sheet(explained: Sequence[RunHeatmaps], highest: float, style: OverlayStyle) -> Any:
    """Of the first faces that any run has explained."""
    samples = {sample.id: sample for one in explained for sample in one.samples}
    shown = list(samples.values())[:MOST]
    faces = [ShownFace(sample, enlarge_image(decode_sample(sample, SIDE))) for sample in shown]
    columns = [
        ExplainedRun(one.run.id, one.made, one.peaks(style, highest), one.why or UNTESTED)
        for one in explained
    ]
    return figure(faces, columns, style)


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
