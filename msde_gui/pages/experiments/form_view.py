"""The left side of *Experiments*: the form, the command that does the same, and the button."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from msde_gui.pages.experiments.form_model import (
    ExperimentModel,
    method_schema,
    plan_schema,
    start,
)
from msde_gui.session.session import Session
from msde_gui.style import theme
from msde_gui.style.icons import icon
from msde_gui.widgets.card import Card
from msde_gui.widgets.form import Form
from msde_gui.widgets.labels import label
from msde_gui.widgets.snippet import Snippet
from msde_gui.widgets.unfolding import Unfolding

TALL = 740  # px from which the training fields lie open at first


class ExperimentCard(Card):
    """Shows the model's choice; every edit goes to the model."""

    def __init__(self, session: Session, model: ExperimentModel) -> None:
        super().__init__("New run")
        self._session, self.model = session, model
        self._seen = False
        self.method, self.plan, self.settings, self.training = Form(), Form(), Form(), Form()
        self.summary = label("", "dim", wrap=True)
        self.preset = label("", "dim", wrap=True)
        self.taught = label("", "dim", wrap=True)
        self.warning = label("", "", wrap=True)
        self.unfolding = Unfolding("Training", self.training)
        self.command = Snippet()
        self.copy = QToolButton()
        self.problem = label("", "", wrap=True)
        self.button = QPushButton("Queue run")
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        model = self.model
        for part in (self.method, self.plan, self.settings, self.unfolding, self.preset):
            part.setVisible(model.known)
        if model.known:
            self._refresh_forms()
        else:
            self.summary.setText("Looking for methods: this takes a few seconds…")
        self.command.show_text(model.command)
        self.problem.setText(model.problem)
        self.problem.setVisible(bool(model.problem))
        self.problem.setStyleSheet(f"color: {theme.current().loss};")
        self.button.setEnabled(model.ready)
        self.button.setText("Queueing…" if model.busy else "Queue run")
        self.button.setToolTip("Ctrl+Enter")
        self.copy.setIcon(icon("mdi6.content-copy", theme.current().dim))
        self.unfolding.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        if not self._seen and self.height() >= TALL:
            self.unfolding.button.setChecked(True)
        self._seen = True

    def copy_command(self) -> None:
        QGuiApplication.clipboard().setText(self.model.command)
        self._session.said.emit("Command copied")

    def _refresh_forms(self) -> None:
        choice, catalogue = self.model.choice, self._session.catalogue
        method = catalogue.method(choice.method)
        begun = start(catalogue, choice)
        shown = ("train", "preset", "folds", "seed", "weights", "teacher")
        plan = {key: getattr(choice, key) for key in shown}
        self.method.draw(method_schema(catalogue.methods))
        self.plan.draw(plan_schema(method, self.model.teachers))
        self.settings.draw(method.settings)
        self.training.draw(catalogue.training)
        self.method.show_values({"method": choice.method}, {})
        self.plan.show_values(plan, {"folds": begun.folds})
        self.settings.show_values(choice.settings, begun.settings)
        self.training.show_values(choice.training, begun.training)
        self.summary.setText(method.summary)
        self.preset.setText(begun.title)
        self.taught.setText(self.model.teaching.sentence)
        self.taught.setVisible(bool(self.model.teaching.sentence))
        self.warning.setText(self.model.warning)
        self.warning.setVisible(bool(self.model.warning))
        self.warning.setStyleSheet(f"color: {theme.current().loss};")
        changed = sum(choice.training[k] != v for k, v in begun.training.items())
        self.unfolding.say("Training" + (f"  ·  {changed} changed" if changed else ""))

    def _connect(self) -> None:
        model = self.model
        model.changed.connect(self.refresh)
        self.method.changed.connect(self._choose_method)
        self.plan.changed.connect(self._change_plan)
        for name, form in (("settings", self.settings), ("training", self.training)):
            form.changed.connect(lambda n=name, f=form: model.change(n, f.values(), f.problem()))
        self.copy.clicked.connect(self.copy_command)
        self.button.clicked.connect(model.queue)

    def _choose_method(self) -> None:
        self.model.choose_method(self.method.values()["method"])

    def _change_plan(self) -> None:
        values = self.plan.values()
        if values["preset"] == self.model.choice.preset:
            self.model.change("plan", values, self.plan.problem())
        else:
            for form in (self.settings, self.training):
                form.forget()
            self.model.choose_preset(values["preset"])

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(6)
        about = (self.taught, self.preset)
        settings = (self.settings, self.warning, self.unfolding)
        for part in (self.method, self.summary, self.plan, *about, *settings):
            column.addWidget(part)
        column.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        self.body.setContentsMargins(14, 12, 8, 14)
        self.body.addWidget(area, 1)
        self.body.addLayout(self._foot())

    def _foot(self) -> QVBoxLayout:
        self.copy.setToolTip("Copy the command")
        self.button.setProperty("primary", True)
        head = QHBoxLayout()
        head.addWidget(label("The same in a terminal", "dim"), 1)
        head.addWidget(self.copy)
        foot = QVBoxLayout()
        foot.setContentsMargins(0, 0, 6, 0)
        foot.setSpacing(6)
        foot.addLayout(head)
        for part in (self.command, self.problem, self.button):
            foot.addWidget(part)
        return foot
