"""Heatmaps as files: the raw maps, a picture of each over its face, and a table."""

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from engine.data.images import decode_sample
from engine.data.unreadable import find_unreadable
from engine.domain import Expression, Failure, Sample
from engine.events import Progressed, Report
from engine.explanation.compute import heatmaps
from engine.explanation.heatmap import HeatmapRequest, Heatmaps, write
from engine.explanation.overlay import SIDE, overlaid
from engine.store.exports import file_name, saying
from engine.store.files import make_folder, write_bytes
from engine.store.run_images import Matched, match_images
from engine.store.runs import Run
from engine.store.study import Study
from engine.store.tables import table_bytes, with_head

Facts = dict[str, Any]


def export(
    run: Run, chosen: Sequence[int], asked: HeatmapRequest, folder: Path, report: Report
) -> Facts:
    """Write ``heatmaps.npz``, ``heatmaps.csv`` and one PNG a sample; say what they hold.

    Images that cannot be read are listed as ``skipped``. Raises ``Failure`` where ``heatmaps``
    does, if every image is skipped, or if the folder cannot be written.
    """
    fit = _match(run)
    samples = {sample.id: sample for sample in fit.images.samples}
    known = [samples[number] for number in chosen if number in samples]
    skipped = find_unreadable(known, report)
    kept = [number for number in chosen if number not in skipped]
    if skipped and not kept:
        raise Failure(f"None of the chosen images can be read: {next(iter(skipped.values()))}")
    made = heatmaps(run, kept, asked, report)
    rows = [_facts(run, made, row, samples[number]) for row, number in enumerate(kept)]
    _write_all(_write_files(made, rows, [samples[n] for n in kept], folder, report), folder)
    left_out = [
        {"sample": number, "file": str(samples[number].file), "reason": reason}
        for number, reason in skipped.items()
    ]
    place = str(folder.absolute())
    said = {"run": run.id, **_describe(made, asked), "out": place}
    return {**said, "images": rows, "skipped": left_out, "note": fit.note}


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


def _describe(made: Heatmaps, asked: HeatmapRequest) -> Facts:
    return {
        "variant": asked.variant,
        "layer": made.layer,
        "randomised": asked.randomised,
        "scale": [0.0, float(made.values.max())],  # of the colours in every picture
    }


def _match(run: Run) -> Matched:
    with Study(run.study_folder) as study:
        return match_images(run, study.dataset())


def _facts(run: Run, made: Heatmaps, row: int, sample: Sample) -> Facts:
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
    words = (sample.subject, *(facts[key] for key in ("expression", "condition")), run.id)
    name = "_".join((f"{sample.id:05}", *words, target.title))
    return {**facts, "picture": file_name(name, ".png")}


def _write_files(
    made: Heatmaps,
    rows: Sequence[Mapping[str, Any]],
    samples: Sequence[Sample],
    folder: Path,
    report: Report,
) -> Iterator[Path]:
    """Each file as soon as it is whole."""
    make_folder(folder, parents=True)
    write(made, folder / "heatmaps.npz")
    yield folder / "heatmaps.npz"
    highest = float(made.values.max())
    for row, facts in enumerate(rows):
        report(Progressed("Drawing", row, len(rows)))
        picture = overlaid(decode_sample(samples[row], SIDE), made.values[row], highest)
        write_bytes(folder / facts["picture"], _png(picture))
        yield folder / facts["picture"]
    write_bytes(folder / "heatmaps.csv", table_bytes(with_head(rows)))
    yield folder / "heatmaps.csv"


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
