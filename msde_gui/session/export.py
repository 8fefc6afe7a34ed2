"""Write into the study's folder of exports, whole or not at all, and say where, or why not."""

from collections.abc import Sequence
from datetime import datetime

from engine.domain import Failure
from engine.store.files import make_folder, write_bytes
from engine.system.faults import cause
from msde_gui.session.session import Session


def write(session: Session, name: str, content: str | bytes, done: str = "Written") -> None:
    """``name`` gets the time before its ending; says ``done`` and the file."""
    if not session.study:
        return
    stem, _, ending = name.rpartition(".")
    file = session.study.folder / "exports" / f"{stem}-{datetime.now():%Y%m%d-%H%M%S}.{ending}"
    if isinstance(content, str):
        content = content.encode(errors="backslashreplace")
    try:
        make_folder(file.parent)
        write_bytes(file, content)
    except (OSError, Failure) as error:
        session.failed.emit(f"{file} cannot be written: {cause(error)}.", "")
        return
    session.said.emit(f"{done}: {file}")


def write_list(session: Session, ids: Sequence[int]) -> None:
    """The files of these samples, one a line."""
    found = files(session, ids)
    write(session, "faces.txt", "\n".join(found) + "\n", f"{len(found):,} files listed")


def files(session: Session, ids: Sequence[int]) -> list[str]:
    """The paths of these samples, in their order."""
    samples = (session.sample(number) for number in ids)
    return [str(sample.file) for sample in samples if sample]
