"""Studies as strangers, other users and broken disks leave them."""

import os
import sqlite3
import stat
from contextlib import closing

import pytest

from engine.domain import Failure
from engine.store import schema
from engine.store.study import DATABASE, Study, source_of
from engine.store.tensor_header import header
from engine.store.thumbnails import Thumbnails
from tests.engine.making import faces, inspected, run, study
from tests.engine.store.hostile_files import as_nobody, link, pipe, rewrite

SHA = "a" * 64
JPEG = b"\xff\xd8 a picture \xff\xd9"


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "Tëst データ" / "S"
    study(place, faces(place / "faces", subjects=1), copy=True).close()
    return place


@pytest.mark.parametrize("name", [DATABASE, f"{DATABASE}-wal", "cache", "cache/thumbnails.sqlite"])
def test_that_no_database_is_opened_through_a_link(folder, tmp_path, name):
    victim = tmp_path / "victim"
    with closing(sqlite3.connect(victim)) as connection:
        connection.execute("CREATE TABLE mine (x)")
    before = victim.read_bytes()
    link(folder / name, tmp_path if name == "cache" else victim)
    with pytest.raises(Failure, match=f"{name} is a link, and nothing is written"):
        Study(folder)
    assert victim.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == ["Tëst データ", "victim"]


@pytest.mark.parametrize("end", ["-journal", "-wal", "-shm"])
def test_that_a_pipe_beside_a_database_is_not_waited_for(folder, end):
    pipe(folder / f"{DATABASE}{end}")
    with pytest.raises(Failure, match=f"{DATABASE}{end} is no regular file"):
        Study(folder)


def test_that_a_network_that_is_a_pipe_is_not_waited_for(tmp_path):
    with pytest.raises(Failure, match="missing or damaged"):
        header(pipe(tmp_path / "network.safetensors"))


def test_that_a_study_on_a_full_disk_can_be_read(folder, monkeypatch):
    def full(_connection):
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
        raise error

    monkeypatch.setattr(schema, "_log_ahead", full)
    with Study(folder) as opened:
        assert len(opened.dataset()) == 14


def test_that_a_new_study_is_not_made_through_a_link(tmp_path):
    (tmp_path / "S").mkdir()
    link(tmp_path / "S" / "cache", tmp_path)
    with pytest.raises(Failure, match="cache is a link"):
        Study(tmp_path / "S", create=True)
    assert not (tmp_path / "thumbnails.sqlite").exists()


def test_that_an_empty_database_is_no_empty_study(folder):
    (folder / DATABASE).write_bytes(b"")
    with pytest.raises(Failure, match=r"study\.sqlite is empty \(0 bytes\): restore it"):
        Study(folder)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE samples SET expression = 99 WHERE id = 3",
        "UPDATE samples SET expression = 'x' WHERE id = 3",
        "UPDATE samples SET condition = 5 WHERE id = 3",
        "UPDATE samples SET file = CAST('a' || char(0) || 'b' AS TEXT) WHERE id = 3",
        "UPDATE samples SET subject = x'ff' WHERE id = 3",
        "UPDATE samples SET subject = CAST(x'ff' AS TEXT) WHERE id = 3",
        "UPDATE samples SET sha256 = x'00' WHERE id = 3",
    ],
)
@pytest.mark.parametrize("sealed", [True, False])
def test_that_a_value_that_cannot_be_is_a_failure(folder, statement, sealed):
    if not sealed:
        rewrite(folder, "DELETE FROM settings")
    rewrite(folder, statement)
    with Study(folder) as opened, pytest.raises(Failure, match=r"study\.sqlite"):
        opened.dataset()


@pytest.mark.parametrize(
    ("statement", "read"),
    [
        ("UPDATE samples SET expression = 6 - expression WHERE id = 3", Study.dataset),
        ("UPDATE samples SET subject = 'other' WHERE id = 3", Study.hashes),
        ("DELETE FROM samples WHERE id = 3", Study.dataset),
        ("UPDATE samples SET id = 999 WHERE id = 3", Study.dataset),
        ("UPDATE datasets SET source = '/'", Study.sources),
        ("DELETE FROM datasets", Study.sources),
        ("DELETE FROM datasets", Study.dataset),
        ("INSERT INTO skipped VALUES (1, 'a', 'b')", Study.skipped),
    ],
)
def test_that_what_was_not_imported_so_is_a_failure(folder, statement, read):
    rewrite(folder, statement)
    with Study(folder) as opened, pytest.raises(Failure, match="no longer holds what was imported"):
        read(opened)


def test_that_a_study_of_an_older_program_opens_and_later_imports_are_sealed(folder, tmp_path):
    rewrite(folder, "DELETE FROM settings")
    with Study(folder) as opened:
        assert len(opened.dataset()) == 14
        later = source_of("later", "folders", tmp_path)
        opened.add(later, [inspected(tmp_path / "new", 99)], [], copy=False)
        assert len(opened.dataset()) == 15
    rewrite(folder, "UPDATE samples SET pair = 'x' WHERE id = 15")
    with Study(folder) as opened, pytest.raises(Failure, match="imported as “later”"):
        opened.dataset()


def test_that_tables_that_compute_are_refused(folder):
    rewrite(folder, "ALTER TABLE samples RENAME TO hidden")
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    rewrite(folder, f"CREATE VIEW samples AS {endless}")
    with pytest.raises(Failure, match="has the view “samples”, which no study has"):
        Study(folder)


def test_that_a_locked_database_says_to_wait(folder, monkeypatch):
    monkeypatch.setattr(schema, "PATIENCE", 0.05)
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as other:
        with Study(folder) as opened:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(sqlite3.OperationalError) as caught:
                opened.add(source_of("later", "folders", folder), [], [], copy=False)
        assert schema.cause(caught.value).startswith("database is locked: wait until")


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_that_a_study_that_can_only_be_read_is_read(folder, tmp_path):
    with Study(folder) as opened:
        dataset, jpeg = opened.dataset(), opened.thumbnails.jpeg(opened.dataset().samples[0].sha256)
    later = [inspected(tmp_path / "new", 99)]
    with as_nobody(folder):
        with Study(folder) as opened:
            assert opened.dataset().fingerprint == dataset.fingerprint
            assert opened.thumbnails.jpeg(dataset.samples[0].sha256) == jpeg
            opened.thumbnails.add([(SHA, JPEG)])  # is not kept, and nobody misses it
            assert opened.sources()
            with pytest.raises(sqlite3.OperationalError) as caught:
                opened.add(source_of("later", "folders", tmp_path), later, [], copy=False)
            assert "readonly database: copy it to a place" in schema.cause(caught.value)
        with pytest.raises(PermissionError):
            run(folder)


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_that_a_study_without_its_cache_can_be_read_where_none_can_be_made(folder):
    for file in (folder / "cache").iterdir():
        file.unlink()
    (folder / "cache").rmdir()
    with as_nobody(folder), Study(folder) as opened:
        assert len(opened.dataset()) == 14
        assert opened.thumbnails.jpeg(opened.dataset().samples[0].sha256) is None


def test_that_databases_and_what_lies_beside_them_are_a_groups_where_the_user_says_so(tmp_path):
    before = os.umask(0o002)
    try:
        with Study(tmp_path / "S", create=True) as made:
            made.thumbnails.add([(SHA, JPEG)])
            files = [*(tmp_path / "S").glob("study*"), *(tmp_path / "S/cache").iterdir()]
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in files}
    finally:
        os.umask(before)
    assert len(modes) == 6
    assert set(modes.values()) == {0o664}


@pytest.fixture
def cache(tmp_path):
    made = Thumbnails(tmp_path / "cache")
    made.add([(SHA, JPEG)])
    yield made
    made.close()


def test_that_a_damaged_thumbnail_is_missing_and_may_be_made_anew(cache):
    cache._connection.execute("UPDATE thumbnails SET jpeg = replace(jpeg, 'p', 'q')")
    assert cache.known() == {SHA}
    assert cache.jpeg(SHA) is None
    assert cache.known() == set()
    cache.add([(SHA, JPEG)])
    assert cache.jpeg(SHA) == JPEG


@pytest.mark.parametrize("value", ["text", 7, 7.5, b""])
def test_that_what_is_no_picture_is_missing(cache, value):
    cache._connection.execute("UPDATE thumbnails SET jpeg = ?", (value,))
    assert cache.jpeg(SHA) is None


def test_that_another_faces_thumbnail_is_missing(cache):
    cache._connection.execute("UPDATE thumbnails SET sha256 = ?", ("b" * 64,))
    assert cache.jpeg("b" * 64) is None


def test_that_a_thumbnail_of_an_older_program_is_shown(cache):
    cache._connection.execute("UPDATE thumbnails SET jpeg = ?", (JPEG,))
    assert cache.jpeg(SHA) == JPEG


def test_that_a_damaged_cache_is_made_anew_while_it_is_open(cache):
    cache._connection.execute("DROP TABLE thumbnails")
    assert cache.jpeg(SHA) is None
    cache.add([(SHA, JPEG)])
    assert cache.jpeg(SHA) == JPEG
