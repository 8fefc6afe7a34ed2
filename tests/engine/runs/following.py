"""Wait for runs, hear what they said, and compare what came of them."""

import time

import numpy as np
from safetensors.numpy import load_file

from engine.events import EpochEnded
from engine.store.event_log import events_since


def ended(run, worker, patience=90):
    assert worker.ended(patience)
    return run.state()


def until(claim, patience=60):
    limit = time.monotonic() + patience
    while not claim():
        assert time.monotonic() < limit
        time.sleep(0.02)


def said(run, kind):
    return [event for event in events_since(run.events_file, 0)[0] if isinstance(event, kind)]


def assert_same_outcome(run, other):
    for fold in run.protocol.folds:
        ours, theirs = run.fold(fold.number), other.fold(fold.number)
        weights, expected = (load_file(f / "network.safetensors") for f in (ours, theirs))
        assert weights.keys() == expected.keys()
        assert all(np.array_equal(weights[name], expected[name]) for name in weights)
        with np.load(ours / "predictions.npz") as a, np.load(theirs / "predictions.npz") as b:
            assert all(np.array_equal(a[name], b[name]) for name in b.files)
    assert epochs(run) == epochs(other) != {}


def epochs(run):
    """What was said of each epoch of each fold; a restart may say it again, and alike."""
    told = {}
    for event in said(run, EpochEnded):
        facts = event.losses, event.train_accuracy
        assert told.setdefault((event.fold, event.epoch), facts) == facts
    return told
