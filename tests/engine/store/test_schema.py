import multiprocessing
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest

from engine.domain import Failure
from engine.store import schema
from engine.store.schema import connect, transaction
from engine.store.study import DATABASE, Study


@pytest.fixture
def file(tmp_path):
    return tmp_path / DATABASE


def pragma(connection, name):
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def tables(connection):
    return {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}


def test_that_a_new_study_is_up_to_date_and_logs_ahead(file):
    with closing(connect(file)) as connection:
        assert pragma(connection, "user_version") == len(schema.MIGRATIONS)
        assert pragma(connection, "journal_mode") == "wal"
        assert pragma(connection, "foreign_keys") == 1
        assert {"datasets", "samples", "skipped", "settings"} <= tables(connection)


def test_that_opening_again_migrates_nothing(file, monkeypatch):
    connect(file).close()
    broken = tuple("NOT SQL" for _ in schema.MIGRATIONS)
    monkeypatch.setattr(schema, "MIGRATIONS", broken)
    with closing(connect(file)) as connection:
        assert "samples" in tables(connection)


def test_that_an_older_study_gets_only_what_it_lacks(file, monkeypatch):
    connect(file).close()
    newer = (
        *schema.MIGRATIONS,
        "CREATE TABLE votes (id INTEGER); CREATE TABLE labels (id INTEGER)",
    )
    monkeypatch.setattr(schema, "MIGRATIONS", newer)
    with closing(connect(file)) as connection:
        assert {"samples", "votes", "labels"} <= tables(connection)
        assert pragma(connection, "user_version") == len(newer)


def test_that_a_failed_migration_leaves_the_study_as_it_was(file, monkeypatch):
    old = schema.MIGRATIONS
    connect(file).close()
    monkeypatch.setattr(schema, "MIGRATIONS", (*old, "CREATE TABLE votes (id INTEGER); NOT SQL"))
    with pytest.raises(Failure):
        connect(file)
    monkeypatch.setattr(schema, "MIGRATIONS", old)
    with closing(connect(file)) as connection:
        assert pragma(connection, "user_version") == len(old)
        assert "votes" not in tables(connection)


def test_that_a_newer_study_is_refused_with_both_formats(file):
    with closing(connect(file)) as connection:
        connection.execute("PRAGMA user_version=99")
    known = len(schema.MIGRATIONS)
    with pytest.raises(Failure, match=rf"newer version .* \(format 99, .* up to {known}\)"):
        connect(file)


@pytest.mark.parametrize("content", [b"these are no pages of a database " * 99, b"SQLite" * 300])
def test_that_what_is_no_database_is_named(file, content):
    file.write_bytes(content)
    with pytest.raises(Failure, match=r"study\.sqlite is not a study's database"):
        connect(file)
    assert file.read_bytes() == content


def test_that_a_place_that_cannot_hold_a_study_is_named(tmp_path):
    with pytest.raises(Failure, match="gone cannot be opened: unable to open database file"):
        connect(tmp_path / "gone" / DATABASE)


def test_that_a_new_study_waits_for_who_writes_it(file):
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as thread:
            waiting = thread.submit(lambda: connect(file).close())
            time.sleep(0.2)
            assert not waiting.done()
            writer.execute("COMMIT")
            waiting.result()


def test_that_connections_may_open_a_new_study_at_once(tmp_path):
    for attempt in range(10):
        barrier = Barrier(3)

        def open_it(_, file=tmp_path / f"{attempt}.sqlite", barrier=barrier):
            barrier.wait()
            with closing(connect(file)) as connection:
                return pragma(connection, "user_version")

        with ThreadPoolExecutor(3) as threads:
            assert list(threads.map(open_it, range(3))) == [len(schema.MIGRATIONS)] * 3


def open_study(folder):
    with Study(folder, create=True) as study:
        return len(study.dataset())


def test_that_processes_may_open_a_new_study_at_once(tmp_path):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(open_study, [tmp_path / "Study"] * 2, chunksize=1) == [0, 0]
        pool.close()
        pool.join()


def test_that_a_transaction_is_whole_or_nothing(file):
    def half():
        with transaction(connection):
            connection.execute("INSERT INTO settings VALUES ('a', '1')")
            connection.execute("INSERT INTO settings VALUES ('a', '2')")

    with closing(connect(file)) as connection:
        with pytest.raises(sqlite3.IntegrityError):
            half()
        assert connection.execute("SELECT count(*) FROM settings").fetchone() == (0,)
        with transaction(connection):
            connection.execute("INSERT INTO settings VALUES ('a', '3')")
        assert connection.execute("SELECT value FROM settings").fetchall() == [("3",)]
