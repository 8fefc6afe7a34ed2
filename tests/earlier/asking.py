"""What a study is asked by command line and window, told as version 0.1 told it."""

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from engine.analysis.base import Analyses
from engine.attention.answer import AttentionAnswer, AttentionRequest
from engine.cli import main
from engine.embeddings.embedding import EmbeddingEnded, EmbeddingRequest
from engine.store.study import Study

ROOT = Path(__file__).parents[2]
EXPRESSIONS = ("surprise", "fear", "disgust", "happy", "sad", "anger", "neutral")
ANALYSED = ("003-baseline-mix", "004-contrastive-pairs")
QUESTIONS = {
    "embed": EmbeddingRequest(
        ANALYSED, fold=1, settings={"perplexity": 5.0, "exaggerated": 20, "iterations": 20}
    ),
    "attention": AttentionRequest(ANALYSED, expression="happy", condition="m", sanity=True),
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
    """What the window is told of embeddings and of where two runs look.

    Each as version 0.1 told it: a list of events with the answer at its end. ``kept``: only if
    nothing need be computed.
    """
    found = {}
    with Study(study) as opened:
        known = Analyses(opened)
        for number, (kind, request) in enumerate(QUESTIONS.items()):
            events = []
            answer = known.answer(kind, replace(request, kept=kept), events.append)
            told = [{"id": number, "event": {"event": "Pictured", **_plain(e)}} for e in events]
            told.append({"id": number, "answer": _plain(answer)})
            found[kind] = _brief(told, study)
    return found


def resume(study, runs):
    """Go on with stopped runs until they are finished, in processes of their own, without a GPU."""
    alone = os.environ | {"CUDA_VISIBLE_DEVICES": ""}

    def resumed(run):
        words = ("resume", run, "--study", str(study), "--progress", "none", "--json")
        command = [sys.executable, "-m", "engine", *words]
        done = subprocess.run(command, capture_output=True, cwd=ROOT, env=alone)
        assert done.returncode == 0, done.stderr.decode()

    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        list(threads.map(resumed, runs))


def _columns(file, *names):
    with file.open(encoding="utf-8", newline="") as stream:
        return [[float(row[name]) for name in names] for row in csv.DictReader(stream)]


def _plain(value):
    """As version 0.1 told frozen values and arrays in JSON."""
    if isinstance(value, EmbeddingEnded):
        picture = _plain(value.picture)
        return {"run": picture["run"], "document": picture}
    if isinstance(value, AttentionAnswer):
        found = _plain({**vars(value.found)})
        return {**found.pop("document"), **found, "layers": list(value.layers)}
    if isinstance(value, np.ndarray):
        data = b64encode(np.ascontiguousarray(value).tobytes()).decode("ascii")
        return {"dtype": value.dtype.str, "shape": list(value.shape), "data": data}
    if is_dataclass(value):
        return _plain(vars(value))
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value


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
