import json
import shutil

import numpy as np
import pytest
from PIL import Image

from engine.data.images import read, thumbnail
from engine.data.importing import inspect, save
from engine.data.integrity import Kind, check, document, thumbnails
from engine.data.near_duplicates import ImageHashes, group_alike, looks
from engine.domain import Condition, Expression
from engine.events import silent
from engine.store.study import Inspected, Study, source_of


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "Tëst データ"


@pytest.fixture
def study(tmp_path):
    with Study(tmp_path / "study", create=True) as opened:
        yield opened


def face(seed, size=64):
    """Large soft blotches, as different from each other as faces in different poses."""
    values = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(values).resize((size, size), Image.Resampling.BICUBIC)


def draw(folder, names):
    for seed, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        face(seed).save(folder / name)


def add(study, folder, rows):
    """Samples as the rows say, without an import's rules: (name, subject, expression, m, pair)."""
    images = []
    for name, subject, expression, condition, pair in rows:
        picture = read(folder / name)
        shown = (folder / name, subject, Expression[expression], Condition(condition), pair)
        small = thumbnail(picture.image)
        images.append(Inspected(*shown, picture.sha256, picture.shape, small))
    study.add(source_of("set", "folders", folder), images, [], copy=False)


def kinds(found):
    return [one.kind for one in found.findings]


def test_that_a_sound_study_has_no_findings(folder, study):
    draw(folder, ["nm/happy/a_1.png", "masked/happy/a_1.png", "nm/sad/b_1.png"])
    save(inspect(folder), study)
    found = check(study, silent)
    assert document(found)["sound"]
    assert (found.samples, found.findings) == (3, ())
    assert "1 subject only non-masked." in found.notes
    assert any(note.startswith("No masked image shows surprise") for note in found.notes)


def test_that_missing_changed_and_broken_files_are_found(folder, study):
    draw(folder, [f"happy/{name}.png" for name in ("gone", "new", "cut", "good")])
    save(inspect(folder), study)
    (folder / "happy/gone.png").unlink()
    face(99).save(folder / "happy/new.png")
    (folder / "happy/cut.png").write_bytes(b"")
    said = document(check(study, silent))
    for kind, name in (("missing", "gone"), ("changed", "new"), ("unreadable", "cut")):
        (one,) = said[kind]
        assert one["files"] == [str(folder / f"happy/{name}.png")]
        assert name in one["text"]
    assert not said["sound"]
    assert json.loads(json.dumps(said)) == said


def test_that_incomplete_and_contradicting_pairs_are_found(folder, study):
    names = [f"{n}.png" for n in range(3)]
    draw(folder, names)
    rows = [("A", "SAD", 0, "half"), ("B", "SAD", 0, "odd"), ("B", "FEAR", 1, "odd")]
    add(study, folder, [(name, *row) for name, row in zip(names, rows, strict=True)])
    found = check(study, silent)
    assert kinds(found) == [Kind.PAIR, Kind.PAIR]
    assert "half is not whole" in found.findings[0].text
    assert "B sad and B fear" in found.findings[1].text


@pytest.mark.parametrize(
    ("subject", "pair", "expected"),
    [("A", "", [Kind.NEAR]), ("B", "", [Kind.LEAK]), ("A", "both", [])],
)
def test_that_a_face_saved_anew_is_found_unless_it_is_a_partner(
    folder, study, subject, pair, expected
):
    draw(folder, ["a.png", "c.png"])
    face(0).resize((48, 48)).save(folder / "b.jpg", quality=60)
    rows = [("a.png", "A", "SAD", 0, pair), ("c.png", "A", "SAD", 0, "")]
    add(study, folder, [*rows, ("b.jpg", subject, "SAD", 1, pair)])
    assert kinds(check(study, silent)) == expected


def test_that_thumbnails_are_made_again_but_not_of_changed_files(folder, study):
    draw(folder, ["happy/a.png", "happy/b.png"])
    found = inspect(folder)
    save(found, study)
    study.thumbnails.close()
    shutil.rmtree(study.cache)
    face(99).save(folder / "happy/b.png")
    with Study(study.folder) as again:
        assert thumbnails(again, silent) == 1
        assert again.thumbnails.jpeg(found.images[0].sha256) == found.images[0].thumbnail
        assert thumbnails(again, silent) == 0


def test_that_flat_pictures_are_not_alike():
    assert (
        group_alike(
            looks([thumbnail(Image.new("RGB", (9, 9), (n, n, n))) for n in (10, 200)], silent)
        )
        == []
    )


def test_that_damaged_thumbnails_are_like_nothing():
    whole = thumbnail(face(0))
    damaged = [whole[:40], whole[:40], b"", b""]
    assert group_alike(looks([whole, *damaged, whole], silent)) == [[0, 5]]


def test_that_look_alikes_are_grouped():
    pictures = [face(0), face(1), face(0, 128), face(0, 96), face(1, 80), face(2)]
    assert group_alike(looks([thumbnail(picture) for picture in pictures], silent)) == [
        [0, 2, 3],
        [1, 4],
    ]


def test_that_an_empty_study_can_be_checked(study):
    assert check(study, silent).findings == ()


@pytest.mark.parametrize(("correlation", "groups"), [(0.98, [[0, 1]]), (0.965, [])])
def test_that_faces_in_one_pose_are_not_alike_but_one_saved_anew_is(correlation, groups):
    one, other = np.linalg.qr(np.random.default_rng(0).normal(size=(1024, 2)))[0].T
    greys = np.stack([one, correlation * one + np.sqrt(1 - correlation**2) * other])
    assert (
        group_alike(ImageHashes(np.zeros(2, dtype=np.uint64), greys.astype(np.float32))) == groups
    )
