import json
from dataclasses import FrozenInstanceError, asdict, dataclass

import pytest

from engine.domain import Failure
from engine.experiment import (
    PRESETS,
    Experiment,
    Training,
    changed,
    chosen,
    plain,
    sort_changes,
)
from tests.engine.making import experiment


@dataclass(frozen=True)
class Settings:
    weight: float = 1.0


def test_that_an_experiment_survives_json():
    first = experiment(devices=("cuda:0", "cuda:1"), versions={"torch": "2.9"}, last_sample=7)
    assert chosen(Experiment, json.loads(json.dumps(asdict(first)))) == first


def test_that_an_experiment_is_frozen():
    with pytest.raises(FrozenInstanceError):
        experiment().seed = 1


@pytest.mark.parametrize("name", PRESETS)
def test_that_a_preset_keeps_its_own_limits(name):
    assert changed(PRESETS[name].training, {}) == PRESETS[name].training


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0),
        ("epochs", 1.5),
        ("epochs", "many"),
        ("batch", 1),
        ("size", 31),
        ("size", 10_000),
        ("trunk_rate", 0),
        ("trunk_rate", float("nan")),
        ("weight_decay", -1),
        ("geometry", 5),
        ("flip", "perhaps"),
        ("drops", "soon"),
    ],
)
def test_that_a_value_out_of_its_limits_is_named(field, value):
    with pytest.raises(Failure, match=f"^Setting {field} = .* cannot be used: "):
        changed(Training(), {field: value})


def test_that_a_change_leaves_the_base_alone():
    base = Training()
    assert changed(base, {"epochs": 3}) == Training(epochs=3)
    assert base == Training()


def test_that_choices_are_sorted_to_the_method_and_the_training():
    sorted_ = sort_changes({"epochs": "3", "weight": "0.5", "drops": "1,2"}, Settings)
    assert sorted_ == ({"weight": 0.5}, {"epochs": 3, "drops": [1, 2]})


def test_that_an_unknown_setting_lists_those_there_are():
    with pytest.raises(Failure, match=r"no setting “epoch”: choose one of .*epochs, .*weight,"):
        sort_changes({"epoch": "3"}, Settings)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("3", 3),
        ("1e-4", 1e-4),
        ("true", True),
        ("8,14", [8, 14]),
        ("[8,14]", [8, 14]),
        ("resnet18", "resnet18"),
        ("データ", "データ"),
        ("", []),
        (7, 7),
    ],
)
def test_that_a_text_is_read_as_what_it_means(text, meant):
    assert plain(text) == meant
