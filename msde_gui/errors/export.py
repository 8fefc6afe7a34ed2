"""Write what a view shows into the study's exports."""

from collections.abc import Sequence
from datetime import datetime

from engine.store.files import write_bytes
from msde_gui.session import Session


def write_list(session: Session, ids: Sequence[int]) -> None:
    """The files of these samples, one a line."""
    samples = (session.sample(number) for number in ids)
    files = [str(sample.file) for sample in samples if sample]
    write(session, "faces.txt", "\n".join(files) + "\n", f"{len(files):,} files listed")


def write(session: Session, name: str, text: str, done: str) -> None:
    """``name`` gets the time before its ending; says ``done`` and the file."""
    if not session.study:
        return
    stem, _, ending = name.rpartition(".")
    file = session.study.folder / "exports" / f"{stem}-{datetime.now():%Y%m%d-%H%M%S}.{ending}"
    try:
        file.parent.mkdir(exist_ok=True)
        write_bytes(file, text.encode())
    except OSError as error:
        session.failed.emit(f"{file} cannot be written: {error.strerror}.", "")
        return
    session.said.emit(f"{done}: {file}")
