import hashlib
import sys

import numpy as np
import pytest
from PIL import Image

from engine.data import sample_study
from engine.data.images import decode
from engine.domain import Failure
from engine.faces.exact import exact
from engine.faces.landmarks import FINDER, PLACER, POINTS, FaceMesh, anchors
from engine.faces.outlines import eyes_of
from engine.system.resources import find_shipped
from tests.engine.faces import making

pytest.importorskip("cv2")


@pytest.fixture(scope="module")
def mesh():
    return FaceMesh()


def face(name="S001_happy_nm"):
    return np.asarray(decode(sample_study.find_shipped() / "faces" / f"{name}.jpg"))


def test_that_the_models_are_the_files_that_their_readme_names():
    told = (find_shipped("landmarks") / "README.md").read_text(encoding="utf-8")
    for name in (FINDER, PLACER):
        assert hashlib.sha256((find_shipped("landmarks") / name).read_bytes()).hexdigest() in told


def test_that_eyes_are_where_the_labels_have_them(mesh, tmp_path):
    with making.rendered(tmp_path / "study", 3) as study:
        for one in study.dataset().samples:
            found, true = mesh.find(np.asarray(decode(one.file))), exact(one).eyes
            apart = np.linalg.norm(true[1] - true[0])
            assert found.mesh.shape == (POINTS, 2)
            assert np.linalg.norm(eyes_of(found.mesh) - true, axis=1).max() < 0.1 * apart
            assert np.linalg.norm(found.eyes - true, axis=1).max() < 0.2 * apart


def test_that_points_follow_the_image(mesh):
    plain = mesh.find(face()).mesh
    apart = np.linalg.norm(np.diff(eyes_of(plain), axis=0))
    wide = np.pad(face(), ((0, 0), (30, 50), (0, 0)), mode="edge")
    assert np.median(np.abs(mesh.find(wide).mesh - plain - (30, 0))) < 0.03 * apart
    small = np.asarray(Image.fromarray(face()).resize((48, 48)))
    assert np.median(np.abs(mesh.find(small).mesh * 128 / 48 - plain)) < 0.05 * apart


def test_that_nothing_is_found_where_there_is_no_face(mesh):
    found = mesh.find(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    assert found.eyes.shape == found.mesh.shape == (0, 2)


def test_that_a_missing_model_is_one_sentence(tmp_path):
    with pytest.raises(Failure, match=rf"{FINDER} is missing: install the program again\.$"):
        FaceMesh(tmp_path)


def test_that_missing_opencv_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(Failure, match="needs OpenCV: pip install"):
        FaceMesh()


def test_that_anchors_lie_on_two_grids():
    places = anchors()
    assert places.shape == (896, 2)
    assert places[0].tolist() == [1 / 32, 1 / 32]
    assert places[2].tolist() == [3 / 32, 1 / 32]
