"""The widget that edits one field of a schema: spin box, line, check box, choice or file."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, SignalInstance
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLineEdit, QSpinBox, QWidget

from msde_gui.style.icons import icon
from msde_gui.widgets.schema import Field

MOST = 2**31 - 1
MIDDLING = "#8a8f98"  # a grey that is seen on both themes
NARROWEST, HEIGHT = 72, 28  # px
PLAIN = "QSpinBox::up-button, QSpinBox::down-button { width: 0; border: none; }"


@dataclass(frozen=True)
class Editor:
    """``read`` raises ``ValueError`` with a sentence if the text means nothing."""

    widget: QWidget
    changed: SignalInstance
    read: Callable[[], Any]
    show: Callable[[Any], None]


class _Calm(QObject):
    """Lets the wheel scroll the page instead of changing a value nobody clicked."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget):
            event.ignore()
            return not watched.hasFocus()
        return False


def editor(field: Field) -> Editor:
    """By the field's kind; whatever is unknown is edited as text."""
    makers = {
        "integer": _spin,
        "boolean": _check,
        "choice": _choice,
        "open-choice": _open,
        "file-path": _file,
    }
    made = makers.get(field.kind, _line)(field)
    made.widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.widget.setMinimumWidth(NARROWEST)
    made.widget.setFixedHeight(HEIGHT)
    made.widget.installEventFilter(_Calm(made.widget))
    return made


def _spin(field: Field) -> Editor:
    box = QSpinBox()
    low, high = max(field.low, field.above + 1, -MOST), min(field.high, field.below - 1, MOST)
    box.setRange(int(low), int(high))
    box.setStyleSheet(PLAIN)
    box.lineEdit().setTextMargins(6, 0, 6, 0)
    if field.unit:
        box.setSuffix(f" {field.unit}")
    return Editor(box, box.valueChanged, box.value, lambda value: box.setValue(int(value or 0)))


def _check(field: Field) -> Editor:
    box = QCheckBox()
    return Editor(box, box.toggled, box.isChecked, lambda value: box.setChecked(bool(value)))


def _choice(field: Field) -> Editor:
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(4)
    for name, value in zip(field.names, field.choices, strict=True):
        box.addItem(name, value)
    return Editor(
        box,
        box.currentIndexChanged,
        box.currentData,
        lambda value: box.setCurrentIndex(max(0, box.findData(value))),
    )


def _open(field: Field) -> Editor:
    """A choice of well-known values, and a line for any other."""
    box = QComboBox()
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(4)
    box.addItems([str(name) for name in field.names])
    return Editor(
        box,
        box.currentTextChanged,
        lambda: field.read(box.currentText()),
        lambda value: box.setCurrentText("" if value is None else field.write(value)),
    )


def _line(field: Field) -> Editor:
    line = QLineEdit()
    return Editor(
        line,
        line.textChanged,
        lambda: field.read(line.text()),
        lambda value: line.setText("" if value is None else field.write(value)),
    )


def _file(field: Field) -> Editor:
    """A line for a path or a name, with a button that asks for a file."""
    made = _line(field)
    line = made.widget
    if isinstance(line, QLineEdit):
        browse = line.addAction(
            icon("mdi6.folder-open-outline", MIDDLING), QLineEdit.ActionPosition.TrailingPosition
        )
        line.setPlaceholderText("random")
        browse.setText("Choose a file…")
        browse.triggered.connect(lambda: _browse(line, field.title))
    return made


def _browse(line: QLineEdit, title: str) -> None:
    file, _ = QFileDialog.getOpenFileName(line, title, line.text())
    if file:
        line.setText(file)
