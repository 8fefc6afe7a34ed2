import os
import pickle
import zipfile
from argparse import Namespace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from engine.domain import Failure
from engine.pretrained.reading import read


class Hostile:
    """Makes a file where it is read by an unpickler that does as it is told."""

    def __init__(self, call, *arguments):
        self.call = call, arguments

    def __reduce__(self):
        return self.call


@pytest.fixture
def mark(tmp_path):
    return tmp_path / "it ran"


@pytest.fixture(params=["system", "open", "eval", "in an array"])
def hostile(request, mark):
    return {
        "system": Hostile(os.system, f"touch '{mark}'"),
        "open": Hostile(open, str(mark), "w"),
        "eval": Hostile(eval, f"open({str(mark)!r}, 'w')"),
        "in an array": np.array([Hostile(open, str(mark), "w")], dtype=object),
    }[request.param]


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_that_a_hostile_pickle_is_refused_and_does_not_run(hostile, mark, tmp_path, protocol):
    file = tmp_path / "w.pkl"
    file.write_bytes(pickle.dumps({"conv1.weight": np.ones(3), "more": hostile}, protocol))
    with pytest.raises(Failure, match=r"w\.pkl asks for .*, which could run code") as told:
        read(file)
    assert str(told.value).count("\n") == 0
    assert not mark.exists()


@pytest.mark.parametrize("zipped", [True, False])
def test_that_a_hostile_checkpoint_is_refused_and_does_not_run(mark, tmp_path, zipped):
    file = tmp_path / "w.pth"
    content = {"state_dict": {"conv1.weight": torch.ones(3)}, "more": Hostile(os.system, "x")}
    torch.save(content, file, _use_new_zipfile_serialization=zipped)
    with pytest.raises(Failure, match=r"w\.pth asks for \w+\.system, which could run code"):
        read(file)
    assert not mark.exists()


@pytest.mark.parametrize("zipped", [True, False])
def test_that_scores_and_options_beside_the_tensors_do_no_harm(tmp_path, zipped):
    beside = {"best": np.float64(0.8), "curve": np.ones(3), "args": Namespace(lr=0.1)}
    content = {"state_dict": {"a": torch.ones(2)}, **beside}
    torch.save(content, tmp_path / "w.pth", _use_new_zipfile_serialization=zipped)
    assert {"a"} in [set(tensors) for tensors in read(tmp_path / "w.pth").values()]


def test_that_a_whole_network_is_refused_with_advice(tmp_path):
    torch.save(nn.Linear(2, 2), tmp_path / "w.pt")
    with pytest.raises(Failure, match=r"torch\.nn\.modules\.linear\.Linear.* state dict"):
        read(tmp_path / "w.pt")


def test_that_no_other_codec_is_looked_up(tmp_path):
    (tmp_path / "w.pkl").write_bytes(
        b"\x80\x02c_codecs\nencode\n(X\x01\x00\x00\x00aX\x03\x00\x00\x00hextR."
    )
    with pytest.raises(Failure, match="the codec hex"):
        read(tmp_path / "w.pkl")


@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors", "pickle"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_that_a_truncated_file_is_named_in_one_sentence(tmp_path, kind, kept):
    state = {f"layer{k}.weight": torch.rand(64) for k in range(40)}
    file = tmp_path / f"w.{kind}"
    match kind:
        case "zip" | "legacy":
            torch.save(state, file, _use_new_zipfile_serialization=kind == "zip")
        case "safetensors":
            save_file(state, file)
        case "pickle":
            file.write_bytes(pickle.dumps({name: t.numpy() for name, t in state.items()}))
    content = file.read_bytes()
    assert read(file)
    file.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(Failure, match=rf"w\.{kind} is damaged or no weight file") as told:
        read(file)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "content", [b"", b"<html>Not found</html>", b"version https://git-lfs", b"{}"]
)
def test_that_what_is_no_weight_file_is_said_so(tmp_path, content):
    (tmp_path / "w.pth").write_bytes(content)
    with pytest.raises(Failure, match="damaged or no weight file"):
        read(tmp_path / "w.pth")


def test_that_any_archive_is_no_weight_file(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.pth", "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(Failure, match="damaged or no weight file"):
        read(tmp_path / "w.pth")


def test_that_a_file_without_named_tensors_is_said_so(tmp_path):
    torch.save([torch.ones(1)], tmp_path / "w.pth")
    with pytest.raises(Failure, match="no tensors by name"):
        read(tmp_path / "w.pth")


def test_that_a_missing_file_is_said_so(tmp_path):
    with pytest.raises(Failure, match="cannot be read"):
        read(tmp_path / "w.pth")


def test_that_the_content_decides_and_not_the_ending(tmp_path):
    save_file({"a": torch.ones(2)}, tmp_path / "w.pkl")
    assert list(read(tmp_path / "w.pkl")[""]) == ["a"]
