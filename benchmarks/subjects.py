"""A study of some subjects of the sample study, for measurements that take minutes."""

import csv
import shutil
from pathlib import Path

from engine.data.importing import inspect, save
from engine.data.sample_study import LABELS, find_shipped
from engine.domain import Failure
from engine.store.study import Study


def study(folder: Path, subjects: int) -> Path:
    """A new study of the first ``subjects``, its images within. Raises ``Failure``."""
    source = find_shipped()
    if source is None:
        raise Failure("The sample study is not part of this installation: install it again.")
    with (source / LABELS).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    chosen = sorted({row["subject"] for row in rows})[:subjects]
    _copy(source, folder, [row for row in rows if row["subject"] in chosen])
    with Study(folder, create=True) as made:
        save(inspect(folder, made, "table"), made)
    return folder


def _copy(source: Path, folder: Path, rows: list[dict[str, str]]) -> None:
    for row in rows:
        place = folder / row["file"]
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / row["file"], place)
    with (folder / LABELS).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
