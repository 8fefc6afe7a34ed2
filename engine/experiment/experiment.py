"""What to do: method, settings, folds and seed, frozen before anything runs."""

import json
from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_core import SchemaValidator

from engine.domain import MOST_FOLDS, MOST_SEED, Failure
from engine.system.validation import adapter

TrainOn = Literal["nm", "m", "mix", "pairs"]
Scaling = Literal["imagenet", "half", "unit"]
Precision = Literal["auto", "bf16", "fp32"]
Name = Annotated[str, Field(max_length=500)]
Plain = Annotated[str, Field(max_length=200, pattern=r"^([^/\\\x00-\x1f.][^/\\\x00-\x1f]*)?$")]
LEARNING = "1"  # raised whenever the same experiment would teach a network otherwise
T = TypeVar("T")
LIMITS = ("ge", "gt", "le", "lt")


def option(text: str, **limits: Any) -> Any:
    """A field's explanation and limits: they draw its form, its tooltip and its CLI option."""
    return Field(description=text, **limits)


def _tuple(value: Any) -> Any:
    """One number, or a list as JSON has it, as the tuple it means."""
    if isinstance(value, int):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True)
class Training:
    """What every method shares: images, optimiser and schedule. Defaults are the paper's."""

    epochs: Annotated[
        int, option("Times each training image is seen (paper: 25)", ge=1, le=10_000)
    ] = 25
    batch: Annotated[
        int, option("Images, or pairs, in one step (paper: not given)", ge=2, le=4096)
    ] = 32
    size: Annotated[
        int, option("Side of the square input", ge=32, le=512, json_schema_extra={"unit": "px"})
    ] = 224
    optimizer: Annotated[
        Literal["adam", "sgd"],
        option("adam (paper), or sgd with momentum as RAN's and SCAN's authors have it"),
    ] = "adam"
    momentum: Annotated[float, option("Of sgd; adam has its own", ge=0, le=0.999)] = 0.9
    trunk_rate: Annotated[float, option("Learning rate of the trunk (paper: 1e-4)", gt=0, le=1)] = (
        1e-4
    )
    head_rate: Annotated[
        float, option("Learning rate of all that follows the trunk (paper: 1e-3)", gt=0, le=1)
    ] = 1e-3
    drops: Annotated[
        tuple[Annotated[int, Field(ge=1, le=10_000)], ...],
        BeforeValidator(_tuple),
        option("Both rates are divided by ten after these epochs (paper: 8, 14, 20)"),
    ] = (8, 14, 20)
    rate_decay: Annotated[
        float, option("Both rates are multiplied by this after every epoch", gt=0, le=1)
    ] = 1.0
    weight_decay: Annotated[
        float, option("Weight decay of the optimiser (released program: 1e-4)", ge=0, le=1)
    ] = 1e-4
    balanced: Annotated[
        bool,
        option(
            "Draw as many images, but each expression as often as any other: some images several "
            "times in an epoch, some not at all"
        ),
    ] = False
    flip: Annotated[bool, option("Mirror half of the images at random")] = True
    geometry: Annotated[
        float,
        option("Strength of random shift, scale and rotation; 1 as released, 0 off", ge=0, le=4),
    ] = 1.0
    colour: Annotated[
        float, option("Strength of random hue, saturation, brightness and contrast", ge=0, le=4)
    ] = 1.0
    scaling: Annotated[
        Scaling,
        option(
            "How pixels are scaled: by ImageNet's mean and deviation, by half (mean and deviation "
            "0.5: -1 to 1), or unit (0 to 1)"
        ),
    ] = "imagenet"
    test_scaling: Annotated[
        Literal["same", "half"],
        # What was chosen when faces were scaled by ImageNet's values alone.
        BeforeValidator(lambda value: "same" if value == "imagenet" else value),
        option(
            "How the pixels of held-out faces are scaled: the same as in training, or half, as the "
            "released program does by mistake"
        ),
    ] = "same"
    precision: Annotated[
        Precision,
        option("Number format of the sums: auto is bf16 where this machine is faster with it"),
    ] = "auto"

    @property
    def scaling_of_tests(self) -> Scaling:
        return self.scaling if self.test_scaling == "same" else self.test_scaling


@dataclass(frozen=True)
class Preset:
    """Named starting values of the form; a method may put its own in their place."""

    title: str
    folds: int
    training: Training
    general: bool = True  # else only methods with values of their own for it offer it


PRESETS: Mapping[str, Preset] = {
    "paper": Preset("As in the paper: 25 epochs, 224 px, 10 folds", 10, Training()),
    "released": Preset(
        "As the MSD-E authors' public program: 24 epochs, batches of 96, and those of its mistakes "
        "that change numbers, each an option that says so",
        10,
        Training(epochs=24, batch=96, trunk_rate=1e-3, drops=(14, 21), test_scaling="half"),
        general=False,
    ),
    "authors": Preset(
        "As the public program of the method's own authors",
        10,
        Training(epochs=60, optimizer="sgd", geometry=0),
        general=False,
    ),
    "quick": Preset(
        "Minutes on two cores: 64 px, 10 epochs, 3 folds",
        3,
        Training(epochs=10, size=64, trunk_rate=1e-3, drops=(6, 9)),
    ),
    "alt": Preset(
        "As in the paper, with the other reading of the weights in its eq. 3",
        10,
        Training(),
        general=False,
    ),
}


@dataclass(frozen=True)
class Experiment:
    """Dataset + method + settings + protocol + seed. The folds lie beside it in the run."""

    method: Plain
    train: TrainOn
    preset: Name
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    folds: Annotated[int, Field(ge=1, le=MOST_FOLDS)]
    training: Training
    settings: dict[str, Any]  # of the method, as its own ``Settings`` reads them
    dataset: Name = ""  # an import's name; empty is the whole study
    last_sample: Annotated[int, Field(ge=0, lt=2**63)] = 0  # later imports do not change a run
    fingerprint: Name = ""  # of the dataset's content
    labels: Name = "imported"  # the label version
    teacher: Plain = ""  # the run whose networks this one learns from, fold by fold
    weights: str = ""  # a file, or a name, that networks start from; empty: random
    weights_sha256: str = ""
    devices: Annotated[tuple[Name, ...], Field(min_length=1)] = (
        "cpu",
    )  # cpu, or each GPU that folds may use
    precision: Name = "fp32"  # never auto
    versions: dict[str, str] = field(default_factory=dict)


@cache
def _drop_limits(cls: Hashable) -> SchemaValidator:
    """Reads what ``adapter`` does, whatever the limits of a setting's numbers."""

    def without(schema: Any, limited: bool) -> Any:
        if isinstance(schema, dict):
            limited = schema["cls"] is Experiment if "cls" in schema else limited
            kept = {key: one for key, one in schema.items() if limited or key not in LIMITS}
            return {key: without(one, limited) for key, one in kept.items()}
        return [without(one, limited) for one in schema] if isinstance(schema, list) else schema

    return SchemaValidator(without(adapter(cls).core_schema, False))


def make_settings(cls: type[T], values: Mapping[str, Any]) -> T:
    """A settings dataclass from plain values. Raises ``Failure`` that names the wrong one."""
    try:
        text = json.dumps(dict(values))
        made: T = adapter(cls).validate_json(text, strict=True)  # type: ignore[arg-type]
        return made
    except ValidationError as error:
        raise _explain_refusal(cls, error) from error


def load_settings(cls: type[T], values: Any) -> T:
    """As ``make_settings``, for what a run was made of: limits newer than it do not count."""
    try:
        made: T = _drop_limits(cls).validate_python(values)  # type: ignore[arg-type]
        return made
    except ValidationError as error:
        raise _explain_refusal(cls, error) from error


def _explain_refusal(cls: type, error: ValidationError) -> Failure:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or cls.__name__
    given = "" if isinstance(first["input"], dict) else f" = {first['input']!r}"
    return Failure(f"Setting {place}{given[:200]} cannot be used: {first['msg']}.")


def check_seed(seed: int) -> None:
    """Raise ``Failure`` for one that some library cannot draw from."""
    if not 0 <= seed <= MOST_SEED:
        raise Failure(f"A seed of {seed} cannot be used: choose one from 0 to {MOST_SEED}.")


def change_settings(base: T, changes: Mapping[str, Any]) -> T:
    """``base`` with some fields replaced, checked again."""
    return make_settings(type(base), {**asdict(base), **changes})  # type: ignore[call-overload]


def sort_changes(
    texts: Mapping[str, Any], settings: type, training: type = Training
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split ``key=value`` choices into the method's and the training's; ``Failure`` for others."""
    of_method = {f.name for f in fields(settings)}
    of_training = {f.name for f in fields(training)}
    unknown = [key for key in texts if key not in of_method | of_training]
    if unknown:
        known = ", ".join(sorted(of_method | of_training))
        raise Failure(f"There is no setting “{unknown[0]}”: choose one of {known}.")
    values = {key: plain(text) for key, text in texts.items()}
    return (
        {key: value for key, value in values.items() if key in of_method},
        {key: value for key, value in values.items() if key in of_training},
    )


def plain(text: Any) -> Any:
    """What a text on the command line means: 3, 0.1, true, [8,14] or 8,14; else itself."""
    if not isinstance(text, str):
        return text
    for candidate in (text, f"[{text}]"):
        try:
            return json.loads(candidate)
        except ValueError:
            continue
    return text
