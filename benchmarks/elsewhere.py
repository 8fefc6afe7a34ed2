"""A run of each method, stopped on one machine and resumed on another, as in a container.

    unshare -m python -m benchmarks.elsewhere

There installation and home are read-only and the GPU it was queued for is gone. It needs the right
to mount (root, or ``unshare -rm``); the exit code is 1 unless every run finished.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from engine.data.importing import inspect, save
from engine.data.packing import pack
from engine.events import BatchEnded, Cancelled, Event, RunStarted, encode, silent
from engine.runs import fold
from engine.runs.assignment import Assignment
from engine.runs.planning import RunRequest, plan
from engine.runs.queue import enqueue
from engine.store.files import read_json, write_json
from engine.store.runs import Run, State, runs_in
from engine.store.study import Study
from engine.store.trust import AGREED
from engine.system import environment as surroundings
from tests import drawings

METHODS = ("baseline", "contrastive", "distillation", "ran", "scan")
TINY = {"epochs": 1, "size": 64, "batch": 4}


def main() -> int:
    """Print the state of each run, and that a UMAP and a heatmap of one could be made."""
    with tempfile.TemporaryDirectory() as place:
        study, home = _stopped(Path(place)), Path(place) / "home"
        home.mkdir()
        for folder in (Path(sys.prefix), Path(surroundings.ROOT), home):
            _make_read_only(folder)
        os.environ |= {"HOME": str(home), AGREED: "1"}  # another user, who agrees to the images
        here = ("--study", str(study))
        codes = [_msde("queue", *here, "--start")]
        codes += [_msde("embed", "1", *here, "--embedding", "umap", "--out", f"{place}/umap.csv")]
        codes += [_msde("explain", "1", *here, "--all", "--out", f"{place}/maps")]
        subprocess.run(["umount", home], check=True)
        states = {run.id: run.state() for run in runs_in(study / "runs")}
    sys.stdout.writelines(f"{name}: {state}\n" for name, state in states.items())
    sys.stdout.write(f"queue, UMAP and heatmaps exited with {codes}\n")
    return int(any(codes) or set(states.values()) != {State.FINISHED})


def _stopped(place: Path) -> Path:
    """A study with a run of each method that was stopped after a batch, as on a GPU."""
    with Study(place / "study", create=True) as study:
        save(inspect(drawings.study(place / "faces", subjects=2, size=64), study), study)
        for method in METHODS:
            plan(study, RunRequest(method, "", "quick", folds=2, changes=TINY))
        pixels = pack(study.dataset(), TINY["size"], study.folder / "cache", silent)
        for made in runs_in(study.runs_folder):
            wish = read_json(made.folder / "experiment.json")
            wish |= {"devices": ["cuda:0"], "precision": "bf16"}
            write_json(made.folder / "experiment.json", wish)
            run = Run(made.folder)
            run.events_file.write_text(encode(RunStarted(2, 1, "cuda:0", "bf16", 1)) + "\n")
            if not run.teacher:  # which is not finished yet
                _stop_early(Assignment(run.folder, 0, pixels, "cpu", "fp32", TINY["batch"]))
            enqueue(run)
        return study.folder


def _stop_early(assignment: Assignment) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, BatchEnded):
            raise Cancelled

    try:
        fold.work(assignment, stop)
    except Cancelled:
        sys.stdout.write(f"{assignment.run.name}: stopped\n")


def _make_read_only(folder: Path) -> None:
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)


def _msde(*words: str) -> int:
    environment = {**surroundings.environment(), "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": ""}
    command = surroundings.command(*words, "--progress", "none", "--json")
    return subprocess.run(command, cwd="/", env=environment, stdout=subprocess.DEVNULL).returncode


if __name__ == "__main__":
    sys.exit(main())
