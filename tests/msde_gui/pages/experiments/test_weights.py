from dataclasses import replace

import pytest
from PySide6.QtWidgets import QFileDialog

from msde_gui.pages.experiments.form_model import arguments, first, plan_schema
from msde_gui.widgets.form import Form
from tests.msde_gui.making import catalogue


@pytest.fixture
def form(qtbot):
    made = Form()
    qtbot.addWidget(made)
    made.draw(plan_schema(catalogue().method("baseline"), {}))
    return made


def test_that_random_weights_are_not_said():
    known = catalogue()
    assert "--weights" not in arguments(first(known), known, "S")


def test_that_a_weight_file_becomes_an_option():
    known = catalogue()
    words = arguments(replace(first(known), weights="my faces.pth"), known, "S")
    assert words[words.index("--weights") + 1] == "my faces.pth"


def test_that_a_weight_file_can_be_chosen_or_typed(form, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/w/faces.pth", ""))
    (browse,) = form.widget("weights").actions()
    with qtbot.waitSignal(form.changed):
        browse.trigger()
    assert form.values()["weights"] == "/w/faces.pth"
    form.widget("weights").setText("imagenet")
    assert form.values()["weights"] == "imagenet"


def test_that_a_dialog_that_is_cancelled_changes_nothing(form, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    form.widget("weights").setText("imagenet")
    form.widget("weights").actions()[0].trigger()
    assert form.values()["weights"] == "imagenet"
