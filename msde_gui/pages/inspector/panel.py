"""The face in focus: its picture, its pair, its labels, and what every run said of both."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from engine.domain import Condition, Expression, Sample
from msde_gui.heatmaps.colour_bar import ColourBar, scale_numbers
from msde_gui.pages.inspector.answers import Answers
from msde_gui.pages.inspector.model import InspectorModel
from msde_gui.panel import Command, Panel
from msde_gui.session.session import Session
from msde_gui.widgets.empty import Empty
from msde_gui.widgets.face import FaceImage
from msde_gui.widgets.labels import Elided, label, plain

NAMES = [expression.title for expression in Expression]
HINT = "Click a face: it appears here with its pair and what each run said of it."
STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class InspectorPanel(Panel):
    title = "Inspector"
    icon = "mdi6.account-box-outline"
    place = 10
    dock = True

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.model = InspectorModel(session)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.empty = Empty("mdi6.account-box-outline", "", HINT)
        self.faces = {condition: FaceImage() for condition in Condition}
        self.missing = label("", "dim", wrap=True)
        self.facts = Elided("", "dim")
        self.file = label("", "dim")
        self.labels = Elided("", "dim")
        self.heatmaps = QToolButton()
        self.bar = ColourBar()
        self.answers = Answers(NAMES, self.model)
        self._lay_out()
        for condition, face in self.faces.items():
            face.clicked.connect(lambda condition=condition: self._show(condition))
        self.heatmaps.toggled.connect(self.model.show_heatmaps)
        self.model.changed.connect(self.refresh)
        self.model.judged.connect(self._refresh_answers)
        session.study_changed.connect(self.answers.forget)
        self.refresh()

    def refresh(self) -> None:
        sample = self.model.sample
        self.empty.refresh()
        self.stack.setCurrentIndex(1 if sample else 0)
        self.setWindowTitle(f"{sample.subject} · {sample.expression.title}" if sample else "")
        if not sample:
            self.setWindowTitle(self.title)
            return
        troubles = [self._show_face(face, c) for c, face in self.faces.items()]
        trouble = "\n".join(filter(None, troubles))
        self.missing.setText(trouble)
        self.missing.setVisible(bool(trouble))
        self.file.setText(sample.file.name)
        self.file.setToolTip(plain(str(sample.file)))
        self.labels.setText(f"Label: {sample.expression.title}, as imported")
        self._refresh_answers()

    def commands(self) -> list[Command]:
        return [
            Command("Show the other face of the pair", self.model.toggle),
            Command("Next face of the selection", lambda: self.model.step(1)),
            Command("Previous face of the selection", lambda: self.model.step(-1)),
            Command("Show or hide heatmaps in the Inspector", self.heatmaps.toggle),
        ]

    def _show_face(self, face: FaceImage, condition: Condition) -> str:
        sample = self.model.pair.get(condition)
        face.setVisible(sample is not None)
        if not sample:
            return ""
        image, trouble = self.model.picture(sample)
        face.show_image(image, trouble and "No picture")
        self._mark(face, sample)
        return trouble

    def _mark(self, face: FaceImage, sample: Sample) -> None:
        """Wrong is what the newest run says."""
        focused, paired = sample is self.model.sample, self.model.partner is not None
        newest = self.model.answers[0].said if self.model.answers else {}
        said = newest.get(sample.condition)
        face.mark(framed=focused and paired, wrong=bool(said and not said.right))

    def _refresh_answers(self) -> None:
        self.answers.refresh()
        self.bar.setVisible(self.model.heatmaps)
        look = self.model.looks.now
        own = look.scale == "image"
        self.bar.show_scale(look.colours, scale_numbers(None if own else self.model.peak()))
        for condition, one in self.model.pair.items():
            self._mark(self.faces[condition], one)
        sample = self.model.sample
        if sample:
            facts = (sample.condition.title, self.model.fold, sample.dataset)
            self.facts.setText(" · ".join(filter(None, facts)))

    def _lay_out(self) -> None:
        pictures = QHBoxLayout()
        pictures.setSpacing(8)
        for face in self.faces.values():
            pictures.addWidget(face)
        filled = QWidget()
        column = QVBoxLayout(filled)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addLayout(pictures)
        column.addWidget(self.missing)
        for left, right in ((self.facts, self.file), (self.labels, self.heatmaps)):
            row = QHBoxLayout()
            row.addWidget(left, 1)
            row.addWidget(right)
            column.addLayout(row)
        self.heatmaps.setText("Heatmaps")
        self.heatmaps.setCheckable(True)
        self.heatmaps.setProperty("tab", True)
        self.heatmaps.setToolTip("Where each run's network looked  C")
        column.addWidget(self.bar)
        column.addWidget(self.answers, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(filled)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def _show(self, condition: Condition) -> None:
        self.setFocus()
        sample = self.model.sample
        if sample and sample.condition != condition:
            self.model.toggle()

    def showEvent(self, event: QShowEvent) -> None:
        self.model.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        self.model.watch(False)

    def event(self, event: QEvent) -> bool:
        """Here C shows the heatmaps of the pair; elsewhere it means those of the page."""
        asking = event.type() == QEvent.Type.ShortcutOverride
        if asking and isinstance(event, QKeyEvent) and _plain(event, Qt.Key.Key_C):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.model.toggle()
        elif _plain(event, Qt.Key.Key_C):
            self.heatmaps.toggle()
        elif event.key() in STEPS:
            self.model.step(STEPS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)


def _plain(event: QKeyEvent, key: Qt.Key) -> bool:
    return event.key() == key and event.modifiers() == Qt.KeyboardModifier.NoModifier
