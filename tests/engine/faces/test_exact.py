import numpy as np
import pytest
from PIL import Image

from engine.data import sample_study as sample
from engine.data.images import Unreadable
from engine.domain import Condition, Expression, Region, Sample
from engine.faces.exact import exact
from tests.engine.faces import making
from tests.engine.making import sample as plain
from tests.engine.making import sample_study


def test_that_shipped_regions_become_ours_and_skin_is_split(tmp_path):
    with making.rendered(tmp_path / "study", 2, list(Expression)) as study:
        for one in study.dataset().samples:
            face = exact(one)
            shown = np.asarray(Image.open(sample.region_map(one)))
            assert face.exact
            assert face.regions.shape == shown.shape == (128, 128)
            assert ((face.regions == Region.MASK) == (shown == 6)).all()
            assert ((face.regions == Region.EYES) == (shown == 2)).all()
            assert (face.regions[np.isin(shown, (0, 7, 8, 9))] == Region.OUTSIDE).all()
            skin = np.isin(face.regions, (Region.CHEEKS, Region.FOREHEAD))
            assert (shown[skin] == 1).all()
            assert skin.any()


def test_that_the_forehead_ends_at_the_brows_and_follows_the_tilt_of_the_eyes(tmp_path):
    folder = lay(tmp_path, tilt=20)
    found = exact(plain_face(folder))
    rows = np.flatnonzero((found.regions == Region.FOREHEAD).any(axis=1))
    left, right = (np.flatnonzero(found.regions[:, x] == Region.FOREHEAD).max() for x in (30, 70))
    assert rows.min() == 0
    assert right - left == pytest.approx(40 * np.tan(np.radians(20)), abs=2)


def test_that_the_neck_is_outside_and_the_chin_is_not(tmp_path):
    found = exact(plain_face(lay(tmp_path, tilt=0)))
    assert found.regions[98, 50] == Region.OUTSIDE
    assert found.regions[84, 50] == Region.CHEEKS
    assert found.regions[84, 15] == Region.OUTSIDE  # beside the jaw


def test_that_eyes_come_left_first(tmp_path):
    assert exact(plain_face(lay(tmp_path, tilt=0))).eyes.tolist() == [[35, 40], [65, 40]]


def test_that_a_study_without_maps_or_landmarks_has_nothing_exact(tmp_path):
    assert exact(plain(1)) is None
    sample_study(tmp_path / "drawn", subjects=1)
    names = tmp_path / "drawn" / "faces" / "S001_happy_nm.jpg"
    assert exact(face_at(names)) is None


def test_that_a_damaged_map_is_named(tmp_path):
    folder = lay(tmp_path, tilt=0)
    (folder / "regions" / "one.png").write_bytes(b"no picture")
    with pytest.raises(Unreadable, match=r"one\.png is not a map of regions"):
        exact(plain_face(folder))
    Image.new("RGB", (4, 4)).save(folder / "regions" / "one.png")
    with pytest.raises(Unreadable, match=r"one\.png is not a map of regions"):
        exact(plain_face(folder))


def lay(folder, tilt):
    """A picture of 100 × 100 px that is skin all over, and where its landmarks are."""
    for name in ("faces", "regions"):
        (folder / name).mkdir()
    Image.new("P", (100, 100), 1).save(folder / "regions" / "one.png")
    points = {
        "right_eye": (35, 40), "left_eye": (65, 40), "right_brow_outer": (28, 30),
        "right_brow_inner": (44, 30), "left_brow_inner": (56, 30), "left_brow_outer": (72, 30),
        "chin": (50, 90),
    }  # fmt: skip
    turned = {name: turn(point, tilt) for name, point in points.items()}
    head = ",".join(f"{name}_x,{name}_y" for name in turned)
    row = ",".join(f"{x},{y}" for x, y in turned.values())
    (folder / "labels.csv").write_text(f"file,{head}\nfaces/one.jpg,{row}\n", encoding="utf-8")
    return folder


def turn(point, tilt):
    """About the eyes' middle."""
    centre, angle = complex(50, 40), np.exp(1j * np.radians(tilt))
    place = (complex(*point) - centre) * angle + centre
    return place.real, place.imag


def plain_face(folder):
    return face_at(folder / "faces" / "one.jpg")


def face_at(file):
    return Sample(1, file, "s", Expression.HAPPY, Condition.NON_MASKED)
