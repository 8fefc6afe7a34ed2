"""Compare the labels of non-masked faces with landmarks that an independent detector finds.

Errors are in distances between the eyes' centres. The median shift shows what is constant: a
detector may mean another place of a lip or chin than the labels do.
"""

import argparse
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.sample.labelled import LANDMARKS, Labelled, read
from benchmarks.sample.outcome import Goal, Outcome, goal_table, percent
from engine.cli._output import table
from engine.domain import Condition, Failure
from engine.faces.landmarks import FaceMesh
from engine.faces.regions import Points

MESH = {  # landmark -> the mesh's points whose mean it is
    "right_eye_outer": [33],
    "right_eye_inner": [133],
    "left_eye_inner": [362],
    "left_eye_outer": [263],
    "right_eye": [33, 133],
    "left_eye": [362, 263],
    "nose_tip": [1],
    "mouth_right": [61],
    "mouth_left": [291],
    "upper_lip": [0],
    "lower_lip": [17],
    "chin": [152],
}
AGREES = 0.05  # eye distances
WORST = 8  # images that are named


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=int, default=0, help="the first images alone; 0: all")


def measure(chosen: argparse.Namespace) -> Outcome:
    labelled = read(chosen.folder).of(Condition.NON_MASKED)
    if chosen.limit:
        labelled = labelled.where(np.arange(len(labelled)) < chosen.limit)
    finder = FaceMesh()
    meshes = [finder.find(np.asarray(labelled.image(row))).mesh for row in range(len(labelled))]
    seen = np.array([len(mesh) > 0 for mesh in meshes])
    if not seen.any():
        raise Failure(f"No face was found on the {len(meshes)} non-masked images.")
    found = labelled.where(seen)
    shifts = shifts_from(found, np.stack([mesh for mesh in meshes if len(mesh)]))
    document = agreement(shifts)
    document["images"] = len(meshes)
    document["no_face"] = [labelled.file(int(row)).name for row in np.flatnonzero(~seen)]
    document["worst"] = _worst(found, shifts)
    return Outcome(document, _shown(document))


def shifts_from(labelled: Labelled, meshes: Points) -> NDArray[np.float64]:
    """From each label to where it was found, in eye distances, (n, landmarks, 2)."""
    labels = np.stack([labelled.landmark(name) for name in LANDMARKS], axis=1)
    found = np.stack([meshes[:, MESH[name]].mean(axis=1) for name in LANDMARKS], axis=1)
    return np.asarray((found - labels) / labelled.eye_distance()[:, None, None], dtype=np.float64)


def agreement(shifts: NDArray[np.float64]) -> dict[str, Any]:
    """Errors by landmark and over all, and the goals."""
    errors = np.linalg.norm(shifts, axis=2)
    each = {
        name: {
            "median": float(np.median(errors[:, place])),
            "p90": float(np.quantile(errors[:, place], 0.9)),
            "shift": np.median(shifts[:, place], axis=0).tolist(),
        }
        for place, name in enumerate(LANDMARKS)
    }
    of_image = errors.mean(axis=1)
    median, p90 = float(np.median(of_image)), float(np.quantile(of_image, 0.9))
    worst = max(each, key=lambda name: float(np.median(errors[:, LANDMARKS.index(name)])))
    most = f"at most {100 * AGREES:.0f} %"
    goals = [
        Goal(f"Median of images' mean errors: {most}", percent(median), median <= AGREES),
        Goal(f"Every landmark's median: {most}", f"{worst} {percent(each[worst]['median'])}",
             each[worst]["median"] <= AGREES),
    ]  # fmt: skip
    mean = {"median": median, "p90": p90}
    return {"mean_of_image": mean, "landmarks": each, "goals": [asdict(goal) for goal in goals]}


def _worst(labelled: Labelled, shifts: NDArray[np.float64]) -> list[dict[str, Any]]:
    errors = np.linalg.norm(shifts, axis=2)
    rows = np.argsort(-errors.mean(axis=1))[:WORST]
    return [
        {
            "file": labelled.file(int(row)).name,
            "error": float(errors[row].mean()),
            "most": LANDMARKS[int(errors[row].argmax())],
        }
        for row in rows
    ]


def _shown(document: dict[str, Any]) -> tuple[Any, ...]:
    rows = [_row(name, one, one["shift"]) for name, one in document["landmarks"].items()]
    rows.append(_row("mean of an image", document["mean_of_image"], None))
    columns = ("landmark", "median", "90 %", "shift right", "shift down")
    errors = table("Error in % of the eye distance", columns, rows)
    worst = [(one["file"], percent(one["error"]), one["most"]) for one in document["worst"]]
    furthest = table("Furthest off", ("image", "mean error", "most"), worst)
    missed = len(document["no_face"])
    told = f"A face was found on {document['images'] - missed} of {document['images']} images."
    return errors, furthest, told, goal_table([Goal(**goal) for goal in document["goals"]])


def _row(name: str, one: dict[str, Any], shift: list[float] | None) -> tuple[str, ...]:
    moved = [f"{100 * value:+.1f}" for value in shift] if shift else ["–", "–"]
    return (name, percent(one["median"]), percent(one["p90"]), *moved)
