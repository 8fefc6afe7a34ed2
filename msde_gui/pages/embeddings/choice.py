"""What is to be embedded, and the words of the command that does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.embeddings.embedding import EmbeddingRequest
from msde_gui.session.run_list import RunView


@dataclass(frozen=True)
class EmbeddingChoice:
    """Runs in the order they are shown; all are laid onto the first."""

    runs: tuple[str, ...] = ()
    fold: int = 0
    embedding: str = "tsne"
    seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)  # those unlike the defaults

    def request(self, *, kept: bool) -> EmbeddingRequest:
        """What ``engine.analysis.embed`` is asked."""
        return EmbeddingRequest(**vars(self), kept=kept)


def folds(views: Sequence[RunView], runs: Sequence[str]) -> int:
    """How many folds all of the runs have."""
    counts = [len(view.run.protocol.folds) for view in views if view.id in runs]
    return min(counts, default=0)


def words(choice: EmbeddingChoice, study: str) -> list[str]:
    """Of the command that makes the pictures, without what to do with them."""
    said = ["embed", *choice.runs, "--study", study, "--fold", str(choice.fold + 1)]
    said += ["--embedding", choice.embedding, "--seed", str(choice.seed)]
    for key, value in choice.settings.items():
        said += ["--set", f"{key}={value}"]
    return said
