"""A tiny rendered study: coloured squares in the layout of the sample study."""

import csv

import numpy as np
from PIL import Image

from benchmarks.sample.labelled import LANDMARKS
from engine.domain import Condition, Expression

SIDE = 32
HEAD = slice(8, 24)


def study(folder, subjects=6, tint=lambda expression, condition: 0):
    """Noise around a square head; ``tint`` is added to the background's brightness."""
    random = np.random.default_rng(0)
    for name in ("faces", "regions"):
        (folder / name).mkdir(parents=True)
    rows = []
    for number in range(subjects):
        for expression in Expression:
            for condition in Condition:
                name = f"S{number + 1:03}_{expression.title}_{condition.short}"
                brightness = 100 + tint(expression, condition)
                image = random.normal(brightness, 4, (SIDE, SIDE, 3))
                regions = np.zeros((SIDE, SIDE), np.uint8)
                regions[HEAD, HEAD] = 1 + condition
                Image.fromarray(image.astype(np.uint8)).save(folder / f"faces/{name}.jpg")
                Image.fromarray(regions).convert("P").save(folder / f"regions/{name}.png")
                rows.append(_row(name, number, expression, condition))
    with (folder / "labels.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder


def _row(name, number, expression, condition):
    row = {
        "file": f"faces/{name}.jpg",
        "subject": f"S{number + 1:03}",
        "expression": expression.title,
        "condition": condition.title,
        "pair": name.rpartition("_")[0],
        "set": "main",
    }
    places = {"right_eye": (10.0, 14.0), "left_eye": (20.0, 14.0)}
    for landmark in LANDMARKS:
        x, y = places.get(landmark, (15.0, 20.0))
        row |= {f"{landmark}_x": x, f"{landmark}_y": y}
    return row
