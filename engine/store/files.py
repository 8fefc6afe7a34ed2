"""Write files so that a crash leaves the old one or the new one, never half of one."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.domain import Failure


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """Yield a path beside ``file``; what is written there takes its place at the end."""
    draft = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        yield draft
        with draft.open("r+b") as written:
            os.fsync(written.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def write_bytes(file: Path, content: bytes) -> None:
    with replacing(file) as draft:
        draft.write_bytes(content)


def write_json(file: Path, document: Any) -> None:
    write_bytes(file, json.dumps(document, indent=1, ensure_ascii=False).encode())


def read_json(file: Path) -> Any:
    """Raises ``Failure`` for a file that is missing or damaged."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Failure(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise Failure(f"{file} is damaged: restore it from a copy.") from error
