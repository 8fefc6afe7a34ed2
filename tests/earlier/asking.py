"""What ``msde`` says of a study, by its command line and files alone: the code behind it moves."""

import csv
import hashlib
import io
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest

from engine.cli import main

ROOT = Path(__file__).parents[2]
EXPRESSIONS = ("surprise", "fear", "disgust", "happy", "sad", "anger", "neutral")
ANALYSED = ["003-baseline-mix", "004-contrastive-pairs"]
QUESTIONS = {
    "embed": {
        "runs": ANALYSED,
        "fold": 1,
        "settings": {"perplexity": 5.0, "exaggerated": 20, "iterations": 20},
    },
    "attention": {"runs": ANALYSED, "expression": "happy", "condition": "m", "sanity": True},
}
LONG = 200  # letters
SIDE_BY_SIDE = 2  # runs that are resumed at once


def msde(study, *words):
    """The document that a command answers of a study."""
    said, told = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(told), pytest.raises(SystemExit) as ended:
        main([*map(str, words), "--study", str(study), "--json"])
    assert ended.value.code == 0, told.getvalue()
    return _brief(json.loads(said.getvalue()), study)


def predictions(study, run):
    """The probabilities of every tested sample, its id before them, (n, 8)."""
    file = study.parent / f"{run}.csv"
    msde(study, "scores", run, "--predictions", file)
    return np.array(_columns(file, "sample", *EXPRESSIONS), np.float32)


def heatmaps(study, run, samples, layer):
    """Raw maps, (n, height, width)."""
    out = study.parent / f"heatmaps of {run}"
    wanted = [word for number in samples for word in ("--sample", number)]
    msde(study, "explain", run, "--out", out, "--layer", layer, *wanted)
    with np.load(out / "heatmaps.npz") as columns:
        return columns["values"]


def analyses(study, kept):
    """What the window is told of a picture and of where two runs look, by the kind of question.

    Each is a list of events with the answer at its end; ``kept``: only if nothing need be computed.
    """
    words = (sys.executable, "-m", "engine", "analyse", str(study))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": ROOT}
    found = {}
    with subprocess.Popen(words, text=True, encoding="utf-8", **pipes) as process:
        for number, (ask, request) in enumerate(QUESTIONS.items()):
            line = {"id": number, "ask": ask, "request": request | {"kept": kept}}
            process.stdin.write(json.dumps(line) + "\n")
            process.stdin.flush()
            found[ask] = list(_until_answer(process.stdout, study))
        process.stdin.close()
    return found


def resume(study, runs):
    """Go on with stopped runs until they are finished, in processes of their own."""

    def resumed(run):
        words = ("resume", run, "--study", str(study), "--progress", "none", "--json")
        command = [sys.executable, "-m", "engine", *words]
        done = subprocess.run(command, capture_output=True, cwd=ROOT, text=True, encoding="utf-8")
        assert done.returncode == 0, done.stderr

    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        list(threads.map(resumed, runs))


def _columns(file, *names):
    with file.open(encoding="utf-8", newline="") as stream:
        return [[float(row[name]) for name in names] for row in csv.DictReader(stream)]


def _until_answer(lines, study):
    for line in lines:
        said = json.loads(line)
        yield _brief(said, study)
        if "event" not in said:
            return


def _brief(value, study):
    """Wherever the study lies; long texts, which are packed arrays, by their sha256."""
    if isinstance(value, dict):
        return {key: _brief(one, study) for key, one in value.items()}
    if isinstance(value, list):
        return [_brief(one, study) for one in value]
    if not isinstance(value, str):
        return value
    text = value.replace(str(study), "study")
    return hashlib.sha256(text.encode()).hexdigest() if len(text) > LONG else text
