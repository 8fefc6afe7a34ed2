"""The row of choices that narrows a gallery: expression, condition, subject, fold."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QWidget


class FilterBar(QWidget):
    """Says ``changed``; read the choices from its properties. None means all."""

    changed = Signal()
    run_chosen = Signal(str)  # whose folds are meant; empty for the latest

    def __init__(
        self, expressions: Sequence[str], conditions: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._expression = _choice("All expressions", expressions)
        self._condition = _choice("Both conditions", conditions)
        self._fold = _choice("All folds", ())
        self._run = QComboBox()
        self._run.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._run.setMinimumContentsLength(12)
        self._subject = QLineEdit(placeholderText="Subject", clearButtonEnabled=True)
        self._subject.setMinimumWidth(80)
        self._subject.setMaximumWidth(200)
        self.clear = QPushButton("Clear")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for one in (self._expression, self._condition, self._subject, self._fold, self._run):
            row.addWidget(one)
        row.addWidget(self.clear)
        row.addStretch(1)
        self._subject.textChanged.connect(self.changed)
        for box in (self._expression, self._condition, self._fold):
            box.currentIndexChanged.connect(self.changed)
        self._run.currentIndexChanged.connect(
            lambda: self.run_chosen.emit(self._run.currentData() or "")
        )

    @property
    def expression(self) -> int | None:
        return _value(self._expression)

    @property
    def condition(self) -> int | None:
        return _value(self._condition)

    @property
    def subject(self) -> str:
        return self._subject.text().strip()

    @property
    def fold(self) -> int | None:
        return _value(self._fold)

    def show_choice(
        self, expression: int | None, condition: int | None, subject: str, fold: int | None
    ) -> None:
        """Show a filter without saying ``changed``."""
        with self._quiet():
            for box, value in (
                (self._expression, expression),
                (self._condition, condition),
                (self._fold, fold),
            ):
                box.setCurrentIndex(0 if value is None else value + 1)
            if self.subject != subject:
                self._subject.setText(subject)
        self.clear.setVisible((expression, condition, subject, fold) != (None, None, "", None))

    def show_folds(self, count: int, runs: Sequence[str], chosen: str) -> None:
        """Offer the folds of a run; no folds, no choice."""
        with self._quiet():
            names = [f"Fold {number + 1}" for number in range(count)]
            _fill(self._fold, [("All folds", None), *((n, k) for k, n in enumerate(names))])
            _fill(self._run, [("of the latest run", ""), *((f"of {run}", run) for run in runs)])
            self._run.setCurrentIndex(max(0, self._run.findData(chosen)))
        self._fold.setVisible(count > 0)
        self._run.setVisible(len(runs) > 1)

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        parts = (self._expression, self._condition, self._fold, self._run, self._subject)
        for part in parts:
            part.blockSignals(True)
        yield
        for part in parts:
            part.blockSignals(False)


def _choice(everything: str, names: Sequence[str]) -> QComboBox:
    box = QComboBox()
    _fill(box, [(everything, None), *((name, number) for number, name in enumerate(names))])
    return box


def _fill(box: QComboBox, entries: Sequence[tuple[str, int | str | None]]) -> None:
    if [(box.itemText(n), box.itemData(n)) for n in range(box.count())] == list(entries):
        return
    box.clear()
    for text, value in entries:
        box.addItem(text, value)


def _value(box: QComboBox) -> int | None:
    value = box.currentData()
    return None if value is None else int(value)
