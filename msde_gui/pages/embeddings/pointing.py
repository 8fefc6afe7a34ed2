"""From points of a map to samples: selected, focused, and told on the card beside the pointer."""

import numpy as np
from numpy.typing import NDArray

from engine.domain import Expression
from msde_gui.pages.embeddings.appearance import EmbeddingAppearance
from msde_gui.pages.embeddings.model import EmbeddingsModel
from msde_gui.session.selection import Selection
from msde_gui.session.session import Session


class Pointing:
    """What a lasso, a click and the pointer mean in the session."""

    def __init__(self, session: Session, maps: EmbeddingsModel, drawn: EmbeddingAppearance) -> None:
        self._session, self._maps, self._drawn = session, maps, drawn

    def select(self, run: str, ids: NDArray[np.int64], *, how: str, add: bool) -> None:
        """Select samples of a map; the breadcrumb says how and where."""
        before = self._session.selection.ids if add else ()
        together = tuple(dict.fromkeys((*before, *ids.tolist())))
        chips = (how, run, f"fold {self._maps.choice.fold + 1}")
        self._session.select(Selection(together, chips, run))

    def pick(self, run: str, number: int, *, add: bool) -> None:
        """Select one sample and focus it."""
        self.select(run, np.array([number]), how="picked", add=add)
        self._session.focus(number)

    def said(self, run: str, number: int) -> tuple[str, str]:
        """What the hover card says of a sample: what it is, and what the run made of it."""
        sample, made = self._session.sample(number), self._maps.maps.get(run)
        if sample is None or made is None:
            return "", ""
        row = int(np.flatnonzero(made.samples == number)[0])
        answer = int(self._drawn.facts(made).predicted[row])
        side = "held out" if made.held_out[row] else "trained on"
        truth = f"{sample.expression.title}, {sample.condition.title}, {side}"
        if answer < 0:
            return truth, "no prediction"
        right = answer == sample.expression
        return truth, f"taken for {Expression(answer).title} {'✓' if right else '✗'}"
