import io
import pickle
import struct
import subprocess
import sys
import warnings
import zipfile
from argparse import Namespace
from collections import Counter, OrderedDict
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from engine.domain import Failure
from engine.pretrained.reading import read
from tests.engine.pretrained.making import of_python_2
from tests.pickle_opcodes import called, content, integer, named, text, tupled

READ = (
    "import sys, pathlib; from engine.pretrained.reading import read; "
    "read(pathlib.Path(sys.argv[1]))"
)


def rebuilt(offset, size, stride, count=4, key="0", kind="Float"):
    """A pickled state dict of one tensor in a storage of four numbers."""
    told = (text("storage"), named(f"torch {kind}Storage"), text(key), text("cpu"), integer(count))
    where = integer(offset) + tupled(*map(integer, size)) + tupled(*map(integer, stride))
    made = named("torch._utils _rebuild_tensor_v2") + b"(" + tupled(*told) + b"Q" + where
    return b"\x80\x02}" + text("a") + made + b"\x89" + called("collections OrderedDict") + b"tRs."


def archive(file, pickled, numbers=(1, 2, 3, 4), compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(file, "w", compression) as made:
        made.writestr("archive/data.pkl", pickled, zipfile.ZIP_STORED)
        made.writestr("archive/data/0", struct.pack(f"<{len(numbers)}f", *numbers))
    return file


def array(code, shape, values, flags=63):
    """A pickled state dict of one array."""
    state = integer(3) + text("|") + b"NNN" + integer(8) + integer(8) + integer(flags)
    kind = called("numpy dtype", text(code), b"\x89", b"\x88") + b"(" + state + b"tb"
    empty = named("numpy ndarray") + tupled(integer(0)) + content(b"b")
    made = called("numpy.core.multiarray _reconstruct", empty) + b"(" + integer(1)
    whole = made + tupled(*map(integer, shape)) + kind + b"\x89" + content(values) + b"tb"
    return b"\x80\x02}" + text("a") + whole + b"s."


def test_that_bytes_never_become_objects(tmp_path):
    """In a process of its own, which they would end."""
    kind = called("numpy dtype", text("O8"), b"\x89", b"\x88") + b"(" + integer(3) + text("|")
    kind += b"NNN" + integer(-1) + integer(-1) + integer(0) + b"tb"
    pickled = called("numpy.core.multiarray scalar", kind, content(b"ABCDEFGH"))
    pickled = rebuilt(0, (4,), (1,))[:-1] + text("b") + pickled + b"s."
    archive(tmp_path / "w", pickled)
    ended = subprocess.run([sys.executable, "-c", READ, tmp_path / "w"], capture_output=True)
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("offset", "size", "stride", "values"),
    [
        (0, (4,), (1,), [1, 2, 3, 4]),
        (1, (3,), (1,), [2, 3, 4]),
        (0, (2, 2), (1, 2), [[1, 3], [2, 4]]),
        (0, (), (), 1),
        (2, (0, 5), (5, 1), torch.empty(0, 5).tolist()),
        (0, (2, 3), (0, 1), [[1, 2, 3], [1, 2, 3]]),
    ],
)
def test_that_a_tensor_may_be_any_part_of_its_storage(tmp_path, offset, size, stride, values):
    found = read(archive(tmp_path / "w", rebuilt(offset, size, stride)))[""]["a"]
    assert found.tolist() == values


@pytest.mark.parametrize(
    ("offset", "size", "stride"),
    [
        (0, (5,), (1,)),
        (4, (1,), (1,)),
        (-1, (1,), (1,)),
        (0, (2,), (4,)),
        (3, (2,), (-1,)),
        (0, (2, 2), (1,)),
        (0, (2**40, 2**40), (0, 0)),
        (0, (2**62, 4), (1, 1)),
        (2**63, (1,), (1,)),
        (0, (0, 2**62), (1, 1)),
        (0, (1,) * 40, (1,) * 40),
    ],
)
def test_that_a_tensor_beyond_its_storage_is_refused(tmp_path, offset, size, stride):
    with pytest.raises(Failure, match="damaged or no weight file"):
        read(archive(tmp_path / "w", rebuilt(offset, size, stride)))


def test_that_what_a_storage_claims_to_hold_is_not_believed(tmp_path):
    found = read(archive(tmp_path / "w", rebuilt(0, (4,), (1,), count=2**62)))
    assert found[""]["a"].tolist() == [1, 2, 3, 4]
    with pytest.raises(Failure, match="damaged or no weight file"):
        read(archive(tmp_path / "w", rebuilt(0, (5,), (1,), count=5)))


def test_that_compressed_storages_are_not_unpacked(tmp_path):
    numbers = (0,) * 10**6
    file = archive(tmp_path / "w", rebuilt(0, (4,), (1,)), numbers, zipfile.ZIP_DEFLATED)
    with pytest.raises(Failure, match="damaged or no weight file"):
        read(file)


def test_that_one_storage_under_many_names_is_held_once(tmp_path):
    """Two hundred entries of the archive begin at the same bytes."""
    with zipfile.ZipFile(tmp_path / "w", "w") as made:
        made.writestr("archive/data/0", bytes(4000))
        entry = made.getinfo("archive/data/0")
        tensors = b""
        for key in range(200):
            twin = zipfile.ZipInfo(f"archive/data/{key}")
            for name in ("CRC", "compress_size", "file_size", "header_offset"):
                setattr(twin, name, getattr(entry, name))
            made.NameToInfo[twin.filename] = twin
            made.filelist.append(twin)
            one = rebuilt(0, (1000,), (1,), key=str(key))
            tensors += one[3:-1].replace(text("a"), text(f"a{key}"), 1)
        made.writestr("archive/data.pkl", b"\x80\x02}" + tensors + b".")
    with pytest.raises(Failure, match="damaged or no weight file"):
        read(tmp_path / "w")


@pytest.mark.parametrize(
    ("code", "shape"),
    [("f4", (3,)), ("f4", (2**40, 2**40)), ("f8", (2,)), ("f3", (2,)), ("f1", (8,))],
)
def test_that_an_array_of_another_size_than_its_bytes_is_refused(tmp_path, code, shape):
    (tmp_path / "w").write_bytes(array(code, shape, bytes(8)))
    with pytest.raises(Failure, match=r"damaged or no weight file|no tensors"):
        read(tmp_path / "w")


@pytest.mark.parametrize("flags", [0, 63, 2**31 - 1])
def test_that_an_arrays_numbers_are_known_by_their_code_alone(tmp_path, flags):
    (tmp_path / "w").write_bytes(array("f4", (2,), struct.pack("<2f", 1, 2), flags))
    assert read(tmp_path / "w")[""]["a"].tolist() == [1, 2]


def test_that_the_same_bytes_cannot_be_arrays_without_end(tmp_path):
    one = array("u1", (10**6,), bytes(10**6))
    bits = one[3:-2].split(content(bytes(10**6)))
    again = b"".join(text(f"b{k}") + bits[0][6:] + b"h\x07" + bits[1] + b"s" for k in range(99))
    kept = one[:-2].replace(content(bytes(10**6)), content(bytes(10**6)) + b"q\x07")
    (tmp_path / "w").write_bytes(kept + b"s" + again + b".")
    with pytest.raises(Failure, match="damaged or no weight file"):
        read(tmp_path / "w")


def test_that_a_mapping_that_holds_itself_is_read_once(tmp_path):
    inside = rebuilt(0, (4,), (1,))[3:-1]
    pickled = b"\x80\x02}q\x05" + inside + text("self") + b"h\x05s" + text("b") + b"]q\x06h\x06as."
    found = read(archive(tmp_path / "w", pickled))
    assert {place: list(tensors) for place, tensors in found.items()} == {"": ["a"]}


def test_that_mappings_that_share_their_parts_are_read_in_time(tmp_path):
    """Four levels of a thousand names each would be 10¹² mappings."""
    level = b"}q\x00" + rebuilt(0, (4,), (1,))[3:-1]
    for place in (1, 2, 3):
        names = b"".join(text(str(k)) + b"h" + bytes([place - 1]) for k in range(1000))
        level = b"0".join((level, b"}q" + bytes([place]) + b"(" + names + b"u"))
    assert len(read(archive(tmp_path / "w", b"\x80\x02" + level + b"."))) == 1


@pytest.mark.parametrize("name", ["a\nb", "\x1b[2J", "\u202eb", "a" * 501, ""])
def test_that_tensors_under_names_that_cannot_be_shown_are_left_out(tmp_path, name):
    pickled = rebuilt(0, (4,), (1,)).replace(text("a"), text(name), 1)
    archive(tmp_path / "w", pickled)
    if not name:
        assert list(read(tmp_path / "w")[""]) == [""]
        return
    with pytest.raises(Failure, match="no tensors by name"):
        read(tmp_path / "w")


class Weird(nn.Module):
    """A parameter, a buffer that is expanded, whole numbers and halves."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 2).bfloat16())
        self.register_buffer("wide", torch.ones(1, 3).expand(5, 3))
        self.register_buffer("turned", torch.arange(6.0).reshape(2, 3).T)
        self.register_buffer("chosen", torch.tensor([True, False]))
        self.register_buffer("doubles", torch.rand(3, dtype=torch.float64))
        self.register_buffer("halves", torch.rand(3).half())


@pytest.fixture(scope="module")
def checkpoint():
    """What public training programs save."""
    torch.manual_seed(0)
    net = Weird()
    moments = {"step": torch.tensor(1.0), "exp_avg": torch.ones(3), "exp_avg_sq": torch.ones(3)}
    groups = [{"lr": 0.1, "betas": (0.9, 0.999), "fused": None, "params": [0]}]
    return {
        "epoch": 3,
        "arch": "resnet18",
        "state_dict": net.state_dict(),
        "params": OrderedDict(net.named_parameters()),
        "optimizer": {"state": {0: moments}, "param_groups": groups},
        "scheduler": {"milestones": Counter([8, 14]), "gamma": 0.1, "last_epoch": 3},
        "args": Namespace(lr=0.1, sizes=[1, 2], device=torch.device("cpu"), kind=torch.float32),
        "options": SimpleNamespace(folder=Path("/data"), kind=np.float32),
        "best_prec1": torch.tensor(81.5),
        "best": np.float64(0.8),
        "curve": np.ones(3),
        "shape": torch.Size([1, 2]),
        "nested": {"deeper": {"model": {"weight": torch.ones(2)}}},
    }


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("protocol", [2, 4])
def test_that_a_checkpoint_is_read_as_torch_reads_it(checkpoint, tmp_path, zipped, protocol):
    file = tmp_path / "w.pth.tar"
    torch.save(checkpoint, file, _use_new_zipfile_serialization=zipped, pickle_protocol=protocol)
    found = read(file)
    for place in ("state_dict", "params"):
        wanted = checkpoint[place]
        assert list(found[f"{place}."]) == list(wanted)
        for name, tensor in found[f"{place}."].items():
            assert torch.equal(tensor.double(), wanted[name].detach().double()), name
    assert torch.equal(found["nested.deeper.model."]["weight"], torch.ones(2))


def test_that_a_file_without_checksums_is_read(tmp_path):
    torch.serialization.set_crc32_options(False)
    torch.save({"a": torch.ones(3)}, tmp_path / "w.pth")
    torch.serialization.set_crc32_options(True)
    assert read(tmp_path / "w.pth")[""]["a"].tolist() == [1, 1, 1]


def test_that_a_changed_byte_of_a_zip_file_is_noticed(tmp_path):
    torch.save({"a": torch.ones(1000)}, tmp_path / "w.pth")
    content = bytearray((tmp_path / "w.pth").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "w.pth").write_bytes(content)
    with pytest.raises(Failure, match="damaged or no weight file"):
        read(tmp_path / "w.pth")


@pytest.mark.parametrize("zipped", [True, False])
def test_that_tensors_that_are_not_dense_and_real_are_passed_over(tmp_path, zipped):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quantised = torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)
        kept = {"q": quantised, "s": torch.eye(2).to_sparse(), "c": torch.ones(2) + 1j}
        torch.save(
            {**kept, "a": torch.ones(2)}, tmp_path / "w", _use_new_zipfile_serialization=zipped
        )
    assert list(read(tmp_path / "w")[""]) == ["a"]


def test_that_texts_and_arrays_of_python_2_are_read_in_columns_or_big_endian(tmp_path):
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    (tmp_path / "w").write_bytes(of_python_2({"a": values}))
    assert read(tmp_path / "w")[""]["a"].tolist() == values.tolist()
    for kind in (np.asfortranarray(values), values.astype(">f4"), values.astype(">i8"), values.T):
        (tmp_path / "w").write_bytes(pickle.dumps({"a": kind}, 2))
        assert read(tmp_path / "w")[""]["a"].tolist() == kind.tolist()


@pytest.mark.parametrize(
    "head",
    [
        '{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}',
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,80]}}',
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}',
        '{"a":' + "[" * 100_000,
        '{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}',
    ],
)
def test_that_a_safetensors_head_that_contradicts_itself_is_refused(tmp_path, head):
    (tmp_path / "w").write_bytes(struct.pack("<Q", len(head)) + head.encode() + bytes(8))
    with pytest.raises(Failure, match="damaged or no weight file"):
        read(tmp_path / "w")
    (tmp_path / "w").write_bytes(struct.pack("<Q", 2**60) + head.encode() + bytes(8))
    with pytest.raises(Failure, match="damaged or no weight file"):
        read(tmp_path / "w")


def test_that_safetensors_hold_other_kinds_of_numbers(tmp_path):
    save_file({"a": torch.ones(2).half(), "c": torch.ones(2) + 1j}, tmp_path / "w")
    assert list(read(tmp_path / "w")[""]) == ["a"]


def test_that_a_buffer_holds_what_was_made(tmp_path):
    torch.save({"a": torch.ones(2)}, buffer := io.BytesIO())
    (tmp_path / "w").write_bytes(buffer.getvalue())
    assert read(tmp_path / "w")[""]["a"].tolist() == [1, 1]
