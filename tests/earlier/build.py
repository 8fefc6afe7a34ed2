"""Make ``version-0.1.zip``, a study with runs of every method, and what that version says of it.

It runs with the code of version 0.1 alone: ``python -m tests.earlier.build``. The study is drawn,
trained and stopped by the program itself. Networks and checkpoints are then made compressible:
every tensor repeats its first few values, and the statistics of batch normalisation are made to
fit, so that networks stay lively. All that follows from networks is made anew by the program.
"""

import json
import shutil
import struct
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import torch
from engine.augmentation import normalised
from engine.execution import fold, launch
from engine.execution.assignment import Assignment
from engine.pixels import pack
from engine.statistics.runs import scored
from engine.trained import load
from PIL import Image, ImageDraw
from torch import nn

from benchmarks import drawings
from engine.events import EpochEnded, silent
from engine.store.files import write_json
from engine.store.runs import Run, State, runs_in
from engine.store.study import Study
from tests.earlier import asking
from tests.earlier.asking import msde

PLACE = Path(__file__).parent
NAME = "version-0.1"
SIDE = 32  # px of the images
SIZE, BATCH = 48, 4  # px that networks see, and how many at once
SHARED = ("epochs=2", f"batch={BATCH}", f"size={SIZE}", "drops=1", "precision=fp32")
# Method, images, network and more settings. The rates of some heads are high for answers that
# differ from face to face.
FINISHED = (
    ("baseline", "nm", "efficientnet-lite0"),
    ("baseline", "m", "msde18", "head_rate=0.5"),
    ("baseline", "mix", "resnet18"),
    ("contrastive", "pairs", "resnet18"),
    ("distillation", "pairs", "efficientnet-lite0"),
    ("ran", "mix", "ran18", "optimizer=sgd"),
    ("scan", "mix", "scan18", "head_rate=0.02"),
)
STOPPED = (
    ("baseline", "nm", "efficientnet-lite0"),
    ("baseline", "m", "efficientnet-lite0"),
    ("baseline", "mix", "resnet18"),
    ("contrastive", "pairs", "efficientnet-lite0"),
    *FINISHED[4:],
)
QUEUED = FINISHED[3]
LANDMARKS = {  # in shares of the side
    "right_eye": (0.365, 0.46), "left_eye": (0.635, 0.46), "right_brow_outer": (0.3, 0.36),
    "right_brow_inner": (0.42, 0.36), "left_brow_inner": (0.58, 0.36),
    "left_brow_outer": (0.7, 0.36), "chin": (0.5, 0.88),
}  # fmt: skip
MANY, WIDE, NARROW = 4096, 127, 13  # a tensor of more than many repeats a wide piece of itself


def main():
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder, "study")
        draw(study)
        imported = ("--format", "table", "--name", "drawn", "--column", "path=file")
        msde(study, "import", study, *imported)
        for chosen in FINISHED:
            msde(study, *words(*chosen))
        for chosen in STOPPED:
            stop(study, *chosen)
        waiting = msde(study, *words(*QUEUED), "--queue")
        msde(study, "queue", "--add", waiting["run"])
        thin(study)
        asking.analyses(study, kept=False)
        pack_up(study)
        expect(study)


def draw(study):
    """Four people with every expression, non-masked and masked, and where parts of faces are."""
    for name in ("faces", "regions"):
        (study / name).mkdir(parents=True)
    places = {
        f"{name}_{axis}": place * SIDE
        for name, point in LANDMARKS.items()
        for axis, place in zip("xy", point, strict=True)
    }
    lines = [("file", "expression", "subject", "condition", "pair", *places)]
    for seed in range(4 * 7 * 2):
        person, number, masked = seed // 14, seed // 2 % 7, seed % 2
        expression, condition = asking.EXPRESSIONS[number], ("nm", "m")[masked]
        pair = f"s{person}-{expression}"
        face = drawings.draw(drawings.person(person), number, bool(masked), SIDE, seed)
        face.save(study / f"faces/{pair}-{condition}.jpg", quality=80)
        parts(masked).save(study / f"regions/{pair}-{condition}.png")
        file = f"faces/{pair}-{condition}.jpg"
        lines.append((file, expression, f"s{person}", condition, pair, *places.values()))
    table = "".join(",".join(map(str, line)) + "\n" for line in lines)
    (study / "labels.csv").write_text(table, encoding="utf-8")


def parts(masked):
    """About where a drawn face has hair, skin, eyes, brows, nose, mouth and mask."""
    shown = Image.new("L", (SIDE, SIDE))
    boxes = [
        (7, 0.15, 0.05, 0.85, 0.88),
        (1, 0.18, 0.2, 0.82, 0.88),
        *((2, x - 0.06, 0.42, x + 0.06, 0.5) for x in (0.365, 0.635)),
        *((3, x - 0.07, 0.34, x + 0.07, 0.39) for x in (0.365, 0.635)),
        (4, 0.45, 0.48, 0.55, 0.62),
        (5, 0.38, 0.66, 0.62, 0.76),
        (6, 0.2, 0.55, 0.8, 0.9),
    ]
    for part, *box in boxes if masked else boxes[:-1]:
        ImageDraw.Draw(shown).ellipse([place * SIDE for place in box], fill=part)
    return shown


def words(method, images, network, *settings):
    chosen = [f"--set={one}" for one in (*SHARED, f"network={network}", *settings)]
    what = ("--method", method, "--train", images, "--folds", 2, "--progress", "none")
    return ["run", *what, *chosen]


def stop(study, *chosen):
    """Stopped in the second epoch of the second fold; once more if that came between batches."""
    said = msde(study, *words(*chosen), "--queue")
    run = Run(study / "runs" / said["run"])
    worker = launch.start(run, 1)
    while not any(isinstance(one, EpochEnded) and one.fold == 1 for one in run.events()):
        time.sleep(0.01)
    launch.stop(run)
    while not worker.ended(0.1):
        pass
    if not amid_epoch(run.fold(1) / "training.safetensors"):
        shutil.rmtree(run.folder)
        stop(study, *chosen)


def amid_epoch(file):
    """Whether some batches of an epoch have been counted."""
    if not file.exists():
        return False
    return json.loads(header(file.read_bytes())["__metadata__"]["state"])["seen"] > 0


def thin(study):
    """Networks and checkpoints become compressible; predictions and scores are made anew."""
    with Study(study) as opened:
        dataset = opened.dataset()
        pixels = pack(dataset, SIZE, opened.cache, silent)
    faces = normalised(torch.from_numpy(np.load(pixels)))
    for run in runs_in(study / "runs"):
        for file in sorted(run.folder.rglob("*.safetensors")):
            repeat(file, load(run, 0), faces)
        for number in run.finished_folds():
            (run.fold(number) / "predictions.npz").unlink()
            fold.work(Assignment(run.folder, number, pixels, "cpu", "fp32", BATCH), silent)
        if run.state() is State.FINISHED:
            write_json(run.folder / "scores.json", scored(run, dataset))


def repeat(file, network, faces):
    """Every tensor of floats repeats its first values; the file's header stays as it is."""
    content = bytearray(file.read_bytes())
    tensors = dict(views(content))
    for values in tensors.values():
        values[...] = repeated(values)
    tensors = {name.removeprefix("method.network."): one for name, one in tensors.items()}
    for name, values in statistics(network, tensors, faces).items():
        tensors[name][...] = repeated(values.numpy())
    file.write_bytes(content)


def header(content):
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length])


def views(content):
    """The tensors of floats in a file's content, by name; what is written to them is in it."""
    (length,) = struct.unpack("<Q", content[:8])
    for name, one in header(content).items():
        if one.get("dtype") == "F32":
            start, end = one["data_offsets"]
            flat = np.frombuffer(content, "<f4", (end - start) // 4, 8 + length + start)
            yield name, flat.reshape(one["shape"])


def repeated(values):
    """Of as many, in bf16's precision; weights without a mean, which would drown all else."""
    piece = values.ravel()[: WIDE if values.size > MANY else NARROW].copy()
    if values.size > MANY and piece.min() < 0:
        piece = (piece - piece.mean()) * values.std() / max(piece.std(), 1e-12)
    rounded = (piece.view("<u4") & 0xFFFF0000).view("<f4")
    return np.resize(rounded, values.shape)


def statistics(network, tensors, faces):
    """Those of batch normalisation, by name, that fit the other tensors."""
    state = network.state_dict()
    known = {name: torch.from_numpy(tensors[name]) for name in state if name in tensors}
    network.load_state_dict(state | known)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.reset_running_stats()
            part.momentum = None  # the plain mean
    with torch.no_grad():
        network.train()(faces)
    return {name: value for name, value in network.state_dict().items() if "running_" in name}


def pack_up(study):
    """All but what tells of the machine."""
    for beat in study.rglob("heartbeat"):
        said = json.loads(beat.read_text(encoding="utf-8"))
        beat.write_text(json.dumps(said | {"host": "elsewhere"}), encoding="utf-8")
    with zipfile.ZipFile(PLACE / f"{NAME}.zip", "w", zipfile.ZIP_LZMA) as packed:
        for file in sorted(study.rglob("*")):
            packed.write(file, file.relative_to(study))
            if file.is_file() and str(study.parent).encode() in file.read_bytes():
                raise AssertionError(f"{file} tells where it was made")


def expect(study):
    """What is said of it, of each run, and of each stopped run once it has been resumed."""
    runs = msde(study, "runs")
    ids = {state: [one["run"] for one in runs["runs"] if one["state"] == state] for state in State}
    finished, stopped = ids[State.FINISHED], ids[State.STOPPED]
    begun = [*finished, *stopped]
    explained = {run: telling(study, run) for run in finished}
    documents = {
        "runs": runs,
        "queue": msde(study, "queue"),
        "check": msde(study, "check"),
        "scores": {run: msde(study, "scores", run)["runs"][run] for run in begun},
        "explained": explained,
        "analyses": asking.analyses(study, kept=True),
    }
    arrays = {f"tested {run}": asking.predictions(study, run) for run in begun}
    arrays |= {f"seen {run}": asking.heatmaps(study, run, **explained[run]) for run in finished}
    asking.resume(study, stopped)
    arrays |= {f"resumed {run}": asking.predictions(study, run) for run in stopped}
    content = json.dumps(documents, ensure_ascii=False)
    (PLACE / f"{NAME}-expected.json").write_text(content + "\n", encoding="utf-8")
    np.savez_compressed(PLACE / f"{NAME}-expected.npz", **arrays)


def telling(study, run):
    """Two non-masked samples and a masked one whose heatmaps of a layer are not empty."""
    every = ("--out", study.parent / "every", "--all")
    for layer in ("", "trunk.layer3"):  # before a map of unit cells, Grad-CAM is zero
        said = msde(study, "explain", run, *every, "--layer", layer)
        bright = [one for one in said["images"] if one["maximum"] > 0]
        free = [one["sample"] for one in bright if one["condition"] == "nm"]
        masked = [one["sample"] for one in bright if one["condition"] == "m"]
        if len(free) > 1 and masked:
            return {"samples": [free[0], free[-1], masked[0]], "layer": layer}
    raise AssertionError(f"The heatmaps of {run} are empty.")


if __name__ == "__main__":
    main()
