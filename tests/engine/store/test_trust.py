import errno
import json
import os
import tempfile
from pathlib import Path

import pytest

from engine.cli import main
from engine.store import queue, trust
from engine.store.runs import State
from engine.store.study import Study
from engine.store.trust import Strangers, outside
from tests.engine.making import faces, run, study
from tests.engine.store.hostile_files import rewrite


@pytest.fixture
def user(monkeypatch, tmp_path):
    """Whoever opens the study next: another user, who has agreed to nothing."""

    def another():
        monkeypatch.setattr(trust, "_here", set())
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))

    return another


@pytest.fixture
def folder(tmp_path):
    study(tmp_path / "S", faces(tmp_path / "faces", subjects=1)).close()
    return tmp_path / "S"


def test_that_a_study_made_here_asks_nothing(folder, monkeypatch):
    monkeypatch.setattr(trust, "_here", set())  # as in another process
    with Study(folder) as opened:
        assert len(opened.dataset()) == 14


def test_that_images_outside_a_strangers_study_are_asked_for_once(folder, user, tmp_path):
    user()
    with Study(folder) as opened, pytest.raises(Strangers, match=f"from {tmp_path / 'faces'}: if"):
        opened.dataset()
    trust.agree([str(tmp_path / "faces")])
    user()  # as in another process, with what has been written down
    with Study(folder) as opened:
        assert len(opened.dataset()) == 14


def test_that_a_study_with_its_images_inside_asks_nobody(tmp_path, user):
    study(tmp_path / "S", faces(tmp_path / "faces", subjects=1), copy=True).close()
    user()
    with Study(tmp_path / "S") as opened:
        assert len(opened.dataset()) == 14


def test_that_the_terminal_refuses_with_the_list_until_it_is_told(
    folder, user, capsys, monkeypatch
):
    user()
    monkeypatch.setenv(trust.AGREED, "")
    for words, code, told in (([], 1, "--trust once"), (["--trust"], 0, "sound"), ([], 0, "sound")):
        monkeypatch.setenv(trust.AGREED, "")
        with pytest.raises(SystemExit) as ended:
            main(["check", "--study", str(folder), "--json", *words])
        assert ended.value.code == code
        assert told in capsys.readouterr().out


def test_that_runs_of_a_strangers_study_wait_until_it_is_trusted(folder, user, capsys):
    waiting = run(folder, last_sample=14)
    queue.join(waiting)
    user()
    for words in (["queue", "--start"], ["resume", waiting.id]):
        with pytest.raises(SystemExit) as ended:
            main([*words, "--study", str(folder), "--json", "--progress", "none"])
        assert ended.value.code == 1
        assert "--trust once" in capsys.readouterr().out
    assert queue.list_queued(folder / "runs") == [waiting]
    assert waiting.state() is State.QUEUED


def test_that_a_recorded_root_opens_no_other_folder(folder, user, tmp_path):
    rewrite(folder, "DELETE FROM settings")
    rewrite(folder, "UPDATE datasets SET source = '/'")
    rewrite(folder, "UPDATE samples SET file = '/etc/passwd' WHERE id = 1")
    trust.agree([str(tmp_path / "faces")])
    with Study(folder) as opened, pytest.raises(Strangers) as caught:
        opened.dataset()
    assert caught.value.folders == ("/",)


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("images/a.png", ()),
        ("../faces/a.png", ("/data/faces",)),
        ("images/../../../etc/a.png", ("/etc",)),
        ("/data/S/x/a.png", ()),
        ("/data/Sx/a.png", ("/data/Sx",)),
        ("/mnt/set/ada/a.png", ("/mnt/set",)),
    ],
)
def test_that_folders_outside_are_found_however_they_are_written(file, found):
    assert outside(Path("/data/S"), [file], ["/mnt/set", "here"]) == found


def test_that_very_many_folders_are_asked_for_as_the_one_that_holds_them():
    files = [f"/mnt/faces/s{number:06}/a.jpg" for number in range(20_000)]
    assert outside(Path("/data/S"), files, ["here"]) == ("/mnt/faces",)
    assert len(outside(Path("/data/S"), [*files[:200], "/etc/a.jpg"], ["here"])) == 201


def test_that_users_without_a_home_are_remembered(folder, user, monkeypatch, tmp_path):
    user()
    (tmp_path / "home").touch()  # no folder can be made there
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    trust.agree(["/mnt/set"])
    monkeypatch.setattr(trust, "_here", set())
    assert trust.unknown(["/mnt/set/ada"]) == ()
    assert trust.unknown(["/mnt/settings"]) == ("/mnt/settings",)


@pytest.mark.parametrize("content", [b"", b"[1, 2", b'{"a": 1}', b"[1, null]", b"\xff"])
def test_that_a_damaged_record_agrees_to_nothing(user, tmp_path, content):
    user()
    file = tmp_path / "home" / "msde-studio" / trust.RECORD
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    assert trust.unknown(["/mnt"]) == ("/mnt",)
    trust.agree(["/mnt"])
    assert json.loads(file.read_text()) == ["/mnt"]
    assert os.environ.get(trust.AGREED, "") == ""


def test_that_the_system_is_quoted_with_what_to_do(folder, capsys, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EROFS, "Read-only file system", str(folder / "x"))

    monkeypatch.setattr("engine.data.integrity.check", refuse)
    with pytest.raises(SystemExit) as ended:
        main(["check", "--study", str(folder), "--json"])
    told = f"{folder / 'x'} cannot be used: Read-only file system: copy it to a place"
    assert ended.value.code == 1
    assert told in capsys.readouterr().err
