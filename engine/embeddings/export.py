"""Pictures as a table (CSV) or as a figure (PNG, SVG, PDF), side by side."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.domain import Dataset, Expression, Failure
from engine.embeddings.colouring import facts
from engine.embeddings.embedding import Embedding
from engine.embeddings.figure import EmbeddingStyle, KnownEmbedding, figure
from engine.store.exports import check_file
from engine.store.figure_files import KINDS, save_figure
from engine.store.run_images import find_judged
from engine.store.runs import Run
from engine.store.tables import write_table

COLUMNS = (
    "run", "fold", "sample", "file", "subject", "condition", "expression", "predicted",
    "held_out", "x", "y",
)  # fmt: skip
TABLE = ".csv"
Shown = Sequence[tuple[Run, Embedding]]


def export(shown: Shown, dataset: Dataset, file: Path, style: EmbeddingStyle) -> None:
    """As the file's ending says. Raises ``Failure`` if it is unknown or cannot be written."""
    check(file)
    if file.suffix.lower() == TABLE:
        rows = (row for run, picture in shown for row in _rows(run, picture, dataset))
        write_table(file, [COLUMNS, *rows])
    else:
        save_figure(lambda: figure([_know(*one, dataset) for one in shown], style), file)


def check(file: Path) -> None:
    """Raise ``Failure`` unless the file's ending says what to write, and it can be written."""
    if file.suffix.lower() not in (TABLE, *KINDS):
        raise Failure(
            f"{file.name} must end with {', '.join((TABLE, *KINDS))}: name the file anew."
        )
    check_file(file)


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


def _know(run: Run, picture: Embedding, dataset: Dataset) -> KnownEmbedding:
    judged, protocol = find_judged(run, dataset), run.protocol
    said = judged.predictions if judged else None
    known = facts(dataset, picture.samples, said, protocol.fold_of())
    return KnownEmbedding(picture, known, len(protocol.folds), _pairs(picture, dataset))


def _pairs(picture: Embedding, dataset: Dataset) -> NDArray[np.int64]:
    """Rows of the picture, (m, 2)."""
    place = np.full(len(dataset), -1, dtype=np.int64)
    place[np.searchsorted(dataset.ids, picture.samples)] = np.arange(len(picture))
    rows = place[dataset.pairs()]
    return np.asarray(rows[(rows >= 0).all(axis=1)], dtype=np.int64)
