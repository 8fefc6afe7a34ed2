from dataclasses import replace
from pathlib import Path

import pytest

from engine.events import RunStarted, encode
from engine.runs import coordinator as local
from engine.runs import machine
from engine.runs.machine import Machine
from engine.system import device
from tests.engine import making

GPUS = ("cuda:0", "cuda:1")


@pytest.fixture
def here(monkeypatch):
    """Make this machine one with GPUs, or without, that are fastest with bf16."""

    def be(devices, multiplies=True):
        monkeypatch.setattr(device, "devices", lambda: list(devices))
        monkeypatch.setattr(device, "multiplies", lambda name: multiplies)
        monkeypatch.setattr(device, "precision", lambda name: "bf16" if multiplies else "fp32")

    return be


@pytest.mark.parametrize(
    ("queued", "found", "multiplies", "expected"),
    [
        pytest.param((("cpu",), "fp32"), GPUS, True, "bf16", id="a GPU node uses its GPUs"),
        pytest.param((GPUS, "bf16"), ("cpu",), False, "fp32", id="a GPU is gone"),
        pytest.param((GPUS, "fp32"), ("cuda:0",), True, "fp32", id="fewer GPUs: the format stays"),
        pytest.param((("cpu",), "fp32"), ("cpu",), True, "fp32", id="the same machine"),
        pytest.param((("cpu",), "bf16"), ("cpu",), False, "fp32", id="an older processor"),
    ],
)
def test_that_a_run_uses_the_machine_where_it_starts(here, queued, found, multiplies, expected):
    here(found, multiplies)
    experiment = making.experiment(devices=queued[0], precision=queued[1])
    assert machine.ask(experiment) == Machine(found, expected)


def test_that_a_number_format_that_was_chosen_stays(here):
    here(GPUS)
    experiment = making.experiment(devices=("cpu",), precision="fp32")
    experiment = replace(experiment, training=replace(experiment.training, precision="fp32"))
    assert machine.ask(experiment) == Machine(GPUS, "fp32")


def test_that_a_machine_without_a_gpu_is_not_asked_for_its_own_runs(monkeypatch):
    monkeypatch.setattr(machine, "DRIVERS", ())
    monkeypatch.setattr(machine, "pool", None)
    assert machine.find(making.experiment()) == Machine(("cpu",), "fp32")


def test_that_a_machine_with_a_driver_is_asked(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "DRIVERS", (str(tmp_path),))
    assert machine.find(making.experiment()) == Machine(tuple(device.devices()), "fp32")


@pytest.mark.parametrize(
    ("now", "told"),
    [
        pytest.param(Machine(("cuda:0",), "bf16"), True, id="another device"),
        pytest.param(Machine(("cpu",), "bf16"), True, id="another format"),
        pytest.param(Machine(("cpu",), "fp32"), False, id="the same"),
    ],
)
def test_that_a_move_is_told_once_a_fold_has_begun(tmp_path, now, told):
    run = making.run(tmp_path)
    run.events_file.write_text(encode(RunStarted(2, 2, "cpu", "fp32", 2)) + "\n")
    assert machine.describe_move(run, now) == ""
    run.fold(1).mkdir()
    assert bool(machine.describe_move(run, now)) == told


def test_that_folds_are_dealt_to_the_devices_found(tmp_path, monkeypatch):
    run, dealt = making.run(tmp_path), []
    monkeypatch.setattr(local, "find", lambda experiment: Machine(GPUS, "bf16"))
    with run.events_file.open("w", encoding="utf-8") as log:
        coordinator = local.Coordinator(run, 0, log)
        monkeypatch.setattr(coordinator, "_context", Context(dealt))
        coordinator._settle()
        for fold in (0, 1):
            coordinator._start(fold, Path("pixels"))
    assert [(one.fold, one.device, one.precision) for one in dealt] == [
        (0, "cuda:0", "bf16"),
        (1, "cuda:1", "bf16"),
    ]
    assert coordinator._workers == 2


class Context:
    """Processes that are noted and never started."""

    def __init__(self, dealt):
        self.dealt = dealt

    def Pipe(self, duplex):
        return Mute(), Mute()

    def Process(self, target, args, name):
        self.dealt.append(args[0])
        return Mute()


class Mute:
    pid = 1

    def close(self):
        pass

    def start(self):
        pass
