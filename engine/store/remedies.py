"""The command that makes again what a fold has lost."""

import shlex
from pathlib import Path


def remedy(fold: Path) -> str:
    """For the folder ``STUDY/runs/RUN/fold-NN``."""
    run = fold.absolute().parent
    study = run.parent.parent
    return f"`msde resume {shlex.quote(run.name)} --study {shlex.quote(str(study))} --repair`"
