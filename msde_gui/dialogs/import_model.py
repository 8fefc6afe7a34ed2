"""What the import assistant works on: the choices, the preview, the import itself."""

import csv
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.events import Event, Progressed
from engine.store.files import reading
from msde_gui.session.jobs import Job, command_line
from msde_gui.session.session import Session

COLUMNS = ("path", "expression", "subject", "condition", "pair")  # what a table may say of an image
TABLES = ("*.csv", "*.tsv", "*/*.csv", "*/*.tsv")
LINE = 1 << 16  # bytes of a table's head


@dataclass(frozen=True)
class ImportChoice:
    """What the user chose. Empty means: let the engine find out."""

    folder: str = ""
    study: str = ""
    layout: str = ""
    name: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    pattern: str = ""
    condition: str = ""  # nm or m, for images whose path does not say it
    copy: bool = False

    def arguments(self, *, dry_run: bool) -> list[str]:
        """The arguments of the ``msde`` command that does it."""
        columns = [(key, name) for key, name in self.columns.items() if name]
        options = [
            ("--format", self.layout),
            ("--name", self.name),
            *(("--column", f"{key}={name}") for key, name in columns),
            ("--subject-pattern", self.pattern),
            ("--condition", self.condition),
        ]
        given = [text for option, value in options if value for text in (option, value)]
        switches = ["--copy"] * self.copy + ["--dry-run"] * dry_run
        return ["import", self.folder, "--study", self.study, *given, *switches]

    def absolute(self) -> "ImportChoice":
        """The same for a process that starts in another folder."""
        folder, study = (path and str(Path(path).absolute()) for path in (self.folder, self.study))
        return replace(self, folder=folder, study=study)


class ImportModel(QObject):
    """Runs one job at a time; any new choice makes the preview out of date."""

    changed = Signal()
    imported = Signal(int)  # how many images
    failed = Signal(str, str)  # one sentence, details

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.choice = ImportChoice(study=str(session.study.folder) if session.study else "")
        self.headers: list[str] = []  # of the table found in the folder
        self.preview: dict[str, Any] | None = None
        self.progress: Progressed | None = None
        self.error = ""
        self.details = ""  # behind *Copy details*
        self.job: Job | None = None

    @property
    def command(self) -> str:
        return command_line(self.choice.arguments(dry_run=False))

    @property
    def ready(self) -> bool:
        return bool(self.choice.folder and self.choice.study) and not self.job

    @property
    def tabular(self) -> bool:
        """Whether columns can be chosen."""
        return self.choice.layout == "table" or (not self.choice.layout and bool(self.headers))

    def choose(self, **changes: Any) -> None:
        """Take the user's choices over; a folder brings its headers and a place for the study."""
        chosen = replace(self.choice, **changes)
        if chosen == self.choice:
            return
        if chosen.folder != self.choice.folder:
            self.headers = headers(Path(chosen.folder))
            if chosen.study in ("", suggest_study(self.choice.folder)):
                chosen = replace(chosen, study=suggest_study(chosen.folder))
        self.choice, self.preview, self.error = chosen, None, ""
        self.changed.emit()

    def look(self) -> None:
        """Count what would be imported; nothing is written."""
        self._start("Preview", dry_run=True)

    def bring_in(self) -> None:
        """Import, then show the study."""
        self._start("Import", dry_run=False)

    def cancel(self) -> None:
        if self.job:
            self.job.cancel()

    def _start(self, title: str, *, dry_run: bool) -> None:
        self.error, self.progress = "", None
        words = self.choice.absolute().arguments(dry_run=dry_run)
        job = self._session.start(title, words)
        self.job = job
        job.reported.connect(self._note)
        job.succeeded.connect(self._previewed if dry_run else self._imported)
        job.failed.connect(self._fail)
        job.ended.connect(self._end)
        self.changed.emit()

    def _note(self, event: Event) -> None:
        if isinstance(event, Progressed):
            self.progress = event
            self.changed.emit()

    def _previewed(self, answer: dict[str, Any]) -> None:
        self.preview = answer
        self.changed.emit()

    def _imported(self, answer: dict[str, Any]) -> None:
        study = Path(self.choice.study).expanduser().absolute()
        if self._session.study and self._session.study.folder == study:
            self._session.reload()
        else:
            self._session.open(study)
        self._session.said.emit(f"{answer['imported']:,} images imported")
        self.imported.emit(answer["imported"])

    def _fail(self, sentence: str, details: str) -> None:
        self.error, self.details = sentence, details
        self.changed.emit()
        self.failed.emit(sentence, details)

    def _end(self) -> None:
        self.job = self.progress = None
        self.changed.emit()


def suggest_study(folder: str) -> str:
    """Where a study of this folder's images could lie."""
    path = Path(folder).expanduser()
    return str(path.parent / f"{path.name}-study") if folder else ""


def headers(folder: Path) -> list[str]:
    """The column names of the first table in a folder; none if there is no readable one."""
    if not folder.is_dir():
        return []
    tables = (table for pattern in TABLES for table in sorted(folder.glob(pattern)))
    try:
        table = next(tables, None)
        if table is None:
            return []
        with reading(table) as stream:
            line = stream.readline(LINE).decode("utf-8-sig", "replace")
    except OSError:
        return []
    separator = "\t" if line.count("\t") > line.count(",") else ";" if ";" in line else ","
    return [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]


def group_by_reason(skipped: list[dict[str, str]]) -> dict[str, list[str]]:
    """Files by the reason they are left out, the most frequent reason first."""
    reasons: dict[str, list[str]] = {}
    for one in skipped:
        reasons.setdefault(one["reason"], []).append(one["file"])
    return dict(sorted(reasons.items(), key=lambda item: -len(item[1])))


def count_rows(counts: dict[str, dict[str, int]], names: list[str]) -> list[list[int]]:
    """The preview's counts as rows (non-masked, masked) in the order of ``names``."""
    return [[counts.get(name, {}).get(short, 0) for short in ("nm", "m")] for name in names]
