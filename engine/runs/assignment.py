"""What a fold's process is told."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Assignment:
    """One fold of a run, where its pixels lie and what it computes on."""

    run: Path
    fold: int
    pixels: Path
    device: str
    precision: str
    batch: int
