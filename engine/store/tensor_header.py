"""What the header of a safetensors file says, read without torch."""

from pathlib import Path

from safetensors import SafetensorError, safe_open

from engine.domain import Failure
from engine.store.files import reading


def header(file: Path) -> dict[str, str]:
    """Its plain texts. Raises ``Failure`` for a file that is missing, cut short or damaged."""
    try:
        with reading(file), safe_open(file, framework="numpy") as stored:
            return dict(stored.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise Failure(f"The weights in {file} are missing or damaged.") from error
