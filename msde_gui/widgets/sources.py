"""Where the faces came from, and which files were left out and why: two tabs of one card."""

from collections.abc import Sequence

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QStackedWidget, QToolButton

from msde_gui.widgets.card import Card
from msde_gui.widgets.rows import Rows

MOST = 240  # px high, beside a higher card


class Sources(Card):
    """The second tab is there only if something was left out."""

    def __init__(self) -> None:
        super().__init__()
        self.body.setContentsMargins(14, 8, 8, 8)
        self.body.setSpacing(4)
        self._sources = Rows(("Name", "Layout", "Imported"))
        self._skipped = Rows(("File", "Left out because"))
        self._stack = QStackedWidget()
        self._group = QButtonGroup(self)
        tabs = QHBoxLayout()
        tabs.setSpacing(4)
        tabs.setContentsMargins(0, 0, 0, 0)
        for number, table in enumerate((self._sources, self._skipped)):
            tab = QToolButton()
            tab.setCheckable(True)
            tab.setProperty("tab", True)
            self._group.addButton(tab, number)
            tabs.addWidget(tab)
            self._stack.addWidget(table)
        tabs.addStretch(1)
        self.body.addLayout(tabs)
        self.body.addWidget(self._stack, 1)
        self._group.idClicked.connect(self._stack.setCurrentIndex)
        self._group.button(0).setChecked(True)

    def set_compact(self, compact: bool) -> None:
        """Without the headings of the tables, where there is little room."""
        for table in (self._sources, self._skipped):
            table.horizontalHeader().setVisible(not compact)
        self.setMinimumHeight(100 if compact else 148)
        self.setMaximumHeight(100 if compact else MOST)
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Preferred, policy.Preferred if compact else policy.Ignored)

    def show_rows(self, sources: Sequence[Sequence[str]], skipped: Sequence[Sequence[str]]) -> None:
        self._sources.show_rows(sources, (110, 70))
        self._skipped.show_rows(skipped, (150,))
        self._group.button(0).setText(f"Sources  {len(sources)}")
        left_out = self._group.button(1)
        left_out.setText(f"Left out  {len(skipped):,}")
        left_out.setVisible(bool(skipped))
        if not skipped:
            self._group.button(0).setChecked(True)
            self._stack.setCurrentIndex(0)
