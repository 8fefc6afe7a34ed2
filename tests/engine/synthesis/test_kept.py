"""What an interruption leaves, by a study whose renderer is replaced by plain pictures."""

import errno
import os
from concurrent.futures import Future
from contextlib import contextmanager

import pytest
from PIL import Image

from engine.domain import Failure
from engine.events import silent
from engine.store import files
from engine.store.files import write_json
from engine.synthesis import study as study_module
from engine.synthesis.kept import find_kept, rows_file, stems_of
from engine.synthesis.settings import Settings
from engine.synthesis.study import synthesize

SMALL = Settings(subjects=3, extra=1, size=64)


def draw(folder, settings, number):
    """A subject in plain grey."""
    stems = stems_of(settings, number)
    for stem in stems:
        Image.new("RGB", (8, 8), (number, 9, 9)).save(folder / "faces" / f"{stem}.jpg")
        Image.new("P", (8, 8)).save(folder / "regions" / f"{stem}.png")
    rows = [{"file": f"faces/{stem}.jpg", "subject": number, "yaw": 0.5} for stem in stems]
    write_json(rows_file(folder, number), rows)


class Renderers:
    """Renders here and now, and remembers whom."""

    def __init__(self):
        self.drawn = []

    def submit(self, _, folder, settings, number):
        self.drawn.append(number)
        future = Future()
        try:
            future.set_result(draw(folder, settings, number))
        except OSError as error:
            future.set_exception(error)
        return future


@pytest.fixture
def renderers(monkeypatch):
    made = Renderers()

    @contextmanager
    def pool(workers):
        yield made

    monkeypatch.setattr(study_module, "pool", pool)
    return made


@pytest.fixture
def whole(tmp_path, renderers):
    synthesize(tmp_path / "study", SMALL, silent)
    assert renderers.drawn == [1, 2, 3]
    renderers.drawn.clear()
    return tmp_path / "study"


def content(folder):
    return {f.relative_to(folder): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


@pytest.mark.parametrize("name", ["faces/S002_happy_m.jpg", "regions/S002_sad_nm.png"])
@pytest.mark.parametrize("left", [0, 60])
def test_that_a_broken_image_is_rendered_anew(whole, renderers, name, left):
    before = content(whole)
    os.truncate(whole / name, left)
    synthesize(whole, SMALL, silent)
    assert renderers.drawn == [2]
    assert content(whole) == before


def test_that_a_missing_image_is_rendered_anew(whole, renderers):
    before = content(whole)
    (whole / "regions/S003_happy_m.png").unlink()
    synthesize(whole, SMALL, silent)
    assert renderers.drawn == [3]
    assert content(whole) == before


def test_that_a_table_that_ends_too_early_is_made_whole(whole, renderers):
    before = content(whole)
    os.truncate(whole / "labels.csv", len(before[(whole / "labels.csv").relative_to(whole)]) - 2)
    synthesize(whole, SMALL, silent)
    assert renderers.drawn == [3]
    assert content(whole) == before


def test_that_rows_of_a_subject_that_are_damaged_are_made_again(whole):
    (whole / "labels.csv").unlink()
    (whole / ".rows").mkdir()
    for number in (1, 2, 3):
        draw(whole, SMALL, number)
    os.truncate(rows_file(whole, 2), 100)
    rows_file(whole, 3).write_text("{}")
    assert list(find_kept(whole, SMALL)) == [1]


def test_that_drafts_of_killed_processes_are_swept(whole, renderers):
    before = content(whole)
    (whole / "faces/S001_happy_m.jpg").unlink()
    (whole / "faces/.S001_happy_m.jpg.7.tmp").write_bytes(b"half")
    (whole / ".rendering-999999").touch()
    synthesize(whole, SMALL, silent)
    assert content(whole) == before


def test_that_a_folder_in_which_another_process_renders_is_left_alone(whole):
    (whole / "labels.csv").unlink()
    sign = whole / f".rendering-{os.getppid()}"
    sign.touch()
    with pytest.raises(Failure, match=f"Process {os.getppid()} is rendering into .* already"):
        synthesize(whole, SMALL, silent)
    assert sign.exists()
    os.utime(sign, (0, 0))  # from before that process began: its number is used again
    synthesize(whole, SMALL, silent)
    assert not sign.exists()


def test_that_a_full_disk_is_one_sentence_and_leaves_no_draft(whole, monkeypatch):
    (whole / "faces/S003_happy_m.jpg").unlink()
    before, fsync = content(whole), files.os.fsync

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(Failure, match=r"No space left on device\. What is done is kept"):
        synthesize(whole, SMALL, silent)
    assert not [f for f in content(whole).keys() - before.keys() if f.suffix != ".jpg"]
    monkeypatch.setattr(files.os, "fsync", fsync)
    synthesize(whole, SMALL, silent)
    assert not (whole / ".rows").exists()


def test_that_a_finished_study_is_not_written_to(whole, renderers, monkeypatch):
    monkeypatch.setattr(study_module, "alone", None)
    synthesize(whole, SMALL, silent)
    assert renderers.drawn == []


def test_that_a_range_upside_down_is_told():
    with pytest.raises(Failure, match=r"age 30:20 is not possible: its low end comes first"):
        Settings(age=(30, 20))
    with pytest.raises(Failure, match=r"subjects 0 is not possible: it lies in 1 to"):
        Settings(subjects=0)
