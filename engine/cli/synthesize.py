"""``msde synthesize``: a study of rendered faces with exact ground truth."""

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli._options import Processes, bound
from engine.cli._output import Json, Output, Shown
from engine.data.formats.base import plural
from engine.domain import Failure
from engine.store.exports import check_folder
from engine.synthesis import assets
from engine.synthesis.settings import MASKS, Range, Settings

PLACE = 20  # among the commands
_PLAIN = Settings()
MOST = 100_000  # subjects, as the settings have it


def add_to(app: typer.Typer) -> None:
    app.command("synthesize")(synthesize_study)


def _range(default: Range) -> str:
    return f"{default[0]:g}:{default[1]:g}"


def synthesize_study(
    out: Annotated[Path, typer.Argument(help="The new folder; one begun before is gone on with.")],
    subjects: Annotated[int, typer.Option(help="How many people.")] = _PLAIN.subjects,
    seed: Annotated[int, typer.Option(help="Other seeds are other people.")] = _PLAIN.seed,
    size: Annotated[int, typer.Option(help="Pixels of an image's side.")] = _PLAIN.size,
    extra: Annotated[
        int,
        bound(-1, MOST, help="Second pairs of hard expressions; at most one a subject."),
    ] = -1,
    intensity: Annotated[
        str, typer.Option(help="Of expressions, LOW:HIGH; 0 none, 1 full.")
    ] = _range(_PLAIN.intensity),
    blend: Annotated[
        float, typer.Option(help="Share of pairs that blend in a second expression.")
    ] = _PLAIN.blend,
    yaw: Annotated[float, typer.Option(help="Degrees to either side.")] = _PLAIN.yaw,
    pitch: Annotated[float, typer.Option(help="Degrees up or down.")] = _PLAIN.pitch,
    roll: Annotated[float, typer.Option(help="Degrees to either shoulder.")] = _PLAIN.roll,
    light: Annotated[
        str, typer.Option(help="Share of the light from one side, LOW:HIGH in 0..1.")
    ] = _range(_PLAIN.light),
    mask: Annotated[
        list[str] | None, typer.Option(help=f"May be repeated: {', '.join(MASKS)}.")
    ] = None,
    low: Annotated[float, typer.Option(help="Share of masks worn under the nose.")] = _PLAIN.low,
    glasses: Annotated[
        float, typer.Option(help="Share of subjects with glasses.")
    ] = _PLAIN.glasses,
    sunglasses: Annotated[
        float, typer.Option(help="Share of pairs with sunglasses.")
    ] = _PLAIN.sunglasses,
    tone: Annotated[str, typer.Option(help="Of the skin, LOW:HIGH; 0 light to 6 dark.")] = _range(
        _PLAIN.tone
    ),
    age: Annotated[str, typer.Option(help="Years, LOW:HIGH.")] = _range(_PLAIN.age),
    workers: Processes = 0,
    as_json: Json = False,
    progress: Shown = "bar",
) -> None:
    """Render people, seven expressions each with and without a mask, and all that is true of them.

    The same options give the same bytes on one machine. Import the folder with `msde import`.
    """
    settings = _settings(
        subjects=subjects,
        seed=seed,
        size=size,
        extra=min(_PLAIN.extra, subjects) if extra < 0 else extra,
        intensity=_pair(intensity, "--intensity"),
        blend=blend,
        yaw=yaw,
        pitch=pitch,
        roll=roll,
        light=_pair(light, "--light"),
        masks=tuple(mask or MASKS),
        low=low,
        glasses=glasses,
        sunglasses=sunglasses,
        tone=_pair(tone, "--tone"),
        age=_pair(age, "--age"),
    )
    check_folder(out)
    assets.require()
    from engine.synthesis.study import synthesize

    output = Output(as_json, progress)
    with output.live():
        done = synthesize(out, settings, output.report, workers)
    said = {
        "folder": str(out),
        "images": done.images,
        "subjects": done.subjects,
        "pairs": done.pairs,
        "megabytes": done.megabytes,
    }
    output.answer(
        said,
        f"{plural(done.images, 'image')} of {plural(done.subjects, 'subject')} in {out}, "
        f"{done.megabytes:g} MB. To use them: msde import {out} --study STUDY",
    )


def _settings(**chosen: Any) -> Settings:
    """What is out of its range is wrong usage."""
    try:
        return Settings(**chosen)
    except Failure as error:
        raise typer.BadParameter(str(error)) from error


def _pair(text: str, option: str) -> Range:
    low, _, high = text.partition(":")
    try:
        return float(low), float(high or low)
    except ValueError as error:
        raise typer.BadParameter(f"“{text}” is not LOW:HIGH.", param_hint=option) from error
