import errno
import os
import stat

import pytest

from engine.domain import Failure
from engine.store.files import (
    DATABASE,
    appending,
    make_folder,
    read_bytes,
    read_json,
    remove,
    replacing,
    touch,
    write_bytes,
    write_json,
)
from engine.system.faults import cause
from tests.engine.store.hostile_files import endless, link, pipe


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "Tëst データ.json"
    file.write_text("old")
    return file


def test_that_a_written_file_takes_the_place_of_the_old_one(file):
    write_bytes(file, b"new")
    assert file.read_bytes() == b"new"
    assert list(file.parent.iterdir()) == [file]


def test_that_the_old_file_stays_until_the_new_one_is_whole(file):
    with replacing(file) as draft:
        draft.write_text("half")
        assert file.read_text() == "old"
        assert draft.parent == file.parent
    assert file.read_text() == "half"


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_that_an_error_leaves_the_old_file_and_no_draft(file, error):
    def write():
        with replacing(file) as draft:
            draft.write_text("half")
            raise error

    with pytest.raises(error):
        write()
    assert file.read_text() == "old"
    assert list(file.parent.iterdir()) == [file]


def test_that_a_document_is_read_as_it_was_written(file):
    document = {"name": "データ", "values": [1, 2.5, None, True]}
    write_json(file, document)
    assert read_json(file) == document


@pytest.mark.parametrize("content", [b"", b'{"a": ', b"\xff\xfe"])
def test_that_a_damaged_document_is_named(file, content):
    file.write_bytes(content)
    with pytest.raises(Failure, match=r"データ\.json is damaged"):
        read_json(file)


def test_that_a_missing_document_is_named(tmp_path):
    with pytest.raises(Failure, match=r"gone\.json cannot be read: No such file"):
        read_json(tmp_path / "gone.json")


WRITERS = {
    "write_bytes": lambda file: write_bytes(file, b"new"),
    "write_json": lambda file: write_json(file, {}),
    "appending": lambda file: open_to_append(file),
    "touch": touch,
    "make_folder": make_folder,
}


def open_to_append(file):
    with appending(file) as stream:
        stream.write("new")


@pytest.fixture
def inside(tmp_path):
    """A file's place in a study."""
    place = tmp_path / "study" / "runs" / "001"
    place.mkdir(parents=True)
    (tmp_path / "study" / DATABASE).touch()
    return place / "events.jsonl"


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_that_nothing_of_a_study_is_written_through_a_link(inside, tmp_path, write):
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "events.jsonl").write_text("mine")
    link(inside, victim / "events.jsonl")
    with pytest.raises(Failure, match=r"events\.jsonl is a link, and nothing is written"):
        write(inside)
    for folder in (inside.parent, inside.parent.parent):
        link(folder, victim)
        with pytest.raises(Failure, match=f"{folder} is a link"):
            write(folder / "events.jsonl")
        with pytest.raises(Failure, match=f"{folder} is a link"):
            remove(folder / "events.jsonl")
    assert [file.name for file in victim.iterdir()] == ["events.jsonl"]
    assert (victim / "events.jsonl").read_text() == "mine"


def test_that_a_link_to_another_study_is_no_way_out(inside, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / DATABASE).touch()
    link(inside.parent, other)
    with pytest.raises(Failure, match="is a link"):
        write_bytes(inside, b"new")
    with pytest.raises(Failure, match="is a link"):
        write_bytes(inside.parent.parent / ".." / ".." / ".." / "x", b"new")


def test_that_the_study_itself_may_be_reached_through_links(inside, tmp_path):
    (tmp_path / "mine").symlink_to(tmp_path / "study")
    write_bytes(tmp_path / "mine" / "runs" / "001" / "events.jsonl", b"new")
    assert inside.read_bytes() == b"new"


def test_that_a_planted_draft_is_not_written_through(inside, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    inside.with_name(f".{inside.name}.{os.getpid()}.tmp").symlink_to(victim)
    write_bytes(inside, b"new")
    assert (victim.read_text(), inside.read_bytes()) == ("mine", b"new")


@pytest.mark.parametrize("make", [pipe, endless, lambda file: file.mkdir()])
def test_that_only_regular_files_are_read_and_gone_on_with(tmp_path, make):
    file = tmp_path / "x.json"
    make(file)
    with pytest.raises(OSError, match="regular file"):
        read_bytes(file)
    with pytest.raises(Failure, match=r"x\.json cannot be read: It is no regular file"):
        read_json(file)
    with pytest.raises(OSError, match=r"No such device|symbolic links|directory"):
        open_to_append(file)


def test_that_no_more_is_read_than_is_stated(tmp_path):
    file = tmp_path / "x"
    file.write_bytes(b"12345")
    assert read_bytes(file, 5) == b"12345"
    with pytest.raises(OSError, match="more than"):
        read_bytes(file, 4)
    with pytest.raises(OSError, match="No file can have this name"):
        read_bytes(tmp_path / "a\0b")


@pytest.fixture(params=[0o002, 0o022, 0o077], ids="{:03o}".format)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_that_a_new_file_has_the_mode_that_the_user_gives_new_files(tmp_path, umask):
    for write in (WRITERS["write_bytes"], WRITERS["appending"], touch, private):
        file = tmp_path / f"{write}"
        write(file)
        assert stat.S_IMODE(file.stat().st_mode) == 0o666 & ~umask


def private(file):
    """As safetensors does: a file of its own, for its owner alone, takes the draft's place."""
    with replacing(file) as draft:
        other = draft.with_name("other")
        other.touch(mode=0o600)
        other.replace(draft)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left"), "No space left: make room"),
        (PermissionError(errno.EACCES, "Denied"), "Denied: ask its owner for the right to it"),
        (OSError(errno.EROFS, "Read-only"), "Read-only: copy it to a place that you may change"),
        (FileNotFoundError(errno.ENOENT, "No such file"), "No such file"),
        (ValueError("I/O error: full (os error 28)"), "I/O error: full (os error 28): make room"),
    ],
)
def test_that_a_fault_is_told_with_its_own_cause(error, told):
    assert cause(error) == told
