"""Images trained a second: the usual recipe, the machine's limit, and the program.

The same faces, folds, architecture and batch, in one run whose rounds alternate; medians.

peer: the recipe of most public programs, ``benchmarks/peer.py``, in a process of its own. One of
its epochs takes as long as the next, so that it may train for fewer.
limit: the program's network stepping on one constant batch, ``benchmarks/limit.py``, at the best
of its settings; that of torchvision's own network is measured beside it.
ours: a real run by the program's worker, packing, loading, augmentation, events, checkpoints,
evaluation and all.

"training" is the wall time from the first batch to the end of the last epoch without evaluation,
which brings other images forward; "with evaluation" is all of that time; "everything" is the life
of the process, from its start to its end. The limit knows training alone. A method that trains on
pairs has no peer; its limit are the passes that its losses imply, and pairs are counted.

    python -m benchmarks.training [--size 224] [--subjects 142] [--method baseline] [--json]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import limit
from benchmarks.limit import TORCHVISION, Limit, Passes
from benchmarks.ours import Timed, timed
from benchmarks.peer import Recipe
from benchmarks.subjects import study
from engine.experiment.fold_rows import held_out_rows, training_rows
from engine.runs.planning import RunRequest, plan
from engine.runs.teachers import due
from engine.store.runs import Run
from engine.store.study import Study
from engine.system.processes import cores

PASSES = {  # of a step, for each row of its batch: learnt from, and only seen
    "baseline": (1, 0),
    "contrastive": (2, 0),
    "distillation": (1, 1),  # the student sees one image of a pair, its teacher the other
}
LOADERS = 2  # the peer's processes that decode
PEER = f"1 process × {cores()} threads and {LOADERS} that load, fp32, contiguous"
FIGURES = ("training", "with_evaluation", "everything")
Measured = dict[str, Any]


@dataclass
class Rounds:
    """What each side took, round by round."""

    limit: list[float] = field(default_factory=list)
    plain: list[float] = field(default_factory=list)
    ours: list[Timed] = field(default_factory=list)
    peer: list[Timed] = field(default_factory=list)


def measure(chosen: argparse.Namespace) -> Measured:
    """Every side's median, and how they compare."""
    passes = Passes(chosen.network, chosen.size, chosen.batch, *PASSES[chosen.method])
    found = limit.best(passes, chosen.seconds)
    theirs = replace(passes, network=TORCHVISION + passes.network)
    compared = chosen.method == "baseline" and chosen.network.startswith("resnet")
    plain = limit.best(theirs, chosen.seconds) if compared else None
    rounds = Rounds()
    with tempfile.TemporaryDirectory(prefix="msde-bench-") as folder:
        place = study(Path(folder) / "study", chosen.subjects)
        for number in range(chosen.rounds):
            sys.stderr.write(f"round {number + 1} of {chosen.rounds}\n")
            rounds.limit.append(limit.again(passes, found, chosen.seconds))
            if plain:
                rounds.plain.append(limit.again(theirs, plain, chosen.seconds))
            run = _queued(place, chosen)
            rounds.ours.append(timed(run))
            if chosen.method == "baseline":
                rounds.peer.append(_peer(run, chosen))
        used = {"precision": run.experiment.precision, "workers": min(cores(), chosen.folds)}
    return {
        **_setting(chosen),
        "trained": rounds.ours[0].trained,
        "ours_setting": used,
        **_compared(rounds, found),
        "limit_torchvision": plain and limit.document(plain, _middle(rounds.plain)),
    }


def _setting(chosen: argparse.Namespace) -> Measured:
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    return {
        **vars(chosen),
        "cores": cores(),
        "load": load,
        "unit": "images" if chosen.method == "baseline" else "pairs",
    }


def _queued(place: Path, chosen: argparse.Namespace) -> Run:
    """A new run, nothing packed for it, its teacher finished."""
    names = ("network", "size", "batch", "epochs")
    changes = {name: getattr(chosen, name) for name in names}
    train = "mix" if chosen.method == "baseline" else ""
    with Study(place) as opened:
        run = plan(opened, RunRequest(chosen.method, train, folds=chosen.folds, changes=changes))
        for teacher in due(run)[:-1]:
            timed(teacher)
        for packed in opened.cache.glob("pixels-*"):
            packed.unlink()
    return run


def _peer(run: Run, chosen: argparse.Namespace) -> Timed:
    begun = perf_counter()
    said = subprocess.run(
        [sys.executable, "-m", "benchmarks.peer"],
        input=json.dumps(asdict(_recipe(run, chosen))),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    return Timed(whole=perf_counter() - begun, **json.loads(said))


def _recipe(run: Run, chosen: argparse.Namespace) -> Recipe:
    """The run's very images, side by side as its folds have them."""
    with Study(run.study_folder) as opened:
        dataset = opened.dataset()
    faces = [(str(one.file), int(one.expression)) for one in dataset.samples]
    folds = []
    for fold in run.protocol.folds:
        train = training_rows(dataset, fold, run.experiment.train)[:, 0]
        test = held_out_rows(dataset, fold)
        folds.append({"train": [faces[row] for row in train], "test": [faces[row] for row in test]})
    epochs = chosen.peer_epochs or chosen.epochs
    return Recipe(chosen.network, chosen.size, chosen.batch, epochs, LOADERS, folds)


def _compared(rounds: Rounds, found: Limit) -> Measured:
    ours = _median(rounds.ours)
    most = _middle(rounds.limit)
    compared: Measured = {"limit": limit.document(found, most), "ours": ours}
    compared["ours_to_limit"] = {
        name: round(ours[name] / most, 3) for name in ("training", "with_evaluation")
    }
    if rounds.peer:
        peer = _median(rounds.peer)
        compared["peer"] = peer
        compared["ours_to_peer"] = {name: round(ours[name] / peer[name], 2) for name in FIGURES}
    return compared


def _middle(speeds: list[float]) -> float:
    return round(statistics.median(speeds), 2)


def _median(times: list[Timed]) -> dict[str, float]:
    speeds = [one.speeds() for one in times]
    return {name: round(statistics.median(one[name] for one in speeds), 2) for name in FIGURES}


def shown(measured: Measured) -> str:
    """The table for people."""
    of = measured
    most, plain = of["limit"], of["limit_torchvision"]
    used = f"{of['ours_setting']['workers']} folds side by side × 1 thread, "
    rows = [("peer", of.get("peer", {}), PEER)]
    rows += [("limit", {"training": most["per_second"]}, str(limit.Setting(**most["setting"])))]
    if plain:
        setting = str(limit.Setting(**plain["setting"]))
        rows += [("limit, torchvision", {"training": plain["per_second"]}, setting)]
    rows += [("ours", of["ours"], used + of["ours_setting"]["precision"])]
    rows += [("ours / peer", of.get("ours_to_peer", {}), "")]
    rows += [("ours / limit", of["ours_to_limit"], "")]
    head = (
        f"{of['method']}, {of['network']} at {of['size']} px, batches of {of['batch']}, "
        f"{of['folds']} folds of {of['subjects']} subjects, {of['epochs']} epochs: "
        f"{of['trained']} {of['unit']} a round, median of {of['rounds']}; "
        f"{of['cores']} cores, load {of['load']}\n"
    )
    columns = (
        f"{of['unit'] + ' a second':<20}{'training':>10}{'+ evaluation':>14}{'everything':>12}"
    )
    return "\n".join([head, columns, *(_row(*row) for row in rows if row[1])]) + "\n"


def _row(name: str, values: dict[str, float], setting: str) -> str:
    widths = dict(zip(FIGURES, (10, 14, 12), strict=True))
    cells = [f"{values.get(figure, ''):>{width}}" for figure, width in widths.items()]
    return f"{name:<20}{''.join(cells)}   {setting}".rstrip()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--network", default="resnet18")
    parser.add_argument("--method", default="baseline", choices=list(PASSES))
    parser.add_argument("--subjects", type=int, default=142, help="of the sample study's 142")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument(
        "--peer-epochs", type=int, default=1, help="of the peer; 0: as many as ours"
    )
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6, help="each setting of the limit")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    os.environ["CUDA_VISIBLE_DEVICES"] = ""  # every side computes on the CPU
    measured = measure(chosen)
    sys.stdout.write(json.dumps(measured) + "\n" if chosen.json else shown(measured))


if __name__ == "__main__":
    main()
