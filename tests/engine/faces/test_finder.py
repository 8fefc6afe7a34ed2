from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from engine.data.images import Unreadable, decode
from engine.domain import Condition, Failure, Region
from engine.faces import finder
from engine.faces.exact import exact
from engine.faces.finder import FaceFinder, regions
from engine.faces.frame import similarity, transform_points
from engine.faces.landmarks import NOTHING, FaceMesh, Landmarks
from engine.faces.outlines import draw_regions, eyes_of
from engine.faces.regions import Unplaced
from tests.engine import making as plain
from tests.engine.faces import making

pytest.importorskip("cv2")
# Least mean IoU over six subjects. The rendered brows are thin and ears are cheeks there; a mask
# from landmarks is an approximation.
LEAST = {
    Condition.NON_MASKED: {
        "mouth": 0.65, "nose": 0.62, "cheeks": 0.68, "eyes": 0.6, "brows": 0.35, "forehead": 0.7,
        "outside": 0.85,
    },
    Condition.MASKED: {
        "mask": 0.55, "nose": 0.4, "cheeks": 0.45, "eyes": 0.55, "brows": 0.35, "forehead": 0.65,
        "outside": 0.8,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    with making.rendered(tmp_path_factory.mktemp("Tëst データ") / "study", 6) as study:
        yield study


@pytest.fixture
def unmapped(tmp_path):
    with making.rendered(tmp_path / "study", 1, maps=False) as study:
        yield study


class Fixed:
    """Stands in for the networks: says what it is told, and counts."""

    def __init__(self, *said):
        self.said, self.calls = list(said), 0

    def find(self, image):
        self.calls += 1
        return self.said.pop(0)


@pytest.fixture
def fixed(monkeypatch):
    def fix(*said):
        network = Fixed(*said)
        monkeypatch.setattr(finder, "FaceMesh", lambda: network)
        return network

    return fix


def pair(study):
    both = study.dataset().samples
    return next(s for s in both if not s.condition), next(s for s in both if s.condition)


def mesh():
    """Landmarks anywhere, but with eyes that are level."""
    points = np.random.default_rng(0).random((468, 2)) * 100
    points[[33, 133, 362, 263]] = (30, 50), (40, 50), (60, 50), (70, 50)
    return points


@pytest.mark.parametrize("condition", Condition, ids=lambda c: c.short)
def test_that_landmarks_and_exact_maps_agree(study, condition):
    networks = FaceMesh()
    overlaps = []
    for one in making.of(study, condition):
        true = exact(one).regions
        found = networks.find(np.asarray(decode(one.file)))
        told = draw_regions(found.mesh, *true.shape, condition is Condition.MASKED).regions
        both = [[(part == region) for part in (true, told)] for region in Region]
        overlaps.append([(a & b).sum() / max((a | b).sum(), 1) for a, b in both])
    assert len(overlaps) == 6
    mean = dict(zip((r.title for r in Region), np.mean(overlaps, axis=0), strict=True))
    assert {name for name, least in LEAST[condition].items() if mean[name] < least} == set()


def test_that_regions_are_exact_where_there_is_a_map(study):
    one = study.dataset().samples[0]
    assert (regions(one) == exact(one).regions).all()


def test_that_landmarks_are_found_once_and_kept_by_the_image(unmapped, fixed):
    network = fixed(Landmarks(eyes_of(mesh()), mesh()))
    free, _ = pair(unmapped)
    first = FaceFinder([], unmapped.cache).face(free)
    again = FaceFinder([], unmapped.cache).face(replace(free, id=99))
    assert network.calls == 1
    assert not first.exact
    assert (first.regions == again.regions).all()
    assert again.eyes == pytest.approx(eyes_of(mesh()), abs=1e-4)
    files = [file for file in unmapped.cache.rglob("*.bin") if file.is_file()]
    assert [file.stem for file in files] == [free.sha256]


def test_that_a_damaged_cache_is_made_anew(unmapped, fixed):
    network = fixed(*[Landmarks(eyes_of(mesh()), mesh())] * 2)
    free, _ = pair(unmapped)
    FaceFinder([], unmapped.cache).face(free)
    (file,) = unmapped.cache.rglob("*.bin")
    file.write_bytes(file.read_bytes()[:-5])
    FaceFinder([], unmapped.cache).face(free)
    assert network.calls == 2


def test_that_a_masked_face_without_landmarks_borrows_its_partners(unmapped, fixed):
    _, masked = pair(unmapped)
    eyes = np.array([[40.0, 40.0], [60.0, 50.0]])
    partners = eyes_of(mesh()) + np.array([0, 3])
    fixed(Landmarks(eyes, NOTHING), Landmarks(partners, mesh()))
    face = FaceFinder(unmapped.dataset().samples).face(masked)
    placed = transform_points(mesh(), similarity(partners, eyes))
    assert (face.regions == draw_regions(placed, 128, 128, masked=True).regions).all()


def test_that_own_landmarks_come_before_the_partners(unmapped, fixed):
    network = fixed(Landmarks(eyes_of(mesh()), mesh()))
    _, masked = pair(unmapped)
    face = FaceFinder(unmapped.dataset().samples).face(masked)
    assert network.calls == 1
    assert (face.regions == Region.MASK).any()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ((Landmarks(NOTHING, NOTHING),), "No face was found on .*_m.jpg"),
        ((Landmarks(np.ones((2, 2)), NOTHING),) * 2, "nor on its partner .*_nm.jpg"),
    ],
)
def test_that_a_masked_face_that_cannot_be_placed_says_why(unmapped, fixed, said, reason):
    fixed(*said)
    with pytest.raises(Unplaced, match=reason):
        FaceFinder(unmapped.dataset().samples).face(pair(unmapped)[1])


def test_that_a_face_without_partner_says_why(unmapped, fixed):
    fixed(*[Landmarks(np.ones((2, 2)), NOTHING)] * 2)
    free, masked = pair(unmapped)
    for one in (free, masked):
        with pytest.raises(Unplaced, match=f"No landmarks were found .*{one.file.name}"):
            FaceFinder().face(one)


def test_that_an_image_that_cannot_be_read_is_named(tmp_path):
    broken = replace(plain.sample(1), file=tmp_path / "broken.jpg")
    broken.file.write_bytes(b"\xff\xd8 no picture")
    with pytest.raises(Unreadable, match=r"broken\.jpg"):
        regions(broken)


def test_that_a_missing_model_is_no_reason_to_skip_an_image(unmapped, monkeypatch, tmp_path):
    monkeypatch.setattr(finder, "FaceMesh", lambda: FaceMesh(tmp_path))
    with pytest.raises(Failure, match="is missing") as caught:
        regions(pair(unmapped)[0])
    assert not isinstance(caught.value, Unplaced | Unreadable)


def test_that_large_images_are_reduced_before_anything_is_placed(tmp_path):
    file = tmp_path / "large.png"
    Image.new("RGB", (1500, 900)).save(file)
    assert finder.picture(replace(plain.sample(1), file=file, sha256="")).shape == (307, 512, 3)
