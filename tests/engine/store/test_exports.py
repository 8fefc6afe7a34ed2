import errno
import os
import stat
from itertools import combinations
from pathlib import Path

import pytest

from engine.domain import Failure
from engine.store.exports import LONGEST, check_file, check_folder, exporting, file_name
from engine.store.tables import write_table
from tests.full_disk import fill

ROWS = [["file"], *([f"{n}.png"] for n in range(100))]


def refusal(check, place):
    with pytest.raises(Failure) as caught:
        check(place)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_that_a_full_disk_leaves_the_old_file_and_no_part_of_the_new(tmp_path, monkeypatch):
    file = tmp_path / "old.csv"
    file.write_text("old", encoding="utf-8")
    fill(monkeypatch, 50)
    said = refusal(lambda place: write_table(place, ROWS), file)
    assert said == (
        f"{file} cannot be written: No space left on device: make room. Choose another place."
    )
    assert [one.name for one in tmp_path.iterdir()] == ["old.csv"]
    assert file.read_text(encoding="utf-8") == "old"


def interrupt(file):
    with exporting(file) as draft:
        draft.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt


def test_that_what_stops_an_export_leaves_the_old_file(tmp_path):
    file = tmp_path / "old.csv"
    file.write_text("old", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        interrupt(file)
    assert [one.name for one in tmp_path.iterdir()] == ["old.csv"]
    assert file.read_text(encoding="utf-8") == "old"


def test_that_a_place_that_cannot_be_written_is_told_with_its_cause(tmp_path):
    (tmp_path / "file").touch()
    assert "it is a folder; name a file in it" in refusal(check_file, tmp_path)
    assert f"there is no folder {tmp_path / 'no'}" in refusal(check_file, tmp_path / "no" / "a.csv")
    assert "Not a directory" in refusal(check_file, tmp_path / "file" / "a.csv")
    assert "Not a directory" in refusal(check_folder, tmp_path / "file" / "out")
    for check in (check_file, check_folder):
        assert "File name too long" in refusal(check, tmp_path / ("a" * 3000))
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_that_a_folder_of_someone_else_is_told_as_such(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert "Permission denied" in refusal(check_file, tmp_path / "a.csv")
    assert "Permission denied" in refusal(check_folder, tmp_path / "new" / "out")
    tmp_path.chmod(stat.S_IRWXU)


def test_that_a_file_marked_as_not_to_be_written_is_not_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda file, mode: False)
    (tmp_path / "a.csv").touch()
    assert os.strerror(errno.EACCES) in refusal(check_file, tmp_path / "a.csv")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such thing here")
def test_that_nothing_takes_the_place_of_a_device(tmp_path):
    device = Path(os.devnull)
    write_table(device, ROWS)
    assert device.is_char_device()


NAMES = [
    "", ".", "..", "../a", "a/b", "a\\b", "a:b", "a.", "a ", "con", "NUL.txt", "com1", "-rf", "~",
    "a" * 3000, "é" * 3000, "\udcff", "a\x1b[31m", "plain", "\u202egnp", "a" * LONGEST,
]  # fmt: skip


@pytest.mark.parametrize("text", NAMES)
def test_that_a_name_made_of_data_is_taken_by_any_disk(tmp_path, text):
    name = file_name(text, ".png")
    assert len(name.encode()) <= LONGEST
    assert name[0] not in ".-~"
    assert not set(name) & set('/\\:*?"<>| ')
    assert name.partition(".")[0].lower() not in ("con", "nul", "com1")
    (tmp_path / name).touch()


def test_that_different_texts_are_different_files_and_plain_ones_stay(tmp_path):
    assert file_name("001_s1_fear", ".png") == "001_s1_fear.png"
    assert all(file_name(a) != file_name(b) for a, b in combinations([*NAMES, "a-b", "_"], 2))
