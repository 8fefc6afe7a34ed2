"""``make bench``: every measurement, one after another; about two hours on a silent machine."""

import subprocess
import sys

MEASUREMENTS = (
    "training --subjects 40",
    "training --subjects 80 --size 112",
    "training --size 112 --method contrastive",
    "training --size 112 --method distillation",
    "precision",
    "gradients --size 112 --subjects 40 --epochs 5",
    "packing",
    "features",
    "window",
    "gallery",
    "scatter",
    "scale",
    "heatmaps",
    "embeddings --samples 2000 --samples 20000",
)

for measurement in MEASUREMENTS:
    name, *options = measurement.split()
    sys.stdout.write(f"{measurement}\n")
    sys.stdout.flush()
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options], check=True)
