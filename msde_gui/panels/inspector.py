"""The face in focus: its picture, its pair, its labels, and what every run said of it."""

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.domain import Condition, Expression, Sample
from msde_gui.faces import Faces
from msde_gui.outcomes import Outcomes
from msde_gui.panel import Command, Panel
from msde_gui.pictures import read_large
from msde_gui.session import Session
from msde_gui.widgets.empty import Empty
from msde_gui.widgets.face import Face
from msde_gui.widgets.labels import Elided, label
from msde_gui.widgets.verdict import Said, Verdict

NAMES = [expression.title for expression in Expression]
HINT = "Click a face: it appears here with its pair and what each run said of it."


class InspectorModel(QObject):
    """What is known of the sample in focus."""

    changed = Signal()  # another sample
    judged = Signal()  # other predictions of it

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._outcomes = Outcomes(session)
        self._faces = Faces(session)
        self.sample: Sample | None = None
        self.partner: Sample | None = None
        self.said: tuple[Said, ...] = ()
        self.fold = ""
        session.focus_changed.connect(self._update)
        session.study_changed.connect(self._update)
        session.runs_changed.connect(self._judge)
        self._update()

    def picture(self, sample: Sample) -> tuple[QImage, str]:
        return read_large(sample.file, self._faces.jpeg(sample.id))

    def step(self, by: int) -> None:
        """To a neighbour in the selection."""
        ids = self._session.selection.ids
        if not ids:
            return
        here = self._session.focused
        place = ids.index(here) + by if here in ids else 0
        self._session.focus(ids[min(len(ids) - 1, max(0, place))])

    def toggle(self) -> None:
        """To the other face of the pair."""
        self._faces.focus_partner()

    def _update(self) -> None:
        focused = self._session.focused
        self.sample = None if focused is None else self._session.sample(focused)
        self.partner = self._faces.partner(self.sample.id) if self.sample else None
        self._judge()
        self.changed.emit()

    def _judge(self) -> None:
        sample = self.sample
        said, fold = (self._answers(sample), self._fold_of(sample)) if sample else ((), "")
        if (said, fold) != (self.said, self.fold):
            self.said, self.fold = said, fold
            self.judged.emit()

    def _answers(self, sample: Sample) -> tuple[Said, ...]:
        answers = []
        for view in reversed(self._session.runs.views if self._session.runs else []):
            outcome = self._outcomes.of(view.id)
            row = outcome.row_of.get(sample.id) if outcome else None
            if outcome and row is not None:
                values = tuple(outcome.predictions.probabilities[row].tolist())
                answers.append(Said(view.id, values, sample.expression))
        return tuple(answers)

    def _fold_of(self, sample: Sample) -> str:
        runs = self._session.runs.views if self._session.runs else []
        fold = runs[-1].run.protocol.fold_of().get(sample.subject) if runs else None
        return "" if fold is None else f"fold {fold + 1}"


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
        self.faces = {condition: Face() for condition in Condition}
        self.missing = label("", "dim", wrap=True)
        self.facts = Elided("", "dim")
        self.file = label("", "dim")
        self.verdicts: list[Verdict] = []
        self.unjudged = label("No run has predicted this face yet.", "dim", wrap=True)
        self._lay_out()
        for condition, face in self.faces.items():
            face.clicked.connect(lambda condition=condition: self._show(condition))
        self.model.changed.connect(self.refresh)
        self.model.judged.connect(self._refresh_verdicts)
        self.refresh()

    def refresh(self) -> None:
        sample = self.model.sample
        self.empty.refresh()
        self.stack.setCurrentIndex(1 if sample else 0)
        self.setWindowTitle(f"{sample.subject} · {sample.expression.title}" if sample else "")
        if not sample:
            self.setWindowTitle(self.title)
            return
        shown = {one.condition: one for one in (self.model.partner, sample) if one}
        troubles = [self._show_face(face, shown.get(c)) for c, face in self.faces.items()]
        trouble = "\n".join(filter(None, troubles))
        self.missing.setText(trouble)
        self.missing.setVisible(bool(trouble))
        self.file.setText(sample.file.name)
        self.file.setToolTip(str(sample.file))
        self._refresh_verdicts()

    def commands(self) -> list[Command]:
        return [
            Command("Show the other face of the pair", self.model.toggle),
            Command("Next face of the selection", lambda: self.model.step(1)),
            Command("Previous face of the selection", lambda: self.model.step(-1)),
        ]

    def _show_face(self, face: Face, sample: Sample | None) -> str:
        face.setVisible(sample is not None)
        if not sample:
            return ""
        image, trouble = self.model.picture(sample)
        face.show_image(image, trouble and "No picture")
        focused = sample is self.model.sample
        paired = self.model.partner is not None
        wrong = focused and bool(self.model.said) and not self.model.said[0].right
        face.mark(framed=focused and paired, wrong=wrong)
        return trouble

    def _refresh_verdicts(self) -> None:
        said, sample = self.model.said, self.model.sample
        while len(self.verdicts) < len(said):
            self.verdicts.append(Verdict(NAMES))
            self.list.insertWidget(len(self.verdicts) - 1, self.verdicts[-1])
        while len(self.verdicts) > len(said):
            self.verdicts.pop().deleteLater()
        for verdict, one in zip(self.verdicts, said, strict=True):
            verdict.show_said(one)
        self.unjudged.setVisible(not said)
        if sample:
            facts = (sample.condition.title, sample.dataset, self.model.fold)
            self.facts.setText(" · ".join(filter(None, facts)))

    def _lay_out(self) -> None:
        pictures = QHBoxLayout()
        pictures.setSpacing(8)
        for face in self.faces.values():
            pictures.addWidget(face)
        filled = QWidget()
        column = QVBoxLayout(filled)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(6)
        column.addLayout(pictures)
        facts = QHBoxLayout()
        facts.addWidget(self.facts, 1)
        facts.addWidget(self.file)
        column.addWidget(self.missing)
        column.addLayout(facts)
        column.addWidget(self._answers(), 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(filled)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def _answers(self) -> QScrollArea:
        inside = QWidget()
        self.list = QVBoxLayout(inside)
        self.list.setContentsMargins(0, 0, 6, 0)
        self.list.setSpacing(2)
        self.list.addWidget(self.unjudged)
        self.list.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        return scroll

    def _show(self, condition: Condition) -> None:
        self.setFocus()
        sample = self.model.sample
        if sample and sample.condition != condition:
            self.model.toggle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() == Qt.Key.Key_Space:
            self.model.toggle()
        elif event.key() in steps:
            self.model.step(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)
