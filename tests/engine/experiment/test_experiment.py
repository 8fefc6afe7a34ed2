import json
from dataclasses import FrozenInstanceError, asdict, dataclass

import pytest
from pydantic import TypeAdapter

from engine.domain import Failure
from engine.embeddings.algorithms.base import embeddings
from engine.experiment.experiment import (
    PRESETS,
    Experiment,
    Training,
    change_settings,
    check_seed,
    load_settings,
    make_settings,
    plain,
    sort_changes,
)
from engine.methods.base import methods
from tests.engine.making import experiment


@dataclass(frozen=True)
class Settings:
    weight: float = 1.0


def test_that_an_experiment_survives_json():
    first = experiment(devices=("cuda:0", "cuda:1"), versions={"torch": "2.9"}, last_sample=7)
    assert make_settings(Experiment, json.loads(json.dumps(asdict(first)))) == first


def test_that_an_experiment_is_frozen():
    with pytest.raises(FrozenInstanceError):
        experiment().seed = 1


@pytest.mark.parametrize("name", PRESETS)
def test_that_a_preset_keeps_its_own_limits(name):
    assert change_settings(PRESETS[name].training, {}) == PRESETS[name].training


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
        ("epochs", True),
        ("epochs", "3"),
        ("epochs", 10**12),
        ("flip", 1),
        ("trunk_rate", 10),
        ("head_rate", 10),
        ("weight_decay", float("inf")),
        ("weight_decay", float("nan")),
        ("momentum", 1),
        ("rate_decay", 0),
        ("drops", -1),
        ("drops", [8, 0]),
        ("drops", True),
        ("drops", [8, 14.5]),
        ("scaling", "none"),
    ],
)
def test_that_a_value_out_of_its_limits_is_named(field, value):
    with pytest.raises(Failure, match=rf"^Setting {field}(\.\d)? = .* cannot be used: "):
        change_settings(Training(), {field: value})


SETTINGS = {
    "training": Training,
    **{name: cls.Settings for name, cls in methods().items()},
    **{name: cls.Settings for name, cls in embeddings().items()},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_that_every_number_has_a_least_and_a_most(name):
    schema = TypeAdapter(SETTINGS[name]).json_schema()
    for field, one in schema.get("properties", {}).items():
        number = one["items"] if one.get("type") == "array" else one
        if number.get("type") in {"number", "integer"}:
            assert {"minimum", "exclusiveMinimum"} & set(number), field
            assert "maximum" in number, field
            with pytest.raises(Failure, match="cannot be used"):
                make_settings(SETTINGS[name], {field: float("inf")})
            with pytest.raises(Failure, match="cannot be used"):
                make_settings(SETTINGS[name], {field: True})


def test_that_a_run_made_before_a_limit_was_set_can_still_be_read():
    old = json.loads(json.dumps(asdict(experiment())))
    for added in ("optimizer", "momentum", "rate_decay", "balanced", "scaling"):
        del old["training"][added]
    old["training"] |= {"trunk_rate": 10.0, "drops": [0, 3], "test_scaling": "imagenet"}
    old["training"] |= {"weight_decay": float("inf")}
    read = load_settings(Experiment, old).training
    assert (read.trunk_rate, read.drops, read.weight_decay) == (10, (0, 3), float("inf"))
    assert (read.optimizer, read.rate_decay, read.balanced) == ("adam", 1, False)
    assert (read.scaling, read.scaling_of_tests) == ("imagenet", "imagenet")
    with pytest.raises(Failure, match=r"training\.trunk_rate = 10"):
        make_settings(Experiment, old)
    with pytest.raises(Failure, match=r"training\.epochs = 'many'"):
        load_settings(Experiment, old | {"training": {"epochs": "many"}})


def test_that_held_out_faces_are_scaled_as_in_training_unless_the_mistake_is_chosen():
    for scaling in ("imagenet", "half", "unit"):
        assert Training(scaling=scaling).scaling_of_tests == scaling
        assert Training(scaling=scaling, test_scaling="half").scaling_of_tests == "half"


def test_that_a_seed_which_some_library_cannot_take_is_refused():
    for seed in (0, 2**32 - 1):
        check_seed(seed)
    for seed in (-1, 2**32, 18 * 10**15):
        with pytest.raises(Failure, match=f"seed of {seed} .* from 0 to 4294967295"):
            check_seed(seed)


def test_that_a_change_leaves_the_base_alone():
    base = Training()
    assert change_settings(base, {"epochs": 3}) == Training(epochs=3)
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
