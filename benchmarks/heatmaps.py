"""Heatmaps a second: a batch at once, against pytorch-grad-cam called image by image.

The same network, faces and process; rounds alternate, so that a busy machine is busy for all. The
maps must be equal, or nothing is measured.

    python -m benchmarks.heatmaps [--network resnet18] [--size 112] [--variant gradcam] [--json]

``--memory STUDY`` instead asks what the window asks, run by run, 5,000 times, and says how large
the process is after 1,000 and after all of them.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from time import perf_counter

import numpy as np
import psutil
import pytorch_grad_cam as library  # type: ignore[import-untyped, unused-ignore]
import torch
from pytorch_grad_cam.utils.image import (  # type: ignore[import-untyped, unused-ignore]
    scale_cam_image,
)

from engine.analysis.explain import Explain
from engine.events import silent
from engine.explanation.cam.lens import explain, lens
from engine.explanation.heatmap import ExplainRequest
from engine.networks.base import Network, build
from engine.store.runs import find_run
from engine.store.study import Study
from engine.system.device import settle

FACES = 64
ROUNDS = 5
MAPS, FIRST, AT_ONCE = 5000, 1000, 8  # of ``--memory``; faces in one question
CLOSE = 1e-4  # of maps that are scaled to 0..1
Measured = dict[str, object]
Maps = np.ndarray
VARIANTS = {
    "gradcam": "GradCAM",
    "gradcam++": "GradCAMPlusPlus",
    "hirescam": "HiResCAM",
    "layercam": "LayerCAM",
    "eigencam": "EigenCAM",
}


def measure(chosen: argparse.Namespace) -> Measured:
    """Heatmaps a second of each way, the median of the rounds, and how far the maps differ."""
    settle(chosen.threads)
    network = _network(chosen.network)
    faces = torch.randn(FACES, 3, chosen.size, chosen.size)
    faces = faces.contiguous(memory_format=torch.channels_last)
    ways: dict[str, Callable[[], Maps]] = {
        "msde": lambda: _ours(network, chosen.variant, faces),
        "pytorch-grad-cam, one by one": lambda: _theirs(network, chosen.variant, faces, 1),
        "pytorch-grad-cam, batch": lambda: _theirs(network, chosen.variant, faces, FACES),
    }
    maps = {name: way() for name, way in ways.items()}  # and everything is warm
    difference = max(float(np.abs(one - maps["msde"]).max()) for one in maps.values())
    if difference > CLOSE:
        raise SystemExit(f"The maps differ by {difference:.1g}: there is nothing to compare.")
    speeds = _speeds(ways)
    return {
        **{key: getattr(chosen, key) for key in ("network", "size", "variant", "threads")},
        "faces": FACES,
        "largest_difference": difference,
        "per_second": speeds,
        "times_faster": round(speeds["msde"] / speeds["pytorch-grad-cam, one by one"], 2),
    }


def _network(name: str) -> Network:
    torch.manual_seed(0)
    network = build(name).eval()
    network.to(memory_format=torch.channels_last)
    return network


def _speeds(ways: dict[str, Callable[[], Maps]]) -> dict[str, float]:
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            begun = perf_counter()
            way()
            seconds[name].append(perf_counter() - begun)
    return {name: round(FACES / statistics.median(times), 1) for name, times in seconds.items()}


def _ours(network: Network, variant: str, faces: torch.Tensor) -> Maps:
    """Scaled as the library does, so that both do the same work."""
    raw = explain(lens(network, "", variant), faces, None, lambda: None).maps.numpy()
    size = (faces.shape[3], faces.shape[2])
    return np.asarray(scale_cam_image(scale_cam_image(raw, size)))


def _theirs(network: Network, variant: str, faces: torch.Tensor, at_once: int) -> Maps:
    """Each face alone, as its documentation shows, or all together; targets are the predicted."""
    with getattr(library, VARIANTS[variant])(network, [network.heatmap_layer]) as cam:
        parts = [cam(batch, None) for batch in torch.split(faces, at_once)]
    network.zero_grad(set_to_none=True)
    return np.concatenate(parts)


def memory(folder: Path, names: list[str]) -> dict[str, int]:
    """MB of this process after some maps and after all."""
    sizes: dict[str, int] = {}
    with Study(folder) as study:
        explain, made = Explain(), 0
        tested = find_run(study.runs_folder, names[0]).predictions()
        faces = cycle(tested.samples.tolist() if tested else [])
        for name in cycle(names):
            samples = tuple(next(faces) for _ in range(AT_ONCE))
            failed = explain.answer(study, ExplainRequest((name,), samples), silent).failures
            if failed:
                raise SystemExit(failed[name])
            made += AT_ONCE
            if made in (FIRST, MAPS):
                sizes[f"mb_after_{made}"] = psutil.Process().memory_info().rss >> 20
            if made >= MAPS:
                return sizes
    return sizes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="resnet18", help="one map a face: not RAN")
    parser.add_argument("--size", type=int, default=112)
    parser.add_argument("--variant", default="gradcam", choices=list(VARIANTS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--memory", type=Path, metavar="STUDY")
    parser.add_argument("--run", action="append", help="of --memory; repeatable")
    chosen = parser.parse_args()
    if chosen.memory:
        sys.stdout.write(json.dumps(memory(chosen.memory, chosen.run)) + "\n")
        return
    measured = measure(chosen)
    if chosen.json:
        sys.stdout.write(json.dumps(measured) + "\n")
        return
    sys.stdout.write(f"{chosen.variant} of {chosen.network} at {chosen.size} px\n")
    for name, speed in measured["per_second"].items():  # type: ignore[attr-defined]
        sys.stdout.write(f"{name:<30}{speed:>8} maps/s\n")
    sys.stdout.write(f"{measured['times_faster']} times; maps differ by at most ")
    sys.stdout.write(f"{measured['largest_difference']:.1g} of 1\n")


if __name__ == "__main__":
    main()
