"""The row that says what is embedded: runs, fold, embedding, seed, settings, Compute."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from engine.experiment.catalogue import Schema
from msde_gui.dialogs.damaged_runs import list_damaged
from msde_gui.pages.embeddings.model import EmbeddingsModel
from msde_gui.session.run_choice import MOST
from msde_gui.session.session import Session
from msde_gui.style.icons import icon
from msde_gui.widgets.checklist import Checklist
from msde_gui.widgets.editors import PLAIN
from msde_gui.widgets.form import Form
from msde_gui.widgets.labels import plain

FORM, SEED = 290, 96  # px wide


class EmbeddingControls(QWidget):
    """Shows the model's choice and changes it."""

    def __init__(self, session: Session, model: EmbeddingsModel) -> None:
        super().__init__()
        self._session, self._model = session, model
        self._silent = False
        self.runs, self.list = QPushButton(), Checklist(self)
        list_damaged(self.list, session)
        self.fold, self.embedding, self.seed = QComboBox(), QComboBox(), QSpinBox()
        self.settings, self.form = QToolButton(), Form()
        self.compute = QPushButton("Compute")
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """Show the choice as it is now."""
        choice, model = self._model.choice, self._model
        with self._silence():
            count = len(choice.runs)
            self.runs.setText("1 run" if count == 1 else f"{count} runs")
            self.runs.setToolTip(plain("\n".join(choice.runs)))
            self.list.show_names(tuple(reversed(model.offered)), choice.runs, MOST)
            _fill(self.fold, {f"Fold {n + 1}": n for n in range(model.folds)}, choice.fold)
            _fill(self.embedding, self._titles(), choice.embedding)
            self.seed.setValue(choice.seed)
            self._refresh_form()
        self.settings.setIcon(icon("mdi6.tune-variant"))
        busy = model.computing
        self.compute.setText("Cancel" if busy else "Compute")
        self.compute.setEnabled(busy or (not model.looking and not model.whole))
        self.compute.setProperty("primary", not busy and not model.whole)
        self.compute.style().polish(self.compute)

    def _refresh_form(self) -> None:
        schema = self._schema()
        self.settings.setEnabled(bool(schema.get("properties")))
        self.form.draw(schema)
        base = self._base(schema)
        self.form.show_values({**base, **self._model.choice.settings}, base)

    def _titles(self) -> dict[str, str]:
        titles = {one.title: one.name for one in self._session.catalogue.embeddings}
        return titles or {"t-SNE": "tsne"}  # until the catalogue is known

    def _schema(self) -> Schema:
        name, offered = self._model.choice.embedding, self._session.catalogue.embeddings
        return next((one.settings for one in offered if one.name == name), {})

    @staticmethod
    def _base(schema: Schema) -> dict[str, Any]:
        return {key: one.get("default") for key, one in schema.get("properties", {}).items()}

    def _take_settings(self) -> None:
        if not self.form.problem():
            base = self._base(self._schema())
            values = self.form.values()
            changed = {key: value for key, value in values.items() if value != base.get(key)}
            self._model.choose(settings=changed)

    def _take_choice(self) -> None:
        if not self._silent and self.fold.currentData() is not None:
            self._model.choose(
                fold=self.fold.currentData(),
                embedding=self.embedding.currentData(),
                seed=self.seed.value(),
            )

    def _act(self) -> None:
        if self._model.computing:
            self._model.cancel()
        else:
            self._model.compute()

    def _connect(self) -> None:
        self._model.chosen.connect(self.refresh)
        self._model.turned.connect(self.refresh)
        self._session.catalogue_changed.connect(self.refresh)
        self.list.toggled.connect(self._model.toggle_run)
        self.fold.currentIndexChanged.connect(self._take_choice)
        self.embedding.currentIndexChanged.connect(self._take_choice)
        self.seed.valueChanged.connect(self._take_choice)
        self.form.changed.connect(self._take_settings)
        self.compute.clicked.connect(self._act)

    def _lay_out(self) -> None:
        self.runs.setMenu(self.list)
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setPrefix("Seed ")
        self.seed.setStyleSheet(PLAIN)
        self.seed.setMaximumWidth(SEED)
        self.seed.setKeyboardTracking(False)
        self.settings.setToolTip("Settings of the embedding")
        self.settings.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.settings.addAction(self._popup())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for one in (self.runs, self.fold, self.embedding, self.seed, self.settings, self.compute):
            row.addWidget(one)
        row.addStretch(1)

    def _popup(self) -> QWidgetAction:
        frame = QWidget()
        frame.setFixedWidth(FORM)
        inside = QVBoxLayout(frame)
        inside.addWidget(self.form)
        action = QWidgetAction(self)
        action.setDefaultWidget(frame)
        return action

    @contextmanager
    def _silence(self) -> Iterator[None]:
        self._silent = True
        try:
            yield
        finally:
            self._silent = False


def _fill(box: QComboBox, names: Mapping[str, Any], chosen: Any) -> None:
    """Names and values; only what is another one is changed."""
    if [box.itemText(n) for n in range(box.count())] != list(names):
        box.clear()
        for name, value in names.items():
            box.addItem(name, value)
    box.setCurrentIndex(box.findData(chosen))
