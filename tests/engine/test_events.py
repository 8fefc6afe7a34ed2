import json
import math
from dataclasses import FrozenInstanceError

import pytest

from engine.events import (
    BatchEnded,
    EpochEnded,
    Event,
    Failed,
    FoldEnded,
    FoldStarted,
    Logged,
    Progressed,
    RunEnded,
    RunStarted,
    decode,
    encode,
)

SAID = [
    Progressed("Packing images", 64, 204),
    RunStarted(10, 25, "cuda:0, cuda:1", "bf16", 2),
    FoldStarted(3, 0, 1788),
    BatchEnded(3, 0, 0.01),
    EpochEnded(3, 0, 0.04, {"recognition": 1.9}, 0.2, {"nm": 0.3, "m": 0.2}, 12.5),
    FoldEnded(3, {"nm": 0.8}, 300.0),
    Failed("“Tëst データ” is gone.\u2028Look again.", "Traceback:\n  …", 3),
    Logged("Weights", {"file": "a.safetensors", "size": 3}),
    RunEnded("finished", 3000.0),
]


def test_that_each_kind_of_event_is_tried_here():
    assert {type(event) for event in SAID} == set(Event.__args__)


@pytest.mark.parametrize("event", SAID, ids=lambda event: type(event).__name__)
def test_that_an_event_survives_its_line(event):
    line = encode(event)
    assert "\n" not in line
    assert decode(line) == event


def test_that_a_line_of_former_runs_says_the_same():
    line = '{"event": "FoldEnded", "fold": 3, "accuracy": {"nm": 0.8}, "seconds": 300.0}'
    assert encode(SAID[5]) == line
    assert decode(line) == decode(line.encode()) == SAID[5]


def test_that_a_number_that_does_not_exist_survives_its_line():
    event = decode(encode(EpochEnded(0, 0, 1.0, {}, math.nan, {}, 1.0)))
    assert math.isnan(event.train_accuracy)


@pytest.mark.parametrize("cut", [1, 20, -1])
def test_that_a_line_cut_short_says_nothing(cut):
    assert decode(encode(SAID[4])[:cut]) is None


@pytest.mark.parametrize(
    "document",
    [
        {"event": "Teleported", "fold": 3},
        {"event": "RunEnded", "state": "finished", "seconds": 1, "newer": True},
        {"event": "RunEnded"},
        {"event": ["RunEnded"]},
        {"state": "finished"},
        ["RunEnded"],
        None,
        3,
        {"event": "RunEnded", "state": "finished", "seconds": "1"},
        {"event": "RunEnded", "state": "x" * 1000, "seconds": 1},
        {"event": "BatchEnded", "fold": -1, "epoch": 0, "progress": 0.5},
        {"event": "BatchEnded", "fold": 0, "epoch": 0, "progress": 1.5},
        {"event": "BatchEnded", "fold": 0, "epoch": True, "progress": 0.5},
        {"event": "BatchEnded", "fold": 0.0, "epoch": 0, "progress": math.nan},
        {"event": "FoldEnded", "fold": 0, "accuracy": {"nm": 2}, "seconds": 1},
        {"event": "FoldEnded", "fold": 0, "accuracy": "nm", "seconds": 1},
        {"event": "Failed", "message": "\ud800"},
        *(
            {
                "event": "RunStarted",
                "folds": folds,
                "epochs": 1,
                "device": "cpu",
                "precision": "fp32",
                "workers": workers,
            }
            for folds, workers in ((300_000_000, 1), (3, 300_000_000))
        ),
    ],
    ids=str,
)
def test_that_what_is_no_event_says_nothing(document):
    assert decode(json.dumps(document)) is None


@pytest.mark.parametrize("line", ["[" * 100_000, "1" * 5000, "\0", b"\xff", '"' + "x" * 10**6])
def test_that_hostile_lines_say_nothing(line):
    assert decode(line) is None


def test_that_events_are_frozen():
    with pytest.raises(FrozenInstanceError):
        SAID[0].done = 65
