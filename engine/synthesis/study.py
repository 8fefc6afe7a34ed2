"""Write a synthetic study: images, region maps and labels, side by side, and resume it."""

import io
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image

from engine.domain import Condition, Failure
from engine.events import Progressed, Report
from engine.store.files import read_json, write_bytes, write_json
from engine.store.tables import table_bytes, with_head
from engine.synthesis.alone import alone
from engine.synthesis.expression import MOVEMENTS, manner, perform, weights
from engine.synthesis.head import Head
from engine.synthesis.identity import Identity, identity, stream
from engine.synthesis.kept import PLACES, ROWS, TABLE, Row, find_kept, rows_file
from engine.synthesis.landmarks import names
from engine.synthesis.render import RenderedImage, render
from engine.synthesis.scene import Shot, shoot
from engine.synthesis.settings import Settings
from engine.synthesis.subject import Subject, subject
from engine.synthesis.takes import Outfit, Take, outfit, takes_of
from engine.system.processes import cores, pool

STEP = "Rendering subjects"
RECIPE = "synthesis.json"
_QUALITY = 88
_PALETTE = [
    (40, 40, 48), (222, 184, 160), (64, 160, 255), (140, 90, 40), (255, 170, 60),
    (230, 60, 80), (120, 220, 220), (90, 60, 120), (250, 240, 90), (110, 140, 90),
]  # fmt: skip


@dataclass(frozen=True)
class Written:
    images: int
    subjects: int
    pairs: int
    megabytes: float


def synthesize(folder: Path, settings: Settings, report: Report, workers: int = 0) -> Written:
    """Render what is not there yet or not whole. Raises ``Failure``.

    ``report`` may raise ``Cancelled``.
    """
    with _explain_system(folder):
        _begin(folder, settings)
        whole = find_kept(folder, settings)
        tidy = (folder / TABLE).exists() and not (folder / ROWS).exists()
        if len(whole) < settings.subjects or not tidy:
            with alone(folder):
                _complete(folder, settings, report, workers)
        return _written(folder, settings)


@contextmanager
def _explain_system(folder: Path) -> Iterator[None]:
    """What the system refuses, such as room on a full disk, as one sentence."""
    try:
        yield
    except BrokenProcessPool as error:
        raise Failure("A process that renders died: run the command again to go on.") from error
    except OSError as error:
        raise Failure(
            f"{folder} cannot be written: {error.strerror}. What is done is kept: once there is "
            "room and permission, the same command goes on."
        ) from error


def _begin(folder: Path, settings: Settings) -> None:
    """Make the folder, or check that it was begun with the same settings."""
    recipe = folder / RECIPE
    if not recipe.exists():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Failure(f"{folder} is not empty: choose another folder.")
        _make(folder)
        write_json(recipe, settings.document())
    elif read_json(recipe) != settings.document():
        raise Failure(f"{folder} was begun with other settings: choose another folder.")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"{folder} cannot be made: {error.strerror}.") from error


def _complete(folder: Path, settings: Settings, report: Report, workers: int) -> None:
    """Render the subjects that are missing or damaged, then write the table and tidy up."""
    for name in PLACES:
        (folder / name).mkdir(exist_ok=True)
    whole = find_kept(folder, settings)  # again: another process may have ended just now
    todo = [n for n in range(1, settings.subjects + 1) if n not in whole]
    if todo:
        _render_all(folder, settings, todo, report, min(workers or cores(), len(todo)))
    _finish(folder, settings, whole)


def _render_all(
    folder: Path, settings: Settings, todo: Sequence[int], report: Report, workers: int
) -> None:
    total = settings.subjects
    done = total - len(todo)
    report(Progressed(STEP, done, total))
    with pool(workers) as renderers:
        futures: list[Future[None]] = [
            renderers.submit(render_subject, folder, settings, number) for number in todo
        ]
        for count, future in enumerate(as_completed(futures), done + 1):
            future.result()
            report(Progressed(STEP, count, total))


@cache
def _head() -> Head:
    return Head()


def render_subject(folder: Path, settings: Settings, number: int) -> None:
    """All images of one subject; its rows are written last, so that half a subject is redone."""
    who = identity(settings, number)
    made = subject(settings, _head(), who)
    rows = [
        _render(folder, settings, made, take, condition)
        for take in takes_of(settings, number)
        for condition in Condition
    ]
    write_json(rows_file(folder, number), rows)


def _render(folder: Path, settings: Settings, of: Subject, take: Take, condition: Condition) -> Row:
    who, clothes = of.who, outfit(settings, of.who, take)
    draw = stream(settings.seed, who.number, 6, take.expression, take.take, condition)
    act = perform(settings, who.number, take.expression, take.take)
    shot = shoot(draw, settings, of.between)
    masked = condition is Condition.MASKED
    units = weights(manner(settings, who.number), act, draw, masked=masked)
    wear = clothes.wear(settings, who, condition)
    picture = render(of, units, wear, shot, settings.size, draw)
    stem = f"{take.pair}_{condition.short}"
    write_bytes(folder / "faces" / f"{stem}.jpg", _jpeg(picture))
    write_bytes(folder / "regions" / f"{stem}.png", _region_map(picture))
    row: Row = {
        "file": f"faces/{stem}.jpg",
        "subject": who.name,
        "expression": take.expression.title,
        "condition": condition.title,
        "pair": take.pair,
        "set": "extra" if take.take else "main",
        "second": act.second.title if act.second is not None else "",
        "second_share": round(act.share, 3),
        "strength": round(act.strength, 3),
    }
    return row | _worn(clothes, condition) | _person(who) | _taken(shot) | _truth(units, picture)


def _jpeg(picture: RenderedImage) -> bytes:
    stored = io.BytesIO()
    Image.fromarray(picture.image).save(stored, "JPEG", quality=_QUALITY, optimize=True)
    return stored.getvalue()


def _region_map(picture: RenderedImage) -> bytes:
    image = Image.fromarray(picture.regions, mode="P")
    image.putpalette([channel for colour in _PALETTE for channel in colour])
    stored = io.BytesIO()
    image.save(stored, "PNG", optimize=True, bits=4)
    return stored.getvalue()


def _worn(clothes: Outfit, condition: Condition) -> Row:
    masked = condition is Condition.MASKED
    glasses = "sunglasses" if clothes.dark else "glasses" if clothes.glasses else "none"
    return {
        "mask": clothes.mask if masked else "none",
        "worn": ("under nose" if clothes.low else "over nose") if masked else "",
        "glasses": glasses,
    }


def _person(who: Identity) -> Row:
    sex = "male" if who.male else "female"
    return {"sex": sex, "age": round(who.years, 1), "tone": round(who.tone, 2), "hair": who.haircut}


def _taken(shot: Shot) -> Row:
    angles = {"yaw": shot.yaw, "pitch": shot.pitch, "roll": shot.roll}
    light = {"light_yaw": shot.light.yaw, "light_pitch": shot.light.pitch}
    degrees = {name: round(angle * 57.29578, 1) for name, angle in (angles | light).items()}
    return {**degrees, "light_share": round(shot.light.share, 2)}


def _truth(units: dict[str, float], picture: RenderedImage) -> Row:
    """Intensities by movement (the mean of both sides) and landmarks in pixels."""
    row: Row = {}
    for name in MOVEMENTS:
        sides = [units[key] for key in (name, f"{name}Left", f"{name}Right") if key in units]
        row[f"unit_{name}"] = round(sum(sides) / len(sides), 3) if sides else 0
    for name in names():
        x, y = picture.landmarks[name]
        row[f"{name}_x"], row[f"{name}_y"] = round(x, 1), round(y, 1)
    return row


def _finish(folder: Path, settings: Settings, whole: Mapping[int, list[Row]]) -> None:
    """Put the subjects' rows together as the table of labels."""
    numbers = range(1, settings.subjects + 1)
    rows = [row for n in numbers for row in whole.get(n) or read_json(rows_file(folder, n))]
    write_bytes(folder / TABLE, table_bytes(with_head(rows)))
    for file in (folder / ROWS).iterdir():
        file.unlink()
    (folder / ROWS).rmdir()


def _written(folder: Path, settings: Settings) -> Written:
    files = [file for place in ("faces", "regions") for file in (folder / place).iterdir()]
    size = sum(file.stat().st_size for file in (*files, folder / TABLE))
    pairs = settings.subjects * 7 + settings.extra
    return Written(2 * pairs, settings.subjects, pairs, round(size / 1e6, 1))
