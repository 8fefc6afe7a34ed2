"""What is to be measured, and the command that does it."""

from dataclasses import dataclass

from engine.attention.answer import AttentionRequest
from engine.domain import Condition, Expression, Region
from engine.explanation.heatmap import TITLES
from msde_gui.session.jobs import command_line

COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#0072B2", "#D55E00")  # of runs
CONDITIONS = {"": "Both conditions"} | {c.short: c.title.capitalize() for c in Condition}
EXPRESSIONS = {"": "All expressions"} | {e.title: e.title for e in Expression}
TARGETS = {"predicted": "What each run says", "true": "The truth"} | {
    e.title: f"“{e.title}”" for e in Expression
}
REGIONS = tuple(region.title for region in Region)
VARIANTS = dict(TITLES)
OWN = "Networks' own"


@dataclass(frozen=True)
class AttentionChoice:
    """Runs in the order they are shown. Empty texts do not narrow."""

    runs: tuple[str, ...] = ()
    condition: str = ""
    expression: str = ""
    target: str = "predicted"
    variant: str = "gradcam"
    layer: str = ""
    sanity: bool = True

    def request(self, *, kept: bool) -> AttentionRequest:
        """What ``engine.analysis.attention`` is asked."""
        return AttentionRequest(**vars(self), kept=kept)

    def command(self, study: str) -> str:
        """For a terminal."""
        words = ["attention", *self.runs, "--study", study]
        for name in ("condition", "expression", "layer"):
            words += [f"--{name}", getattr(self, name)] if getattr(self, name) else []
        words += ["--target", self.target, "--variant", self.variant]
        words += ["--sanity"] if self.sanity else []
        return command_line([*words, "--out", "shares.csv"])
