from threading import Event, Thread

import pytest
import torch

from engine.system import device


@pytest.fixture(autouse=True)
def forgotten():
    device.precision.cache_clear()
    yield
    device.precision.cache_clear()


@pytest.mark.parametrize(
    ("bf16", "found"),
    [
        pytest.param(0.5, "bf16", id="faster"),
        pytest.param(3.0, "fp32", id="slower"),
    ],
)
def test_that_bf16_is_taken_where_it_is_faster(monkeypatch, bf16, found):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True})
    monkeypatch.setattr(device, "_seconds", {"bf16": bf16, "fp32": 1.0}.__getitem__)
    assert device.precision("cpu") == found


def test_that_a_processor_without_bf16_is_not_measured(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    monkeypatch.setattr(device, "_seconds", None)
    assert device.precision("cpu") == "fp32"


def test_that_other_work_is_not_counted():
    threads, calm, stop = torch.get_num_threads(), device._seconds("fp32"), Event()
    others = [Thread(target=_spin, args=(stop,)) for _ in range(4)]
    for other in others:
        other.start()
    try:
        assert device._seconds("fp32") < 3 * calm
    finally:
        stop.set()
    for other in others:
        other.join()
    assert torch.get_num_threads() == threads


def _spin(stop):
    while not stop.is_set():
        pass


@pytest.mark.parametrize("precision", ["bf16", "fp32"])
def test_that_a_convolution_is_timed_in_that_precision(monkeypatch, precision):
    seen = []
    monkeypatch.setattr(device, "autocast", lambda *said: seen.append(said) or torch.no_grad())
    monkeypatch.setattr(torch.Tensor, "backward", lambda self: None)
    assert 0 < device._seconds(precision) < 5
    assert set(seen) == {("cpu", precision)}


@pytest.mark.parametrize(("name", "workers"), [("cpu", 2), ("cuda:0", 1)])
def test_that_cores_are_shared_out_and_given_back(monkeypatch, name, workers):
    monkeypatch.setattr(device, "cores", lambda: 2)
    before = torch.get_num_threads()
    with device.a_core_each(name) as found:
        assert (found, torch.get_num_threads()) == (workers, max(1, before // workers))
    assert torch.get_num_threads() == before
