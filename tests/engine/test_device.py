from threading import Event, Thread

import pytest
import torch

from engine import device


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


def test_that_work_side_by_side_keeps_its_order_and_draws_little_ahead(monkeypatch):
    monkeypatch.setattr(device, "cores", lambda: 2)
    drawn, first = [], Event()

    def given():
        for number in range(8):
            drawn.append(number)
            yield number

    def work(number):
        if number == 0:
            assert first.wait(10)  # the second is done before
        first.set()
        return torch.get_num_threads()

    before = torch.get_num_threads()
    made = device.side_by_side(work, given(), "cpu")
    assert next(made) == (0, max(1, before // 2))
    assert drawn == [0, 1, 2, 3]
    assert [number for number, _ in made] == [1, 2, 3, 4, 5, 6, 7]
    assert torch.get_num_threads() == before


def test_that_an_error_in_work_side_by_side_is_raised(monkeypatch):
    monkeypatch.setattr(device, "cores", lambda: 2)
    before = torch.get_num_threads()
    with pytest.raises(ZeroDivisionError):
        list(device.side_by_side(lambda number: 1 / number, [1, 0, 1], "cpu"))
    assert torch.get_num_threads() == before
