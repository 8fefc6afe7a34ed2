"""The tables of a study and how an older study becomes a newer one."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.domain import Failure

PATIENCE = 10.0  # seconds to wait for another process
MIGRATIONS = (
    """
    CREATE TABLE datasets (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, format TEXT NOT NULL,
        source TEXT NOT NULL, imported TEXT NOT NULL);
    CREATE TABLE samples (
        id INTEGER PRIMARY KEY, dataset INTEGER NOT NULL REFERENCES datasets(id),
        file TEXT NOT NULL, subject TEXT NOT NULL,
        expression INTEGER NOT NULL CHECK (expression BETWEEN 0 AND 6),
        condition INTEGER NOT NULL CHECK (condition BETWEEN 0 AND 1),
        pair TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE,
        width INTEGER NOT NULL, height INTEGER NOT NULL);
    CREATE TABLE skipped (
        dataset INTEGER NOT NULL REFERENCES datasets(id), file TEXT NOT NULL, reason TEXT NOT NULL);
    CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    """,
)


def connect(file: Path) -> sqlite3.Connection:
    """Open and bring up to date. Raises ``Failure`` for what is no study or a newer one."""
    try:
        connection = opened(file)
        with closed_on_error(connection):
            connection.execute("PRAGMA foreign_keys=ON")
            _migrate(connection, file)
    except sqlite3.OperationalError as error:
        raise Failure(
            f"The study {file.parent} cannot be opened for writing ({error}): check that the "
            "folder exists and is yours to change."
        ) from error
    except sqlite3.DatabaseError as error:
        raise Failure(f"{file} is not a study's database ({error}): choose another.") from error
    return connection


def opened(file: Path) -> sqlite3.Connection:
    """A database that logs ahead: it is read while it is written."""
    connection = sqlite3.connect(file, timeout=PATIENCE, isolation_level=None)
    with closed_on_error(connection):
        _log_ahead(connection)
    return connection


def _log_ahead(connection: sqlite3.Connection) -> None:
    """Wait for others that switch a new database too: here SQLite itself does not."""
    began = time.monotonic()
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() - began > PATIENCE:
                raise
            time.sleep(0.01)


@contextmanager
def closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    """Leave no database open behind a failure."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _migrate(connection: sqlite3.Connection, file: Path) -> None:
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise Failure(
            f"The study {file.parent} was made by a newer version of MSD-E Studio (format "
            f"{version}, this one reads up to {len(MIGRATIONS)}): update the program."
        )
    while version < len(MIGRATIONS):
        with transaction(connection):
            version = _version(connection)  # another process may have been quicker
            if version < len(MIGRATIONS):
                for statement in MIGRATIONS[version].split(";"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={version + 1}")
        version = _version(connection)


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
