"""Measure embeddings of random groups beside scikit-learn's t-SNE: seconds and trustworthiness.

``python -m benchmarks.embeddings [--samples 2000] [--samples 20000] [--json]``. Each is measured
as a process first and then again uses it: UMAP compiles itself at its first use.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray

from engine.embeddings.algorithms.base import embedding
from engine.embeddings.algorithms.pca import principal
from engine.embeddings.embedding import Embedded
from engine.events import Event

FEATURES = 512
GROUPS = 7
NEIGHBOURS = 10
MEASURED = 2000  # samples of which trustworthiness is computed, which compares every two

Values = NDArray[np.float32]


def groups(samples: int) -> Values:
    """Seven groups that overlap, as features of expressions do."""
    random = np.random.default_rng(0)
    centres = 0.35 * random.normal(size=(GROUPS, FEATURES))
    noise = random.normal(size=(samples, FEATURES))
    return (noise + centres[np.arange(samples) % GROUPS]).astype(np.float32)


def ours(name: str, values: Values) -> tuple[NDArray[np.float32], int]:
    """The points, and how many frames were heard before them."""
    cls = embedding(name)
    frames = []

    def report(event: Event | Embedded) -> None:
        frames.append(isinstance(event, Embedded))

    return cls(cls.Settings(), seed=0).fit(values, principal(values), report), sum(frames)


def theirs(values: Values) -> tuple[NDArray[np.float32], int]:
    from sklearn.manifold import TSNE

    return TSNE(random_state=0).fit_transform(values), 0


CONTENDERS: dict[str, Callable[[Values], tuple[NDArray[np.float32], int]]] = {
    "PCA, first use": lambda values: ours("pca", values),
    "t-SNE (openTSNE), first use": lambda values: ours("tsne", values),
    "t-SNE (openTSNE)": lambda values: ours("tsne", values),
    "UMAP (umap-learn), first use": lambda values: ours("umap", values),
    "UMAP (umap-learn)": lambda values: ours("umap", values),
    "t-SNE (scikit-learn), first use": theirs,
    "t-SNE (scikit-learn)": theirs,
}


def measured(samples: int) -> list[dict[str, object]]:
    from sklearn.manifold import trustworthiness

    values = groups(samples)
    part = np.random.default_rng(1).permutation(samples)[:MEASURED]
    rows: list[dict[str, object]] = []
    for name, contender in CONTENDERS.items():
        begun, worked = perf_counter(), process_time()
        points, frames = contender(values)
        figures = {
            "seconds": round(perf_counter() - begun, 2),
            "cpu_seconds": round(process_time() - worked, 2),  # tells how busy the machine was
        }
        trust = trustworthiness(values[part], points[part], n_neighbors=NEIGHBOURS)
        figures["trustworthiness"] = round(float(trust), 4)
        rows.append({"embedding": name, "samples": samples, **figures, "frames": frames})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, action="append", help="may be repeated: 2000")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    rows = [row for samples in chosen.samples or [2000] for row in measured(samples)]
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    if chosen.json:
        document = {"features": FEATURES, "cores": os.cpu_count(), "load": load, "rows": rows}
        sys.stdout.write(json.dumps(document) + "\n")
        return
    sys.stdout.write(f"{FEATURES} features, {os.cpu_count()} cores, load {load}\n")
    for row in rows:
        sys.stdout.write(
            f"{row['embedding']:<32} {row['samples']:>7} samples {row['seconds']:>8} s"
            f" (CPU {row['cpu_seconds']:>7} s)   "
            f"trustworthiness {row['trustworthiness']}   {row['frames']} frames\n"
        )


if __name__ == "__main__":
    main()
