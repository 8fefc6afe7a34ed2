import pytest

from engine.domain import Failure
from engine.store.files import read_json, replacing, write_bytes, write_json


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
