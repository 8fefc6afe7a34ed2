import io
import zipfile
import zlib

import numpy as np
import pytest

from engine.domain import Failure
from engine.store.columns import TEXT, Column, Damaged, load_columns, save_columns

DECLARED = {
    "ids": Column("<i8", low=1, distinct=True),
    "shares": Column("<f4", ("n", 3), low=0, high=1),
    "known": Column("|b1"),
    "words": Column(TEXT),
}


def columns(n=4, **changes):
    kept = {
        "ids": np.arange(1, n + 1),
        "shares": np.full((n, 3), 0.5, dtype=np.float32),
        "known": np.arange(n) % 2 == 0,
        "words": "“Tëst データ”",
    }
    return kept | changes


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("n", [0, 1, 4])
def test_that_columns_come_back_as_they_were_and_can_be_changed(tmp_path, n, compressed):
    file = tmp_path / "new" / "データ.npz"
    save_columns(file, columns(n), compressed=compressed)
    found = load_columns(file, DECLARED)
    assert {name: column.tolist() for name, column in found.items()} == {
        name: np.asarray(column).tolist() for name, column in columns(n).items()
    }
    assert str(found["words"]) == columns()["words"]
    assert all(found[name].flags.writeable for name in DECLARED)


def test_that_a_table_kept_by_columns_comes_back(tmp_path):
    table = np.asfortranarray(np.arange(12, dtype=np.float32).reshape(4, 3) / 12)
    save_columns(tmp_path / "a.npz", columns(shares=table))
    assert np.array_equal(load_columns(tmp_path / "a.npz", DECLARED)["shares"], table)


@pytest.mark.parametrize(
    "changes",
    [
        {"ids": np.arange(4)},
        {"ids": np.array([1, 2, 2, 3])},
        {"ids": np.arange(1.0, 5.0)},
        {"ids": np.arange(1, 5, dtype=">i8")},
        {"ids": np.arange(1, 4)},
        {"ids": np.arange(1, 5)[:, None]},
        {"shares": np.full((4, 3), 0.5)},
        {"shares": np.full((4, 2), 0.5, dtype=np.float32)},
        {"shares": np.full((4, 3), np.nan, dtype=np.float32)},
        {"shares": np.full((4, 3), np.inf, dtype=np.float32)},
        {"shares": np.full((4, 3), -0.1, dtype=np.float32)},
        {"shares": np.full((4, 3), 1.1, dtype=np.float32)},
        {"known": np.full(4, 2, dtype=np.uint8).view(np.bool_)},
        {"known": np.zeros(4, dtype=np.uint8)},
        {"words": np.array([ord("a"), 0xD800], dtype="<u4").view("<U2")[0]},
        {"words": np.array(["a", "b"])},
        {"words": 3},
    ],
    ids=str,
)
def test_that_what_cannot_be_is_refused(tmp_path, changes):
    save_columns(tmp_path / "a.npz", columns(**changes))
    with pytest.raises(Damaged, match=r"a\.npz is damaged \(.+\): make it anew"):
        load_columns(tmp_path / "a.npz", DECLARED)


def test_that_a_length_can_be_asked_for(tmp_path):
    save_columns(tmp_path / "a.npz", columns())
    assert load_columns(tmp_path / "a.npz", DECLARED, {"n": 4})
    with pytest.raises(Damaged, match="ids has 4 rows or columns where 5 belong"):
        load_columns(tmp_path / "a.npz", DECLARED, {"n": 5})


def test_that_gaps_are_allowed_where_they_are_declared(tmp_path):
    save_columns(tmp_path / "a.npz", {"share": np.array([np.nan, 0.5])})
    column = Column("<f8", low=0, high=1, gaps=True)
    assert np.isnan(load_columns(tmp_path / "a.npz", {"share": column})["share"][0])


def declaring(shape, content, method=zipfile.ZIP_STORED):
    """A file whose only array says that it has this shape."""
    header = io.BytesIO()
    described = {"descr": "<i8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, described)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as stored:
        stored.writestr("ids.npy", header.getvalue() + content)
    return whole.getvalue()


@pytest.mark.parametrize("shape", [(2**27,), (2**62,), (2**62, 2**62)])
def test_that_an_array_that_says_it_is_huge_is_never_made_room_for(tmp_path, shape, monkeypatch):
    monkeypatch.setattr(np, "empty", None)
    (tmp_path / "a.npz").write_bytes(declaring(shape, bytes(800)))
    with pytest.raises(Damaged):
        load_columns(tmp_path / "a.npz", {"ids": DECLARED["ids"]})


def test_that_a_file_that_unpacks_to_gigabytes_is_refused_by_its_size(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.store.columns.LARGEST", 2**20)
    zeros = bytes(2 * 2**20)
    content = declaring((len(zeros) // 8,), zeros, zipfile.ZIP_DEFLATED)
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(Damaged, match="more than 1,048,576 bytes"):
        load_columns(tmp_path / "a.npz", {"ids": DECLARED["ids"]})


def test_that_one_changed_bit_of_a_number_is_noticed(tmp_path):
    file = tmp_path / "a.npz"
    save_columns(file, columns(ids=np.array([16, 32, 64, 128])))
    content = file.read_bytes()
    file.write_bytes(content.replace(np.int64(64).tobytes(), np.int64(65).tobytes()))
    with pytest.raises(Damaged):
        load_columns(file, DECLARED)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"PK\x05\x06" + bytes(18), zlib.compress(b"a"), b"\x93NUMPY"],
    ids=["empty", "two bytes", "no members", "other", "lone array"],
)
def test_that_other_files_are_refused(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(Damaged):
        load_columns(tmp_path / "a.npz", DECLARED)


def test_that_what_is_not_there_is_told_from_damage(tmp_path):
    with pytest.raises(Failure, match=r"gone\.npz cannot be read: No such file") as told:
        load_columns(tmp_path / "gone.npz", DECLARED)
    assert not isinstance(told.value, Damaged)


def test_that_a_folder_in_its_place_is_damage(tmp_path):
    with pytest.raises(Damaged, match="cannot be read"):
        load_columns(tmp_path, DECLARED)
