"""Options that several commands take, with the range of each."""

from typing import Annotated, Any

import typer

from engine.domain import MOST_FOLDS, MOST_SEED

MOST_WORKERS = 1024


def bound(least: float, most: float, *names: str, help: str = "") -> Any:
    """An option of a number, or of several; one out of the range is refused with it."""

    def check(chosen: float | list[int] | None) -> float | list[int] | None:
        for number in chosen if isinstance(chosen, list) else [chosen]:
            if number is not None and not least <= number <= most:
                raise typer.BadParameter(f"{number} is not in the range {least} to {most}.")
        return chosen

    return typer.Option(*names, help=help, callback=check)


def _folds(chosen: int) -> int:
    if chosen != 0 and not 2 <= chosen <= MOST_FOLDS:
        raise typer.BadParameter(f"{chosen} is neither 0 nor in the range 2 to {MOST_FOLDS}.")
    return chosen


Seed = Annotated[int, bound(0, MOST_SEED)]
Folds = Annotated[int, typer.Option(help="0: as the preset has it.", callback=_folds)]
Processes = Annotated[int, bound(0, MOST_WORKERS, help="Processes; 0: one a core.")]
Workers = Annotated[
    str, typer.Option(help="Folds side by side: a number, or auto for one a core or GPU.")
]


def pairs(changes: list[str]) -> dict[str, str]:
    """Settings by name, of ``key=value`` texts."""
    for change in changes:
        if "=" not in change:
            raise typer.BadParameter(f"“{change}” is not key=value.", param_hint="--set")
    return {key.strip(): value.strip() for key, value in (c.split("=", 1) for c in changes)}


def number(workers: str) -> int:
    """Folds side by side; 0 for as many as the machine has."""
    if workers == "auto":
        return 0
    if not (workers.isdecimal() and len(workers) < 9 and int(workers) <= MOST_WORKERS):
        raise typer.BadParameter(
            f"“{workers}” is neither auto nor in the range 0 to {MOST_WORKERS}.",
            param_hint="--workers",
        )
    return int(workers)
