import json
from dataclasses import replace

import pytest

from engine.experiment.experiment import Training, change_settings, plain
from msde_gui.pages.experiments.form_model import (
    ExperimentChoice,
    arguments,
    first,
    plan_schema,
    with_method,
    with_preset,
)
from msde_gui.widgets.form import Form
from msde_gui.widgets.schema import fields
from tests.msde_gui.making import catalogue

TRAINING = {
    "properties": {
        "epochs": {
            "title": "Epochs",
            "type": "integer",
            "minimum": 1,
            "default": 25,
            "description": "Times each training image is seen",
        },
        "trunk_rate": {
            "title": "Trunk Rate",
            "type": "number",
            "exclusiveMinimum": 0,
            "default": 1e-4,
            "description": "Learning rate of the trunk",
        },
        "drops": {
            "title": "Drops",
            "type": "array",
            "items": {"type": "integer"},
            "default": [8, 14, 20],
            "description": "Rates are divided by ten after these epochs",
        },
        "flip": {"title": "Flip", "type": "boolean", "default": True, "description": "Mirror"},
    }
}


@pytest.fixture
def form(qtbot):
    made = Form()
    qtbot.addWidget(made)
    made.draw(TRAINING)
    return made


def arguments_with(**training):
    known = catalogue()
    choice = first(known)
    chosen = replace(choice, training={**choice.training, **training})
    return arguments(chosen, known, "S")


def test_that_a_form_shows_each_field_with_its_default(form):
    assert form.values() == {
        "epochs": 25,
        "trunk_rate": 1e-4,
        "drops": [8, 14, 20],
        "flip": True,
    }
    assert form.widget("drops").text() == "8, 14, 20"


def test_that_a_field_explains_itself_in_its_tooltip(form):
    assert "Times each training image is seen" in form.widget("epochs").toolTip()


def test_that_a_rate_may_be_typed_with_an_exponent(form, qtbot):
    with qtbot.waitSignal(form.changed):
        form.widget("trunk_rate").setText("3e-5")
    assert form.values()["trunk_rate"] == 3e-5


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("trunk_rate", "abc", "Trunk rate: “abc” is not a number"),
        ("trunk_rate", "0", "Trunk rate must be more than 0."),
        ("trunk_rate", "nan", "is not a number"),
        ("drops", "8, x", "Drops: “x” is not a whole number"),
    ],
)
def test_that_bad_text_is_answered_with_a_sentence_and_changes_nothing(form, key, text, said):
    before = form.values()
    form.widget(key).setText(text)
    assert said in form.problem()
    assert form.values() == before


def test_that_text_is_left_alone_while_its_meaning_is_shown_again(form):
    form.widget("trunk_rate").setText("1e-3")
    form.show_values(form.values(), {})
    assert form.widget("trunk_rate").text() == "1e-3"


def test_that_bad_text_gives_way_once_it_is_to_be_forgotten(form):
    form.widget("trunk_rate").setText("abc")
    form.forget()
    form.show_values({"trunk_rate": 0.5}, {})
    assert form.problem() == ""
    assert form.widget("trunk_rate").text() == "0.5"


def test_that_showing_values_is_not_said_to_be_an_edit(form, qtbot):
    with qtbot.assertNotEmitted(form.changed):
        form.show_values({"epochs": 3, "flip": False, "drops": [1]}, {})
    assert form.values()["epochs"] == 3


def test_that_what_differs_from_the_base_is_marked(form):
    form.show_values({"epochs": 3}, {"epochs": 25, "flip": True})
    assert "Changed from 25" in form.widget("epochs").toolTip()
    assert "Changed" not in form.widget("flip").toolTip()


def test_that_references_and_optional_types_are_followed():
    schema = {
        "$defs": {"Kind": {"enum": ["a", "b"], "title": "Kind"}},
        "properties": {
            "kind": {"$ref": "#/$defs/Kind", "default": "b"},
            "size": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
        },
    }
    kind, size = fields(schema)
    assert (kind.kind, kind.choices, kind.default) == ("choice", ("a", "b"), "b")
    assert size.kind == "integer"


def test_that_only_differences_from_the_preset_become_settings():
    assert arguments_with() == (
        [
            "run",
            "--study",
            "S",
            "--method",
            "baseline",
            "--train",
            "nm",
            "--preset",
            "quick",
            "--seed",
            "0",
            "--folds",
            "3",
        ]
    )
    assert arguments_with(epochs=5)[-2:] == ["--set", "epochs=5"]


@pytest.mark.parametrize("drops", [[], [4], [3, 5]])
@pytest.mark.parametrize("flip", [True, False])
def test_that_the_engine_reads_settings_as_they_were_meant(drops, flip):
    words = arguments_with(drops=drops, flip=flip, trunk_rate=2.5e-7)
    pairs = [word.split("=", 1) for word in words if "=" in word]
    values = {key: plain(text) for key, text in pairs}
    read = change_settings(Training(drops=(9, 13)), values)
    assert (list(read.drops), read.flip, read.trunk_rate) == (drops, flip, 2.5e-7)


def test_that_a_preset_brings_its_folds_and_training_values():
    known = catalogue()
    choice = with_preset(first(known), known, "paper")
    assert (choice.folds, choice.training["epochs"]) == (10, 25)


def test_that_a_method_keeps_what_is_trained_on_only_if_it_can():
    known = catalogue()
    masked = replace(first(known), train="m")
    assert with_method(masked, known, "baseline").train == "m"
    assert with_method(masked, known, "contrastive").train == "pairs"
    assert with_method(masked, known, "contrastive").settings["feature_weight"] == 0.2


def test_that_a_method_brings_its_own_values_of_a_preset():
    known = catalogue()
    scan = with_method(first(known), known, "scan")
    assert (scan.preset, scan.training["trunk_rate"]) == ("quick", 5e-4)
    assert scan.settings["network"] == "scan18"
    assert "--set" not in arguments(scan, known, "S")
    paired = with_method(scan, known, "contrastive")
    assert with_preset(paired, known, "alt").settings["feature_weight"] == 1


def test_that_a_methods_presets_are_those_that_it_offers():
    known = catalogue()
    paired = with_method(first(known), known, "contrastive")
    offered = plan_schema(known.method("contrastive"), {})["properties"]["preset"]["enum"]
    assert offered == ["paper", "released", "quick", "alt"]
    other = with_preset(paired, known, "alt")
    assert with_method(other, known, "baseline").preset == "paper"


def test_that_what_was_changed_of_the_training_is_kept_by_another_method():
    known = catalogue()
    begun = first(known)
    edited = replace(begun, folds=5, training={**begun.training, "epochs": 4})
    moved = with_method(edited, known, "scan")
    assert moved.folds == 5
    assert moved.training == {**known.method("scan").presets["quick"].training, "epochs": 4}
    assert moved.training["trunk_rate"] == 5e-4


def test_that_a_choice_is_plain_frozen_data():
    with pytest.raises(AttributeError):
        ExperimentChoice().method = "x"
    assert json.dumps(first(catalogue()).training)
