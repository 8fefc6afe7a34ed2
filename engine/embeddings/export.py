"""Pictures as a table (CSV) or as a figure (PNG, SVG), side by side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from engine.domain import Dataset, Expression, Failure
from engine.embeddings.embedding import Embedding
from engine.embeddings.figure import figure
from engine.store.exports import check_file, exporting
from engine.store.run_images import find_judged
from engine.store.runs import Run
from engine.store.tables import table_bytes

COLUMNS = (
    "run", "fold", "sample", "file", "subject", "condition", "expression", "predicted",
    "held_out", "x", "y",
)  # fmt: skip
Shown = Sequence[tuple[Run, Embedding]]


def export(shown: Shown, dataset: Dataset, file: Path) -> None:
    """As the file's ending says. Raises ``Failure`` if it is unknown or cannot be written."""
    check(file)
    with exporting(file) as draft:
        _WRITERS[file.suffix.lower()](shown, dataset, draft)


def check(file: Path) -> None:
    """Raise ``Failure`` unless the file's ending says what to write, and it can be written."""
    if file.suffix.lower() not in _WRITERS:
        raise Failure(f"{file.name} must end with {', '.join(_WRITERS)}: name the file anew.")
    check_file(file)


def _table(shown: Shown, dataset: Dataset, file: Path) -> None:
    rows = (row for run, picture in shown for row in _rows(run, picture, dataset))
    file.write_bytes(table_bytes([COLUMNS, *rows]))


def _rows(run: Run, picture: Embedding, dataset: Dataset) -> Iterator[tuple[object, ...]]:
    predicted = _find_predicted(run, picture.fold, dataset)
    for row, number in enumerate(picture.samples.tolist()):
        sample = dataset.samples[dataset.row_of[number]]
        held_out = bool(picture.held_out[row])
        x, y = picture.points[row].tolist()
        yield (
            run.id, picture.fold + 1, number, sample.file, sample.subject, sample.condition.short,
            sample.expression.title, predicted.get(number, "") if held_out else "",
            int(held_out), f"{x:.6g}", f"{y:.6g}",
        )  # fmt: skip


def _find_predicted(run: Run, fold: int, dataset: Dataset) -> Mapping[int, str]:
    """What the fold's network said of each sample that it did not train on."""
    found = find_judged(run, dataset)
    if found is None:
        return {}
    said = found.predictions.where(found.predictions.folds == fold)
    pairs = zip(said.samples.tolist(), said.predicted.tolist(), strict=True)
    return {number: Expression(guess).title for number, guess in pairs}


def _drawing(shown: Shown, dataset: Dataset, file: Path, kind: str) -> None:
    figure([picture for _, picture in shown], dataset).savefig(file, format=kind, dpi=200)


_WRITERS: Mapping[str, Callable[[Shown, Dataset, Path], None]] = {
    ".csv": _table,
    ".png": partial(_drawing, kind="png"),
    ".svg": partial(_drawing, kind="svg"),
}
