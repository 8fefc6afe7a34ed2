"""The cards of the view of attention: plot, words, average faces, tests."""

from collections.abc import Mapping
from functools import partial
from html import escape
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QToolButton, QWidget

from engine.attention import sentences
from engine.attention.answer import AttentionFound
from engine.domain import Condition
from msde_gui.heatmaps.colour_bar import ColourBar
from msde_gui.pages.attention.appearance import UNITS, AttentionAppearance
from msde_gui.pages.attention.average_faces import COLOURS, ConditionAverages, Strip
from msde_gui.pages.attention.differences import Differences
from msde_gui.pages.attention.request import REGIONS
from msde_gui.plots.boxes import Boxes
from msde_gui.plots.walking import KEYS
from msde_gui.session.session import Session
from msde_gui.widgets.card import Card
from msde_gui.widgets.labels import Elided, label
from msde_gui.widgets.unfolding import Unfolding

HIGH = 290  # px of the plot
LISTED = 40  # left-out images that are shown; the command with --json has all
NO_CLAIM = (
    "The paper's Figure 6 compares contrastive learning and distillation with the baseline on "
    "masked faces: choose such runs, and a condition that includes masked faces."
)
SCALE = "times the run's own mean · click a face for those behind it"
KEY = "box: middle half · whiskers: 5 to 95 % · dashed: {} · click a box or a dot for its faces"


class PlotCard(Card):
    """Box plots by region."""

    def __init__(self, drawn: AttentionAppearance) -> None:
        super().__init__("Energy by region")
        self._drawn = drawn
        self._shown: object = None
        self.boxes, self.legend = Boxes(), label(wrap=True)
        self.key = label("", "dim", wrap=True)
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.kinds = tabs({"Share": False, "Density": True})
        self.boxes.setFixedHeight(HIGH)
        self.boxes.setAccessibleName("Energy by region: " + KEYS)
        self.key.setToolTip("Keys: " + KEYS)
        add_tabs(self, self.kinds)
        for part in (self.boxes, self.legend, self.key):
            self.body.addWidget(part)
        self.kinds.idClicked.connect(lambda number: drawn.see(dense=bool(number)))

    def show_found(self, found: AttentionFound | None) -> None:
        drawn = self._drawn
        self.kinds.button(int(drawn.dense)).setChecked(True)
        self.key.setText(KEY.format("as a map without preference" if drawn.dense else "area"))
        if found is None:
            return
        series = drawn.series
        now = (found, drawn.dense)
        if now == self._shown:
            self.boxes.refresh()
        else:
            self._shown = now
            chance = found.chance(dense=drawn.dense)
            self.boxes.show_series(REGIONS, series, chance, UNITS[drawn.dense])
        dots = (
            f'<span style="color: {one.colour}">⬤</span>&nbsp;{escape(one.name)}' for one in series
        )
        self.legend.setText(" &nbsp; ".join(dots))


class WordsCard(Card):
    """The claim, what to beware of, sanity, what was left out."""

    def __init__(self) -> None:
        super().__init__("What it means")
        self.claims, self.warning = label(wrap=True), label(wrap=True)
        self.sanity, self.listed = label(role="dim", wrap=True), label(role="dim", wrap=True)
        self.skipped = Unfolding("", self.listed)
        for part in (self.claims, self.warning, self.sanity, self.skipped):
            self.body.addWidget(part)

    def show_found(self, found: AttentionFound | None) -> None:
        self.skipped.refresh()
        if found is None:
            return
        said = found.document
        warning = " ".join(filter(None, [sentences.coarse(said), *said.get("notes", [])]))
        sanity = "\n".join(filter(None, _sanity(said)))
        self.claims.setText("\n\n".join(sentences.claims(said)) or NO_CLAIM)
        self.warning.setText(f"⚠ {warning}" if warning else "")
        self.sanity.setText(sanity)
        self.warning.setVisible(bool(warning))
        self.sanity.setVisible(bool(sanity))
        left_out = [*said["skipped"], *said["empty"]]
        self.skipped.setVisible(bool(left_out))
        self.skipped.say(f"{len(left_out):,} left out")
        lines = [f"{one['file']}: {one['reason']}" for one in left_out[:LISTED]]
        more = len(left_out) - len(lines)
        self.listed.setText("\n".join([*lines, *([f"… and {more:,} more"] if more else [])]))


class FacesCard(Card):
    """Mean maps over average faces."""

    def __init__(self, drawn: AttentionAppearance) -> None:
        super().__init__("Mean heatmap on the average face")
        self._drawn = drawn
        self.strip, self.bar = Strip(), ColourBar()
        self.conditions = tabs({c.title.capitalize(): c for c in Condition})
        add_tabs(self, self.conditions)
        self.body.addWidget(self.strip)
        foot = QHBoxLayout()
        foot.addWidget(self.bar)
        foot.addWidget(Elided(SCALE, "dim"), 1)
        self.body.addLayout(foot)
        self.conditions.idClicked.connect(lambda number: drawn.face(Condition(number)))

    def show_found(self, found: AttentionFound | None) -> None:
        drawn = self._drawn
        self.conditions.button(int(drawn.condition)).setChecked(True)
        if found is None:
            return
        for condition in Condition:
            self.conditions.button(int(condition)).setVisible(condition in found.conditions)
        self.strip.show_picture(ConditionAverages(found, drawn.condition))
        self.bar.show_scale(COLOURS, drawn.scale)


class TestsCard(Card):
    """Every paired test."""

    __test__ = False  # nor is it one of pytest's

    def __init__(self, session: Session) -> None:
        super().__init__("Paired tests by subject")
        self.table = Differences()
        self.copy = QPushButton("Copy as TSV")
        self.none = label("Choose a second run to compare.", "dim", wrap=True)
        self.top.addWidget(self.copy)
        self.body.addWidget(self.table)
        self.body.addWidget(self.none)
        self.copy.clicked.connect(self.table.copy)
        self.copy.clicked.connect(partial(session.said.emit, "Tests copied"))

    def show_found(self, found: AttentionFound | None) -> None:
        tests = found.document["tests"] if found else ()
        self.table.setVisible(bool(tests))
        self.copy.setVisible(bool(tests))
        self.none.setVisible(not tests)
        self.table.show_tests(tests)


def tabs(titles: Mapping[str, Any]) -> QButtonGroup:
    """Buttons of which one is pressed; their ids are the values as numbers."""
    group = QButtonGroup()
    for title, value in titles.items():
        button = QToolButton()
        button.setText(title)
        button.setCheckable(True)
        button.setProperty("tab", True)
        group.addButton(button, int(value))
    return group


def add_tabs(card: Card, group: QButtonGroup) -> None:
    """At the end of the card's heading."""
    for button in group.buttons():
        widget: QWidget = button
        card.top.addWidget(widget)


def _sanity(said: Mapping[str, Any]) -> list[str]:
    return [sentences.sanity(run, one["sanity"]) for run, one in said["runs"].items()]
