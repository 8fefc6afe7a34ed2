import hashlib
import io
import sqlite3
from dataclasses import replace

import pytest
from PIL import Image

from engine.domain import Condition, Expression, Failure
from engine.store.study import Skipped, Study, source_of
from tests.engine.making import faces, inspected, study


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "Tëst データ"


@pytest.fixture
def images(folder):
    return faces(folder / "my faces", subjects=1, expressions=[0, 3])


def test_that_samples_are_kept_in_the_order_of_the_import(folder, images):
    with study(folder / "S 1", images) as made:
        samples = made.dataset().samples
    assert [s.id for s in samples] == [1, 2, 3, 4]
    for kept, image in zip(samples, images, strict=True):
        assert (kept.subject, kept.pair, kept.sha256) == (image.subject, image.pair, image.sha256)
        assert (kept.expression, kept.condition) == (image.expression, image.condition)
        assert isinstance(kept.expression, Expression)
        assert isinstance(kept.condition, Condition)
        assert kept.dataset == "faces"


def test_that_samples_stay_in_the_order_of_the_import_whatever_they_are_called(folder):
    people = ["zoe", "Ada", "mo", "ada"]
    images = [inspected(folder / "my faces", 9 - n, who) for n, who in enumerate(people)]
    with study(folder / "S 1", images) as made:
        dataset = made.dataset()
    assert dataset.ids.tolist() == [1, 2, 3, 4]
    assert dataset.subjects.tolist() == people
    assert dataset.up_to(2).subjects.tolist() == people[:2]


def test_that_a_study_is_there_again_when_it_is_opened_again(folder, images):
    with study(folder / "S 1", images, name="データ 1") as made:
        first = made.dataset()
    with Study(folder / "S 1") as again:
        assert again.dataset() == first
        assert again.dataset().fingerprint == first.fingerprint
        assert [source.name for source in again.sources()] == ["データ 1"]


def test_that_images_by_reference_stay_where_they_are(folder, images):
    with study(folder / "S", images) as made:
        files = [sample.file for sample in made.dataset().samples]
    assert files == [image.file for image in images]
    assert all(file.is_absolute() for file in files)
    assert not (folder / "S" / "images").exists()


def test_that_copied_images_lie_in_the_study_with_the_same_bytes(folder, images):
    with study(folder / "S", images, copy=True) as made:
        samples = made.dataset().samples
    for sample, image in zip(samples, images, strict=True):
        assert sample.file.is_relative_to(folder / "S")
        assert sample.file.read_bytes() == image.file.read_bytes()
        assert hashlib.sha256(sample.file.read_bytes()).hexdigest() == sample.sha256


def test_that_a_study_with_copies_can_be_moved(folder, images):
    study(folder / "S", images, copy=True).close()
    (folder / "S").rename(folder / "elsewhere")
    with Study(folder / "elsewhere") as moved:
        assert all(sample.file.exists() for sample in moved.dataset().samples)


def test_that_a_study_around_its_images_can_be_moved(folder):
    images = faces(folder / "S" / "faces", subjects=1)
    study(folder / "S", images).close()
    moved = (folder / "S").rename(folder / "elsewhere")
    with Study(moved) as again:
        assert all(sample.file.exists() for sample in again.dataset().samples)
        assert [source.folder for source in again.sources()] == [str(moved)]


def test_that_a_half_copied_image_of_a_crash_is_copied_again(folder, images):
    place = folder / "S/images/faces" / f"{images[0].sha256[:16]}.png"
    place.parent.mkdir(parents=True)
    place.write_bytes(images[0].file.read_bytes()[:20])
    study(folder / "S", images, copy=True).close()
    assert place.read_bytes() == images[0].file.read_bytes()


def test_that_each_image_has_a_readable_thumbnail(folder, images):
    with study(folder / "S", images) as made:
        assert made.thumbnails.known() == {image.sha256 for image in images}
        with Image.open(io.BytesIO(made.thumbnails.jpeg(images[0].sha256))) as small:
            small.load()
            assert (small.format, small.size) == ("JPEG", (8, 10))
        assert made.thumbnails.jpeg("unknown") is None


@pytest.mark.parametrize("copy", [False, True])
def test_that_an_import_that_fails_leaves_nothing(folder, images, copy):
    later = [inspected(folder, 90), replace(images[0], subject="again")]
    with study(folder / "S", images) as made:
        before, thumbnails = made.dataset(), made.thumbnails.known()
        with pytest.raises(sqlite3.IntegrityError):
            made.add(source_of("later", "folders", folder), later, [Skipped("x", "y")], copy)
        assert made.dataset() == before
        assert len(made.sources()) == 1
        assert made.skipped() == []
        assert made.thumbnails.known() == thumbnails
    assert not (folder / "S" / "images").exists()


def test_that_an_import_whose_copy_fails_leaves_no_sample(folder, images):
    images[-1].file.unlink()
    with Study(folder / "S", create=True) as made:
        with pytest.raises(FileNotFoundError):
            made.add(source_of("faces", "folders", folder), images, [], copy=True)
        assert len(made.dataset()) == 0
        assert made.sources() == []


def test_that_the_name_of_an_import_is_taken_once(folder, images):
    with study(folder / "S", images[:2]) as made:
        with pytest.raises(sqlite3.IntegrityError):
            made.add(source_of("faces", "folders", folder), images[2:], [], copy=False)
        assert len(made.dataset()) == 2


def test_that_a_dataset_is_one_import_and_the_study_is_all(folder, images):
    with study(folder / "S", images[:1]) as made:
        made.add(source_of("later", "table", folder), images[1:], [], copy=False)
        assert [len(made.dataset(name)) for name in ("", "faces", "later")] == [4, 1, 3]
        assert made.dataset().name == "S"
        with pytest.raises(Failure, match="has no dataset “other”"):
            made.dataset("other")


def test_that_a_later_import_does_not_change_the_study_up_to_then(folder, images):
    with study(folder / "S", images[:2]) as made:
        then = made.dataset()
        made.add(source_of("later", "folders", folder), images[2:], [], copy=False)
        now = made.dataset()
    assert now.fingerprint != then.fingerprint
    assert now.up_to(2).fingerprint == then.fingerprint


def test_that_what_was_skipped_is_kept_with_its_reason(folder, images):
    skipped = [Skipped("a b.png", "is empty"), Skipped("データ.png", "is empty")]
    with Study(folder / "S", create=True) as made:
        made.add(source_of("faces", "folders", folder), images, skipped, copy=False)
        assert made.skipped() == skipped
        assert made.hashes() == {image.sha256: str(image.file) for image in images}


def test_that_a_source_tells_where_it_came_from_and_when(folder, images):
    with study(folder / "S", images) as made:
        [source] = made.sources()
    assert (source.format, source.folder) == ("folders", str(folder / "S"))
    assert source.imported.endswith("+00:00")


def test_that_a_folder_without_a_study_is_named(folder):
    with pytest.raises(Failure, match=r"There is no study in .*データ: import"):
        Study(folder)
    assert not folder.exists()


def test_that_a_place_where_no_study_can_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(Failure, match="file/S cannot be made: Not a directory"):
        Study(tmp_path / "file" / "S", create=True)


def test_that_a_deleted_cache_is_made_again(folder, images):
    study(folder / "S", images).close()
    for file in (folder / "S" / "cache").iterdir():
        file.unlink()
    (folder / "S" / "cache").rmdir()
    with Study(folder / "S") as again:
        assert len(again.dataset()) == 4
        assert again.thumbnails.known() == set()
