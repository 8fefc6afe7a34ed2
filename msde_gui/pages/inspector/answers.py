"""What the runs said of a pair, run by run: non-masked on the left, masked on the right."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from engine.domain import Condition
from msde_gui.heatmaps.pixmaps import HeatmapPixmaps, compose
from msde_gui.pages.inspector.model import InspectorModel, RunAnswer
from msde_gui.widgets.labels import Elided, label
from msde_gui.widgets.verdict import Verdict

THUMB = 60  # px of a heatmap


class Answers(QScrollArea):
    """One block for each run; a side that has no face takes no room."""

    def __init__(self, names: Sequence[str], model: InspectorModel) -> None:
        super().__init__()
        self._names, self._model = names, model
        self._pictures = HeatmapPixmaps(model.jpeg)
        self.blocks: list[Block] = []
        self.unjudged = label("No run has predicted this face yet.", "dim", wrap=True)
        inside = QWidget()
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 6, 0)
        self._list.setSpacing(2)
        self._list.addWidget(self.unjudged)
        self._list.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)

    def refresh(self) -> None:
        answers = self._model.answers
        while len(self.blocks) < len(answers):
            self.blocks.append(Block(self._names))
            self._list.insertWidget(len(self.blocks) - 1, self.blocks[-1])
        while len(self.blocks) > len(answers):
            self.blocks.pop().deleteLater()
        for block, answer in zip(self.blocks, answers, strict=True):
            block.show_answer(answer, tuple(self._model.pair))
            for condition, verdict in block.sides.items():
                verdict.show_picture(self._picture(answer.run, condition))
        self.unjudged.setVisible(not answers)

    def forget(self) -> None:
        """Another study: its ids mean other pictures."""
        self._pictures.clear()

    def _picture(self, run: str, condition: Condition) -> QPixmap | None:
        made, sample = self._model.heat(run, condition), self._model.pair.get(condition)
        if not self._model.heatmaps or not made or not sample:
            return None
        look, ratio = self._model.looks.now, self.devicePixelRatioF()
        face = self._pictures.face(sample.id, THUMB, ratio)
        if face.isNull():
            return None
        heat = self._pictures.heat(made, self._model.peak(made), look.colours, face)
        return compose(face, heat, look.opacity)


class Block(QWidget):
    """One run."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.title = Elided("", "dim")
        self.sides = {condition: Verdict(names) for condition in Condition}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 6)
        column.setSpacing(2)
        column.addWidget(self.title)
        row = QHBoxLayout()
        row.setSpacing(8)
        for verdict in self.sides.values():
            row.addWidget(verdict, 1)
        column.addLayout(row)

    def show_answer(self, answer: RunAnswer, shown: Sequence[Condition]) -> None:
        self.title.setText(answer.run)
        for condition, verdict in self.sides.items():
            verdict.setVisible(condition in shown)
            verdict.show_said(answer.said.get(condition))
