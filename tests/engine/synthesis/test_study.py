"""A small study rendered for real: what is written agrees with itself, and repeats."""

import csv
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from engine.cli import main
from engine.domain import Condition, Expression, Failure
from engine.events import silent
from engine.synthesis.settings import Settings
from engine.synthesis.study import render_subject, synthesize
from engine.synthesis.surface import SurfaceRegion

SMALL = Settings(subjects=2, extra=1, size=64, seed=3, glasses=0, sunglasses=0, low=0)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rendered") / "study"
    return folder, synthesize(folder, SMALL, silent)


def rows(folder):
    with (folder / "labels.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def regions(folder, row):
    name = row["file"].replace("faces/", "regions/").replace(".jpg", ".png")
    return np.asarray(Image.open(folder / name))


def test_that_every_cell_is_there(rendered):
    folder, written = rendered
    table = rows(folder)
    assert written.images == len(table) == 30
    main_set = {
        (r["subject"], r["expression"], r["condition"]) for r in table if r["set"] == "main"
    }
    assert len(main_set) == 2 * len(Expression) * len(Condition)
    for row in table:
        with Image.open(folder / row["file"]) as image:
            assert image.size == (64, 64)
    assert not (folder / ".rows").exists()


def test_that_only_masked_faces_show_a_mask(rendered):
    folder, _ = rendered
    for row in rows(folder):
        seen = regions(folder, row)
        assert seen.shape == (64, 64)
        share = (seen == SurfaceRegion.MASK).mean()
        assert share > 0.06 if row["condition"] == "masked" else share == 0
        assert (seen == SurfaceRegion.SKIN).mean() > 0.03
        assert (seen == SurfaceRegion.EYES).any()


def test_that_landmarks_lie_in_their_regions(rendered):
    folder, _ = rendered
    for row in rows(folder):
        if row["condition"] == "masked" or abs(float(row["yaw"])) > 15:
            continue
        seen = regions(folder, row)
        wanted = {
            "left_eye": SurfaceRegion.EYES,
            "right_eye": SurfaceRegion.EYES,
            "nose_tip": SurfaceRegion.NOSE,
        }
        for name, region in wanted.items():
            x, y = int(float(row[f"{name}_x"])), int(float(row[f"{name}_y"]))
            assert region in seen[y - 1 : y + 2, x - 1 : x + 2], (row["file"], name)
        assert float(row["right_eye_x"]) < float(row["left_eye_x"])
        assert float(row["chin_y"]) > float(row["lower_lip_y"]) > float(row["nose_tip_y"])


def test_that_the_same_seed_gives_the_same_bytes_and_another_does_not(rendered, tmp_path):
    folder, _ = rendered
    for name in ("faces", "regions", ".rows"):
        (tmp_path / name).mkdir()
    render_subject(tmp_path, SMALL, 2)
    files = sorted(file.relative_to(tmp_path) for file in tmp_path.glob("*/S002_*"))
    assert len(files) >= 28
    for file in files:
        assert (tmp_path / file).read_bytes() == (folder / file).read_bytes(), file
    render_subject(tmp_path, Settings(subjects=2, extra=1, size=64, seed=4), 2)
    again = tmp_path / "faces/S002_happy_nm.jpg"
    assert again.read_bytes() != (folder / "faces/S002_happy_nm.jpg").read_bytes()


def test_that_an_interrupted_study_is_gone_on_with(rendered, tmp_path):
    """A killed run leaves finished subjects and no table."""
    folder, _ = rendered
    half = tmp_path / "half"

    class Stop(Exception):
        pass

    def stop(event):
        if event.done == 1:
            raise Stop

    with pytest.raises(Stop):
        synthesize(half, SMALL, stop, workers=1)
    assert not (half / "labels.csv").exists()
    before = {file: file.stat().st_mtime_ns for file in half.glob("faces/S001_*")}
    assert before
    synthesize(half, SMALL, silent, workers=1)
    assert before == {file: file.stat().st_mtime_ns for file in half.glob("faces/S001_*")}
    assert (half / "labels.csv").read_bytes() == (folder / "labels.csv").read_bytes()


def test_that_other_settings_and_foreign_folders_are_refused(rendered, tmp_path):
    folder, _ = rendered
    with pytest.raises(Failure, match="other settings"):
        synthesize(folder, Settings(subjects=2, extra=1, size=64, seed=4), silent)
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Failure, match="not empty"):
        synthesize(tmp_path, SMALL, silent)


def test_that_a_finished_study_is_left_as_it_is(rendered):
    folder, written = rendered
    assert synthesize(folder, SMALL, silent) == written


WITHOUT_THE_EXTRA = """
import importlib.util, sys
extra, find = ("anny", "numba", "scipy"), importlib.util.find_spec
sys.modules.update(dict.fromkeys(extra))  # importing them fails
importlib.util.find_spec = lambda name, *a: None if name in extra else find(name, *a)
from engine.cli import main
main(sys.argv[1:])
"""


def test_that_the_missing_extra_is_named(tmp_path):
    words = ["synthesize", str(tmp_path / "out"), "--subjects", "1"]
    said = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_EXTRA, *words], capture_output=True, text=True
    )
    assert said.returncode == 1
    assert "anny, numba, scipy" in said.stderr
    assert "[synthesis]" in said.stderr
    assert said.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_that_a_wrong_range_is_wrong_usage(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["synthesize", str(tmp_path / "out"), "--intensity", "loud"])
    assert ended.value.code == 2
    assert "LOW:HIGH" in capsys.readouterr().err
