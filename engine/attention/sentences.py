"""What ``telling.document`` says, in sentences: the claim with its maps, what to beware of."""

from collections.abc import Mapping
from typing import Any

from engine.explanation.heatmap import TITLES

COARSE = 7  # cells of a side: the paper's maps; with fewer, parts of a face are hardly told apart
ALIKE = 0.5  # maps that correlate more with those of random weights hardly depend on weights
Said = Mapping[str, Any]


def describe(said: Said) -> str:
    """What was measured, in one line."""
    exact, n = said["exact"], said["images"]
    by = "exact regions" if exact == n else f"{exact:,} of them with exact regions"
    known = {"predicted": "what each run says", "true": "the truth"}
    target = known.get(said["target"], f"“{said['target']}”")
    return f"{n:,} faces, {by} · {TITLES[said['variant']]} for {target}"


def claims(said: Said) -> list[str]:
    """Each claim with the layer and the size of the maps that it rests on."""
    return [f"{one['sentence']} {_basis(said, one)}" for one in said["claims"]]


def coarse(said: Said) -> str:
    """A warning if a cell of some run's maps covers several parts of a face, else nothing."""
    sizes = {run: one["grid"] for run, one in said["runs"].items() if min(one["grid"]) < COARSE}
    if not sizes:
        return ""
    cells = ", ".join(dict.fromkeys(f"{high} × {wide}" for high, wide in sizes.values()))
    whose = "" if len(sizes) == len(said["runs"]) else f" of {', '.join(map(short, sizes))}"
    return (
        f"Maps of {cells} cells{whose} mostly give back the regions' areas: "
        "train at 224 px or choose an earlier layer."
    )


def sanity(run: str, check: Said | None) -> str:
    """How much a run's maps depend on its weights, or nothing."""
    if not check:
        return ""
    means = "depend on" if check["correlation"] < ALIKE else "hardly depend on"
    return (
        f"{run}: its maps {means} the weights: Spearman {check['correlation']:+.2f} with those "
        f"of random weights, mean over {check['images']} images."
    )


def maps(one: Said) -> str:
    """The size of one run's maps, and the layer."""
    high, wide = one["grid"]
    return f"{high}×{wide} cells ({one['layer']})"


def short(run: str) -> str:
    """The number that stands for the run in all commands."""
    return run.partition("-")[0]


def _basis(said: Said, claim: Said) -> str:
    shown = {short(claim[k]): maps(said["runs"][claim[k]]) for k in ("first", "second")}
    if len(set(shown.values())) == 1:
        return f"Both by maps of {next(iter(shown.values()))}."
    return f"By maps of {', '.join(f'{one} in {run}' for run, one in shown.items())}."
