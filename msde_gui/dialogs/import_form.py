"""The left side of the import assistant: where the faces are and how to read them."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from msde_gui.dialogs.import_model import COLUMNS, ImportModel
from msde_gui.widgets.card import Card
from msde_gui.widgets.labels import label

CONDITIONS = (("As the paths say", ""), ("All non-masked", "nm"), ("All masked", "m"))


class ImportForm(Card):
    """Every change goes to the model at once."""

    edited = Signal()

    def __init__(self, model: ImportModel, formats: Iterable[tuple[str, str]]) -> None:
        super().__init__("Where and how")
        self._model = model
        self.folder = QLineEdit(placeholderText="Drop a folder here, or browse")
        self.study = QLineEdit(placeholderText="A new folder, or that of a study")
        self.layouts = QComboBox()
        self.layouts.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.name = QLineEdit(placeholderText="Name of the folder")
        self.condition = QComboBox()
        self.pattern = QLineEdit(placeholderText="Such as ^(.+)_[0-9]+$")
        self.pattern.setToolTip("A regular expression; its first group is the subject.")
        self.copies = QCheckBox("Copy the images into the study")
        self.columns = {key: QComboBox(editable=True) for key in COLUMNS}
        self.mapping = QWidget()
        for title, value in [("Found out automatically", ""), *formats]:
            self.layouts.addItem(title, value)
        for title, value in CONDITIONS:
            self.condition.addItem(title, value)
        self._lay_out()
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """Show the model's choice without echoing it."""
        choice = self._model.choice
        for field, text in (
            (self.folder, choice.folder),
            (self.study, choice.study),
            (self.name, choice.name),
            (self.pattern, choice.pattern),
        ):
            if field.text() != text:
                field.setText(text)
        self.copies.setChecked(choice.copy)
        self.mapping.setVisible(self._model.tabular)
        self._offer_headers()
        self.setEnabled(self._model.job is None)

    def _offer_headers(self) -> None:
        offered = ["", *self._model.headers]
        for key, box in self.columns.items():
            if [box.itemText(n) for n in range(box.count())] != offered:
                box.blockSignals(True)
                box.clear()
                box.addItems(offered)
                box.setCurrentText(self._model.choice.columns.get(key, ""))
                box.blockSignals(False)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        rows: list[tuple[str, QWidget]] = [
            ("Faces", self._with_browse(self.folder, "The folder of the faces")),
            ("Study", self._with_browse(self.study, "The folder of the study")),
            ("Layout", self.layouts),
            ("Name", self.name),
            ("Condition", self.condition),
            ("Subject in the file name", self.pattern),
        ]
        for row, (title, field) in enumerate(rows):
            text = label(title, "dim", wrap=True)
            text.setFixedWidth(84)
            grid.addWidget(text, row, 0)
            grid.addWidget(field, row, 1)
        self.body.addLayout(grid)
        self.body.addWidget(self.copies)
        self._lay_out_mapping()
        self.body.addWidget(self.mapping)
        self.body.addStretch(1)

    def _lay_out_mapping(self) -> None:
        inside = QGridLayout(self.mapping)
        inside.setContentsMargins(0, 4, 0, 0)
        inside.setHorizontalSpacing(10)
        inside.setVerticalSpacing(8)
        inside.addWidget(label("Columns of the table", "heading"), 0, 0, 1, 2)
        for row, (key, box) in enumerate(self.columns.items()):
            text = label(key.capitalize(), "dim")
            text.setFixedWidth(84)
            inside.addWidget(text, row + 1, 0)
            inside.addWidget(box, row + 1, 1)
            edit = box.lineEdit()
            if edit:
                edit.setPlaceholderText("Found out automatically")

    def _with_browse(self, field: QLineEdit, title: str) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        button = QPushButton("Browse…")
        button.clicked.connect(lambda: self._browse(field, title))
        row.addWidget(field, 1)
        row.addWidget(button)
        return holder

    def _browse(self, field: QLineEdit, title: str) -> None:
        folder = QFileDialog.getExistingDirectory(self, title, field.text())
        if folder:
            field.setText(folder)

    def _connect(self) -> None:
        for field in (self.folder, self.study, self.name, self.pattern):
            field.textChanged.connect(self._take)
        for box in (self.layouts, self.condition):
            box.currentIndexChanged.connect(self._take)
        for box in self.columns.values():
            box.currentTextChanged.connect(self._take)
        self.copies.toggled.connect(self._take)

    def _take(self) -> None:
        self._model.choose(
            folder=self.folder.text().strip(),
            study=self.study.text().strip(),
            layout=self.layouts.currentData(),
            name=self.name.text().strip(),
            columns={key: box.currentText().strip() for key, box in self.columns.items()},
            pattern=self.pattern.text(),
            condition=self.condition.currentData(),
            copy=self.copies.isChecked(),
        )
