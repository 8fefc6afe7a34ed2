"""A form drawn from any JSON schema, with a mark on each value that was changed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from msde_gui.style import theme
from msde_gui.widgets.editors import Editor, editor
from msde_gui.widgets.labels import label
from msde_gui.widgets.schema import Field, fields

LABELS = 92  # px, so that several forms below each other line up


class Form(QWidget):
    """One row a field: says ``changed`` when the user edits; holds what cannot be read as typed."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._schema: Mapping[str, Any] = {}
        self._fields: dict[str, Field] = {}
        self._editors: dict[str, Editor] = {}
        self._labels: dict[str, QLabel] = {}
        self._shown: dict[str, Any] = {}
        self._base: Mapping[str, Any] = {}
        self._silent = False
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, LABELS)
        self._grid.setColumnStretch(1, 1)

    def draw(self, schema: Mapping[str, Any]) -> None:
        """Lay out the fields anew if the schema is another one."""
        if schema == self._schema:
            return
        self._schema = schema
        self._clear()
        self._fields = {field.key: field for field in fields(schema)}
        for row, field in enumerate(self._fields.values()):
            self._add(row, field)
        self.show_values({key: field.default for key, field in self._fields.items()}, {})

    def show_values(self, values: Mapping[str, Any], base: Mapping[str, Any]) -> None:
        """Show ``values`` without saying ``changed``; those unlike ``base`` are marked."""
        self._base = base
        with self._silence():
            for key, one in self._editors.items():
                if key in values and (key not in self._shown or values[key] != self._shown[key]):
                    one.show(values[key])
                    self._shown[key] = values[key]
        self.refresh()

    def forget(self) -> None:
        """Let the next values replace everything, also text that cannot be read."""
        self._shown.clear()

    def values(self) -> dict[str, Any]:
        """The values of every field; the last good one where the text cannot be read."""
        return {**self._shown, **self._readable()}

    def problem(self) -> str:
        """A sentence on the first field that cannot be read; empty if all can."""
        return next(iter(self._problems().values()), "")

    def widget(self, key: str) -> QWidget:
        """The field's editor, to be shown or tested."""
        return self._editors[key].widget

    def refresh(self) -> None:
        """Mark what differs from the base and what cannot be read."""
        colours, problems = theme.current(), self._problems()
        for key, text in self._labels.items():
            marked = key in self._base and self._shown.get(key) != self._base[key]
            colour = colours.loss if key in problems else colours.text if marked else colours.dim
            weight = 600 if marked or key in problems else 400
            text.setStyleSheet(f"color: {colour}; font-weight: {weight};")
            text.setText(self._fields[key].title + ("  •" if marked else ""))
            tip = self._tip(key, marked, problems.get(key, ""))
            text.setToolTip(tip)
            self._editors[key].widget.setToolTip(tip)

    def _tip(self, key: str, marked: bool, problem: str) -> str:
        field = self._fields[key]
        unlike = f"Changed from {field.write(self._base[key])}." if marked else ""
        lines = [escape(line) for line in (*field.tip.splitlines(), unlike, problem) if line]
        return f"<qt>{'<br>'.join(lines)}</qt>" if lines else ""

    def _add(self, row: int, field: Field) -> None:
        made = editor(field)
        made.changed.connect(self._edited)
        text = label(field.title, "")
        text.setBuddy(made.widget)
        made.widget.setAccessibleName(field.title)
        self._editors[field.key], self._labels[field.key] = made, text
        self._grid.addWidget(text, row, 0, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(made.widget, row, 1)

    def _clear(self) -> None:
        for key, one in self._editors.items():
            for widget in (one.widget, self._labels[key]):
                self._grid.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
        for kept in (self._editors, self._labels, self._shown):
            kept.clear()

    def _edited(self) -> None:
        if not self._silent:
            self._shown |= self._readable()
            self.refresh()
            self.changed.emit()

    def _readable(self) -> dict[str, Any]:
        problems = self._problems()
        return {key: one.read() for key, one in self._editors.items() if key not in problems}

    def _problems(self) -> dict[str, str]:
        found = {}
        for key, one in self._editors.items():
            try:
                one.read()
            except ValueError as error:
                found[key] = str(error)
        return found

    @contextmanager
    def _silence(self) -> Iterator[None]:
        self._silent = True
        try:
            yield
        finally:
            self._silent = False
