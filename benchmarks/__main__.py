"""``make bench``: every measurement, one JSON line each."""

import subprocess
import sys

MEASUREMENTS = (
    "benchmarks.training",
    "benchmarks.precision",
    "benchmarks.packing",
    "benchmarks.features",
    "benchmarks.window",
    "benchmarks.gallery",
    "benchmarks.scatter",
    "benchmarks.scale",
    "benchmarks.heatmaps",
    "benchmarks.embeddings",
)

for name in MEASUREMENTS:
    sys.stdout.write(f"{name}\n")
    sys.stdout.flush()
    subprocess.run([sys.executable, "-m", name], check=True)
