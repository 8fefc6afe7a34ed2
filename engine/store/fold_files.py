"""Folds as JSON: what a run was split by, to be exported, edited and imported."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, StrictInt
from pydantic_core import from_json

from engine.domain import MOST_FOLDS, Failure
from engine.experiment.folds import Protocol, protocol
from engine.store.files import Newer, check_format, read_whole, write_document
from engine.system.faults import cause
from engine.system.validation import adapter

MOST_NAMES = 10_000_000  # of all folds, on either side
_Subject = Annotated[str, Field(max_length=10_000)] | StrictInt


@dataclass(frozen=True)
class _FoldFile:
    """As ``write_folds`` writes it; numbers are names, too."""

    folds: Annotated[list[list[_Subject]], Field(max_length=MOST_FOLDS)]
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0


def write_folds(chosen: Protocol, file: Path) -> None:
    """Export as JSON: the seed and the held-out subjects of each fold. Raises ``Failure``."""
    document = {"seed": chosen.seed, "folds": [list(fold.test) for fold in chosen.folds]}
    try:
        write_document(file, document)
    except OSError as error:
        raise Failure(f"The folds cannot be written to {file}: {cause(error)}.") from error


def read_folds(file: Path) -> Protocol:
    """Import what ``write_folds`` exported. Raises ``Failure`` for anything else."""
    try:
        document = from_json(read_whole(file).decode("utf-8-sig"))
        check_format(file, document)
        content = adapter(_FoldFile).validate_python(document)
    except Newer:
        raise
    except Failure as error:
        raise Failure(f"The fold file {file} cannot be used: {error}") from error
    except ValueError as error:
        raise Failure(f"{file} is not a fold file: export one and edit that.") from error
    tests = [[str(name) for name in test] for test in content.folds]
    if len(tests) < 2:
        raise Failure(f"{file} has {len(tests)} fold(s): list two or more, each of other people.")
    if len(tests) * sum(map(len, tests)) > MOST_NAMES:
        raise Failure(f"{file} has too many subjects for so many folds: make fewer.")
    return protocol(tests, content.seed)
