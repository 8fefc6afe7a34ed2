"""What is to be measured, and the words of the command that does it."""

from dataclasses import dataclass

from engine.attention.answer import AttentionRequest
from engine.domain import Condition, Expression, Region
from engine.explanation.heatmap import TITLES

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

    def words(self, study: str) -> list[str]:
        """Of the command, without what to write."""
        words = ["attention", *self.runs, "--study", study]
        for name in ("condition", "expression", "layer"):
            words += [f"--{name}", getattr(self, name)] if getattr(self, name) else []
        words += ["--target", self.target, "--variant", self.variant]
        return words + (["--sanity"] if self.sanity else [])
