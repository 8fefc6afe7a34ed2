"""How the maps are drawn: colours, what is shown, what is joined."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from engine.domain import Condition, Expression
from engine.embeddings import colouring as printed
from engine.embeddings.colouring import Colouring, Facts, facts
from msde_gui.pages.embeddings.colouring import colouring
from msde_gui.pages.embeddings.embedding import RunEmbedding
from msde_gui.plots.marks import MarkStyles, Strength
from msde_gui.session.selection import Filter, matching
from msde_gui.session.session import Session

Ids = NDArray[np.int64]


class EmbeddingAppearance(QObject):
    """One way of drawing for all maps; it reads the session's filter."""

    changed = Signal()  # colours, highlight, filter, training samples

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._facts: dict[str, tuple[RunEmbedding, Facts]] = {}
        self.key = "truth"
        self.highlighted: frozenset[int] = frozenset()  # entries of the legend; empty: all
        self.training = True  # whether samples that the network trained on are shown
        self.joined = False  # whether the two of a pair are joined by a line
        session.filter_changed.connect(self.changed)

    def colour_by(self, key: str) -> None:
        if key != self.key:
            self.key, self.highlighted = key, frozenset()
            self.changed.emit()

    def highlight(self, entry: int) -> None:
        """Show an entry of the legend alone, or with others, or no longer."""
        self.highlighted = self.highlighted ^ {entry}
        self.changed.emit()

    def show_training(self, shown: bool) -> None:
        if shown != self.training:
            self.training = shown
            self.changed.emit()

    def join(self, joined: bool) -> None:
        if joined != self.joined:
            self.joined = joined
            self.changed.emit()

    def look(self, made: RunEmbedding) -> MarkStyles:
        """The style of every sample of an embedding, in the colours of the theme as it is now."""
        known = self.facts(made)
        coloured = self.colouring(made)
        strengths = np.where(made.held_out, Strength.SOLID, Strength.FAINT).astype(np.int8)
        if not self.training:
            strengths[~made.held_out] = Strength.HIDDEN
        strengths[~np.isin(made.samples, self._let_through(made))] = Strength.HIDDEN
        if self.highlighted:
            others = ~np.isin(coloured.codes, sorted(self.highlighted))
            strengths[others & (strengths > Strength.HIDDEN)] = Strength.DIMMED
        return MarkStyles(coloured.codes, coloured.colours, known.conditions == 1, strengths)

    def colouring(self, made: RunEmbedding) -> Colouring:
        return colouring(self.key, self.facts(made), len(self._fold_of(made.run)[1]))

    def entries(self, maps: Sequence[RunEmbedding]) -> list[tuple[int, str, str]]:
        """Of the legend: number, name, colour; none where there are too many to name."""
        return printed.entries([self.colouring(made) for made in maps])

    def words(self, maps: Sequence[RunEmbedding]) -> list[str]:
        """For the command that draws the maps: the same colours, the same samples."""
        names = {name: number for m in maps for number, name in enumerate(self.colouring(m).names)}
        said = ["--colour", self.key]
        for name in (name for name, number in names.items() if number in self.highlighted):
            said += ["--highlight", name]
        said += ["--pairs"] if self.joined else []
        said += [] if self.training else ["--held-out"]
        return said + _filter_words(self._session.filter)

    def facts(self, made: RunEmbedding) -> Facts:
        """Worked out once for as long as the map has the same samples."""
        kept = self._facts.get(made.run)
        if kept is None or kept[0].samples is not made.samples:
            outcome = self._session.outcomes.of(made.run)
            fold_of, _ = self._fold_of(made.run)
            said = outcome.predictions if outcome else None
            kept = (made, facts(self._session.dataset, made.samples, said, fold_of))
            self._facts[made.run] = kept
        return kept[1]

    def pairs(self, made: RunEmbedding) -> NDArray[np.int64]:
        """Rows of a map that show the same subject and expression, (m, 2); none unless joined."""
        if not self.joined:
            return np.zeros((0, 2), dtype=np.int64)
        dataset = self._session.dataset
        place = np.full(len(dataset), -1, dtype=np.int64)
        place[np.searchsorted(dataset.ids, made.samples)] = np.arange(len(made))
        rows = place[dataset.pairs()]
        return np.asarray(rows[(rows >= 0).all(axis=1)], dtype=np.int64)

    def _let_through(self, made: RunEmbedding) -> Ids:
        return matching(self._session.dataset, self._session.filter, self._fold_of(made.run)[0])

    def _fold_of(self, run: str) -> tuple[dict[str, int], range]:
        view = self._session.runs.view(run) if self._session.runs else None
        if view is None:
            return {}, range(0)
        protocol = view.run.protocol
        return protocol.fold_of(), range(len(protocol.folds))


def _filter_words(chosen: Filter) -> list[str]:
    """Options that let the same samples through."""
    said = ["--subject", chosen.subject] if chosen.subject else []
    if chosen.expression is not None:
        said += ["--expression", Expression(chosen.expression).title]
    if chosen.condition is not None:
        said += ["--condition", Condition(chosen.condition).short]
    return said + (["--tested", str(chosen.fold + 1)] if chosen.fold is not None else [])
