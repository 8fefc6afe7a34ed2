"""Names from data in the window: shown as they are, never taken as HTML or as a shortcut."""

import ast
import os
import re
import sqlite3
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QTextDocument
from PySide6.QtWidgets import QLabel, QWidget

import msde_gui
from msde_gui.dialogs import close_dialog
from msde_gui.pages.errors.listing import Listing, ListingColumn, objects
from msde_gui.pages.errors.table import ListingTable
from msde_gui.session import preferences
from msde_gui.session.selection import Selection
from msde_gui.session.session import Session
from msde_gui.widgets.labels import Elided, plain
from msde_gui.widgets.rows import Rows
from msde_gui.window.main_window import MainWindow
from tests.msde_gui import making

NAMES = ["<b>x", "<img src='file:///etc/passwd'>", "a&lt;b", "a & b", "<?xml", "a\n<b>b\n  c", "x"]
SOURCES = sorted(Path(msde_gui.__file__).parent.rglob("*.py"))
TOOLTIPS = ("setToolTip", "showText")


def shown(tip):
    """What one reads in a tooltip."""
    if not re.match("<(p|qt)", tip):
        assert "<" not in tip
        assert "&" not in tip
        return tip
    document = QTextDocument()
    document.setHtml(tip)
    return document.toPlainText()


@pytest.mark.parametrize("name", NAMES)
def test_that_a_tooltip_shows_any_name_as_it_is(qapp, name):
    assert shown(plain(name)) == name


PARTS = (ast.JoinedStr, ast.FormattedValue, ast.IfExp, ast.BinOp)


def harmless(node):
    """Whether an expression holds no text from data: words of our own, or made plain."""
    if isinstance(node, PARTS):
        return all(map(harmless, expressions(node)))
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return name == "plain"
    constant = getattr(node, "attr", getattr(node, "id", ""))
    return isinstance(node, ast.Constant) or constant.isupper()


def expressions(node):
    """What a text is put together from; the condition of a choice is no part of it."""
    test = getattr(node, "test", None)
    return [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr) and one != test]


@pytest.mark.parametrize("file", SOURCES, ids=[file.stem for file in SOURCES])
def test_that_every_text_for_html_is_made_plain(file):
    source = file.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in TOOLTIPS and file.name != "form.py":  # that one escapes line by line
            texts = node.args[1:2] if name == "showText" else node.args[-1:]
            assert all(map(harmless, texts)), f"{file}, line {node.lineno}: pass it to plain()"
        if name == "QLabel" and file.name != "labels.py":
            assert not node.args, f"{file}, line {node.lineno}: label() shows plain text"
        assert name not in ("setHtml", "insertHtml", "appendHtml", "setMarkdown"), file
    if "RichText" in source:
        assert "escape(" in source, f"{file} shows HTML: names go through escape()"
    if "ToolTipRole" in source:
        assert "plain(" in source, f"{file} has tooltips: they go through plain()"


def test_that_tables_and_labels_show_names_as_they_are(qtbot):
    name = NAMES[1]
    rows = Rows(("subject",))
    rows.show_rows([(name,)])
    errors = ListingTable(None)
    errors.show_listing(
        Listing("", (ListingColumn("Subject", objects([name])),), ((1,),), (), (name,))
    )
    for table in (rows, errors):
        qtbot.addWidget(table)
        index = table.model().index(0, 0)
        assert index.data() == name
        assert shown(index.data(Qt.ItemDataRole.ToolTipRole)) == name
    elided = Elided(name)
    qtbot.addWidget(elided)
    elided.resize(30, 20)
    elided.grab()
    assert shown(elided.toolTip()) == name


@pytest.fixture
def hostile(study_folder, monkeypatch):
    """A session on a study all of whose names are HTML."""
    folder = study_folder.rename(study_folder.with_name("<img src=x>&y"))
    with sqlite3.connect(folder / "study.sqlite") as database:
        database.execute("DELETE FROM settings")  # seals of what was imported
        database.execute("UPDATE samples SET subject = '<b>' || subject || '</b>'")
        database.execute("UPDATE skipped SET file = '<b>f</b>', reason = '<b>r</b>'")
    database.close()
    run = making.run_in(folder, folds=2)
    run.folder.rename(run.folder.with_name("001-<b>run"))
    preferences.remember_study(folder)
    session = Session()
    assert session.open(folder)
    yield session
    session.close()


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_that_no_page_takes_a_name_as_html(hostile, qtbot):
    window = MainWindow(hostile)
    window.ask = lambda parent, runs: close_dialog.CloseAnswer.STOP
    qtbot.addWidget(window)
    window.resize(1200, 800)
    window.show()
    hostile.select(Selection((1,), ("<b>chip</b>",)))
    for number in range(len(window.pages)):
        window.rail.chosen.emit(number)
        window.grab()
    seen = "".join(label.text() for label in window.findChildren(QLabel))
    assert "<b>" in seen
    for label in window.findChildren(QLabel):
        if "<b>" in label.text() or "<img" in label.text():
            assert label.textFormat() is Qt.TextFormat.PlainText, label.text()
    for one in [*window.findChildren(QWidget), *window.findChildren(QAction)]:
        shown(one.toolTip())
    assert window.top.study.text() == "Study  <img src=x>&&y"
