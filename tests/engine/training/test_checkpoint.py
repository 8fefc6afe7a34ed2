import os
from copy import deepcopy

import pytest
import torch
from torch import nn
from torch.optim import Adam

from engine.domain import Failure
from engine.training.checkpoint import CheckpointWriter, load_training, load_weights, save_weights
from tests.engine.making import locked


def network(width=6):
    layers = [nn.Conv2d(3, width, 3), nn.BatchNorm2d(width), nn.Flatten(), nn.Linear(width * 36, 7)]
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


def optimizer(net):
    rates = [{"params": net[:2].parameters(), "lr": 1e-4}, {"params": net[3].parameters()}]
    return Adam(rates, lr=1e-3, weight_decay=1e-4, fused=True)


def step(net, adam, number):
    torch.manual_seed(number)
    adam.zero_grad()
    images = torch.rand(4, 3, 8, 8).contiguous(memory_format=torch.channels_last)
    net(images).square().mean().backward()
    adam.step()


def save_training(net, adam, state, file):
    with CheckpointWriter(net, adam, file) as keeper:
        keeper.keep(state)


def equal(one, other):
    return all(map(torch.equal, one.state_dict().values(), other.state_dict().values()))


@pytest.fixture
def trained():
    torch.manual_seed(0)
    net = network()
    adam = optimizer(net)
    for number in range(3):
        step(net, adam, number)
    return net, adam


def test_that_training_goes_on_bit_for_bit(trained, tmp_path):
    net, adam = trained
    state = {"step": 3, "sums": {"recognition": 0.1}}
    save_training(net, adam, state, tmp_path / "データ.safetensors")
    copy = network()
    fresh = optimizer(copy)
    state = load_training(copy, fresh, tmp_path / "データ.safetensors")
    assert state == {"step": 3, "sums": {"recognition": 0.1}}
    for number in range(3, 6):
        step(net, adam, number)
        step(copy, fresh, number)
    assert equal(net, copy)


def test_that_moments_are_restored_with_their_parameters_strides(trained, tmp_path):
    net, adam = trained
    save_training(net, adam, None, tmp_path / "t.safetensors")
    copy = network()
    fresh = optimizer(copy)
    load_training(copy, fresh, tmp_path / "t.safetensors")
    kernel, restored = net[0].weight, copy[0].weight
    assert not kernel.is_contiguous()
    for moment in ("exp_avg", "exp_avg_sq"):
        assert torch.equal(adam.state[kernel][moment], fresh.state[restored][moment])
        assert fresh.state[restored][moment].stride() == restored.stride()
    assert fresh.state[restored]["step"] == 3


def test_that_saving_changes_nothing(trained, tmp_path):
    net, adam = trained
    before, moments = deepcopy(net.state_dict()), deepcopy(adam.state_dict()["state"])
    save_training(net, adam, None, tmp_path / "t.safetensors")
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())
    for index, values in adam.state_dict()["state"].items():
        assert all(torch.equal(moments[index][name], value) for name, value in values.items())


def test_that_weights_are_restored(trained, tmp_path):
    save_weights(trained[0], tmp_path / "network.safetensors")
    copy = network()
    load_weights(copy, tmp_path / "network.safetensors")
    assert equal(copy, trained[0])


def test_that_a_method_may_name_one_tensor_twice(tmp_path):
    shared = nn.Linear(2, 2)
    both = nn.ModuleDict({"first": shared, "second": shared})
    save_weights(both, tmp_path / "w.safetensors")
    copy = nn.ModuleDict({"first": nn.Linear(2, 2), "second": nn.Linear(2, 2)})
    load_weights(copy, tmp_path / "w.safetensors")
    assert torch.equal(copy["second"].weight, shared.weight)


@pytest.mark.parametrize("length", [0, 4, 200, -1])
def test_that_a_damaged_file_is_named(trained, tmp_path, length):
    file = tmp_path / "network.safetensors"
    save_weights(trained[0], file)
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(Failure, match=r"network\.safetensors are damaged"):
        load_weights(network(), file)
    with pytest.raises(Failure, match=r"network\.safetensors are damaged"):
        load_training(*trained, file)


def test_that_a_missing_file_is_named(tmp_path):
    with pytest.raises(Failure, match=r"gone\.safetensors are damaged or missing"):
        load_weights(network(), tmp_path / "gone.safetensors")


def test_that_a_file_that_may_not_be_read_is_not_called_damaged(trained, tmp_path):
    file = tmp_path / "network.safetensors"
    save_weights(trained[0], file)
    wanted = r"network\.safetensors cannot be read: Permission denied"
    with locked(file), pytest.raises(Failure, match=wanted):
        load_weights(network(), file)
    with locked(file), pytest.raises(Failure, match=wanted):
        load_training(*trained, file)


def test_that_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "network.safetensors")
    with pytest.raises(Failure, match="are damaged"):
        load_weights(network(), tmp_path / "network.safetensors")


def test_that_weights_of_another_network_are_refused(trained, tmp_path):
    save_weights(trained[0], tmp_path / "w.safetensors")
    with pytest.raises(Failure, match=r"w\.safetensors belong to another network"):
        load_weights(network(width=5), tmp_path / "w.safetensors")


def test_that_training_of_another_method_is_refused(trained, tmp_path):
    save_training(*trained, {}, tmp_path / "t.safetensors")
    other = network(width=5)
    with pytest.raises(Failure, match=r"t\.safetensors belongs to another run"):
        load_training(other, optimizer(other), tmp_path / "t.safetensors")


def test_that_weights_alone_are_no_training_state(trained, tmp_path):
    save_weights(trained[0], tmp_path / "w.safetensors")
    with pytest.raises(Failure, match=r"w\.safetensors belongs to another run"):
        load_training(*trained, tmp_path / "w.safetensors")


def test_that_a_failed_save_keeps_the_last_one(trained, tmp_path, monkeypatch):
    file = tmp_path / "w.safetensors"
    save_weights(trained[0], file)
    kept = file.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.training.checkpoint.save_file", full)
    with pytest.raises(Failure, match=r"No space.*make room, then resume"):
        save_weights(network(), file)
    assert file.read_bytes() == kept
    assert list(tmp_path.iterdir()) == [file]


def test_that_what_is_kept_is_as_training_stood_then(trained, tmp_path):
    net, adam = trained
    before = deepcopy(net.state_dict())
    with CheckpointWriter(net, adam, tmp_path / "t.safetensors") as keeper:
        keeper.keep(None)
        step(net, adam, 3)
    copy = network()
    load_training(copy, optimizer(copy), tmp_path / "t.safetensors")
    assert all(torch.equal(before[name], value) for name, value in copy.state_dict().items())


def test_that_a_full_disk_is_told_at_the_latest_at_the_end(trained, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.training.checkpoint.save_file", full)
    with (
        pytest.raises(Failure, match="No space"),
        CheckpointWriter(*trained, tmp_path / "t") as keeper,
    ):
        keeper.keep(None)
