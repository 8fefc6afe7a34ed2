import numpy as np
import pytest

from engine.data import packing
from engine.data.images import Unreadable, decode_sample
from engine.data.integrity import Kind, check
from engine.data.packing import Broken, open_packed, pack, readable, some
from engine.data.unreadable import find_unreadable
from engine.events import silent
from engine.explanation.overlay import SIDE
from tests.engine.making import draw, faces, study

SIZE = 16


@pytest.fixture
def made(tmp_path):
    with study(tmp_path / "S", faces(tmp_path / "Tëst データ", subjects=1)) as opened:
        yield opened


@pytest.fixture
def dataset(made):
    return made.dataset()


def change(dataset, *rows):
    """Other images under the same names, and what brings the first ones back."""
    files = [dataset.samples[row].file for row in rows]
    before = [file.read_bytes() for file in files]
    for row, file in zip(rows, files, strict=True):
        draw(file, 1000 + row)

    def back():
        for file, content in zip(files, before, strict=True):
            file.write_bytes(content)

    return back


def test_that_changed_images_are_not_packed_and_are_named(dataset, made):
    back = change(dataset, 1, 4, 5, 9)
    with pytest.raises(
        Broken, match=r"4 images have gone, broken or changed .* put them back"
    ) as e:
        pack(dataset, SIZE, made.cache, silent)
    assert str(dataset.samples[1].file) in str(e.value)
    assert str(dataset.samples[9].file) not in str(e.value)
    assert not packing.place(dataset, SIZE, made.cache).exists()
    back()
    packed = open_packed(pack(dataset, SIZE, made.cache, silent))
    alone = [some(dataset, [row], SIZE, made.folder) for row in range(len(dataset))]
    assert np.array_equal(packed, np.concatenate(alone))


def test_that_one_changed_image_is_told_alone(dataset, made):
    change(dataset, 2)
    with pytest.raises(Broken, match="has changed since its import: put it back"):
        pack(dataset, SIZE, made.cache, silent)


def test_that_a_changed_image_is_left_out_where_images_are_looked_at(dataset, made):
    change(dataset, 2)
    assert readable(dataset, [1, 2, 3], SIZE, made.cache)[0] == [1, 3]
    assert list(find_unreadable(dataset.samples, silent)) == [3]
    with pytest.raises(Unreadable, match="has changed since its import"):
        decode_sample(dataset.samples[2], SIDE)
    assert [one.kind for one in check(made, silent).findings][:1] == [Kind.CHANGED]


@pytest.mark.parametrize("place", ["head", "pixels", "sums", "length"])
def test_that_a_damaged_map_is_packed_anew(dataset, made, place):
    file = pack(dataset, SIZE, made.cache, silent)
    whole = file.read_bytes()
    damaged = bytearray(whole)
    damaged[{"head": 70, "pixels": 5000, "sums": -1, "length": -2}[place]] ^= 8
    file.write_bytes(damaged[:-1] if place == "length" else damaged)
    read = some(dataset, range(len(dataset)), SIZE, made.cache)  # no face is shown from it
    assert pack(dataset, SIZE, made.cache, silent) == file
    assert file.read_bytes() == whole
    assert np.array_equal(read, open_packed(file))


def test_that_a_map_of_an_older_program_is_packed_anew(dataset, made):
    file = pack(dataset, SIZE, made.cache, silent)
    whole = file.read_bytes()
    np.save(file, np.zeros((len(dataset), SIZE, SIZE, 3), dtype=np.uint8))
    assert pack(dataset, SIZE, made.cache, silent).read_bytes() == whole
