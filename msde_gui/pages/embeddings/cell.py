"""One run's picture: its name, the points, and the measures under them."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget

from msde_gui.pages.embeddings import quality_text
from msde_gui.pages.embeddings.appearance import EmbeddingAppearance
from msde_gui.pages.embeddings.embedding import RunEmbedding
from msde_gui.plots.scatter import Scatter
from msde_gui.widgets.card import Card
from msde_gui.widgets.labels import Elided, label

ROOMY = 400  # px wide: there the measures are a sentence
LOWEST = 190  # px


class EmbeddingCell(Card):
    """Shows a map, or says that there is none yet."""

    def __init__(self, run: str, drawn: EmbeddingAppearance) -> None:
        super().__init__()
        self.run = run
        self.map: RunEmbedding | None = None
        self._drawn = drawn
        self.name = Elided(run, "heading")
        self.scatter = Scatter()
        self.absent = label("", "dim", wrap=True)
        self.absent.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.stack = QStackedWidget()
        self.measures = label("", "dim", wrap=True)
        self._lay_out()

    def minimumSizeHint(self) -> QSize:
        return QSize(180, LOWEST)

    def hasHeightForWidth(self) -> bool:
        """A label that wraps inside would make the page grow beyond the window."""
        return False

    def show_map(self, made: RunEmbedding | None, absent: str) -> None:
        """Another map, or the sentence that says why there is none."""
        self.map = made
        self.say(absent)
        self.stack.setCurrentIndex(0 if made is None else 1)
        if made:
            self.scatter.show_points(made.samples, made.points, self._drawn.look(made))
            self.scatter.show_pairs(self._drawn.pairs(made))
        self._refresh_measures()

    def say(self, absent: str) -> None:
        """Why there is no map yet."""
        self.absent.setText(absent)

    def move_map(self, made: RunEmbedding) -> None:
        """The same samples somewhere else."""
        self.map = made
        self.scatter.show_frame(made.points)

    def redraw(self) -> None:
        """Other colours, or another choice of what is shown."""
        if self.map:
            self.scatter.show_look(self._drawn.look(self.map))
            self.scatter.show_pairs(self._drawn.pairs(self.map))

    def refresh(self) -> None:
        """In the colours of the theme as it is now."""
        self.scatter.refresh()
        self.redraw()

    def _refresh_measures(self) -> None:
        measures = self.map.measures if self.map else None
        roomy = self.width() >= ROOMY
        self.measures.setVisible(measures is not None)
        if measures:
            said = quality_text.sentence(measures) + "." if roomy else quality_text.short(measures)
            self.measures.setText(said[:1].upper() + said[1:])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refresh_measures()

    def _lay_out(self) -> None:
        self.stack.addWidget(self.absent)
        self.stack.addWidget(self.scatter)
        self.body.setContentsMargins(12, 8, 12, 8)
        self.body.setSpacing(4)
        self.measures.setToolTip(quality_text.MEANING)
        self.body.addWidget(self.name)
        self.body.addWidget(self.stack, 1)
        self.body.addWidget(self.measures)
