"""The tables of a study and how an older study becomes a newer one."""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.domain import Failure
from engine.store.files import own, touch
from engine.system.faults import cause, code

log = logging.getLogger(__name__)

PATIENCE = 10.0  # seconds to wait for another process
LONGEST = 64 << 20  # bytes of one row
ODD = (MemoryError, UnicodeError)  # also raised of a damaged database
_REFUSED = (  # the last two are what a full disk says
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
)
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
    """Open and bring up to date, or as it is where it can only be read.

    Raises ``Failure`` for what is no study, a newer one, or one that cannot be opened.
    """
    try:
        connection = open_database(file)
        with closed_on_error(connection):
            connection.execute("PRAGMA foreign_keys=ON")
            _migrate(connection, file)
            _check(connection, file)
    except sqlite3.OperationalError as error:
        raise Failure(f"The study {file.parent} cannot be opened: {cause(error)}.") from error
    except (sqlite3.DatabaseError, *ODD) as error:
        raise Failure(f"{file} is not a study's database ({error}): choose another.") from error
    return connection


@contextmanager
def name_failures(file: Path) -> Iterator[None]:
    """What SQLite says of ``file`` becomes a ``Failure``."""
    try:
        yield
    except (sqlite3.Error, *ODD) as error:
        raise Failure(f"{file} cannot be used: {cause(error)}.") from error


def open_database(file: Path) -> sqlite3.Connection:
    """A database that logs ahead: it is read while it is written; a link raises ``Failure``.

    Where nothing can be written, it is opened as it is.
    """
    for end in ("", "-wal", "-shm", "-journal"):
        place = own(file.with_name(file.name + end))
        if place.exists() and not place.is_file():  # a pipe would be waited for
            raise Failure(f"{place} is no regular file: remove it, or restore it from a copy.")
    with suppress(OSError):  # SQLite says what is wrong
        touch(file)  # with the user's own mode, which SQLite gives to what it makes beside it
    try:
        connection = _prepare(str(file))
        with closed_on_error(connection):
            _log_ahead(connection)
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        if code(error) not in _REFUSED or not file.is_file():
            raise
        connection = _only_read(file)
    return connection


def _only_read(file: Path) -> sqlite3.Connection:
    """Without a file beside it, unless its log must be read, too."""
    log = file.with_name(f"{file.name}-wal")
    whole = not (log.exists() and log.stat().st_size)
    connection = _prepare(f"{file.absolute().as_uri()}?mode=ro{'&immutable=1' if whole else ''}")
    with closed_on_error(connection):
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    return connection


def _prepare(name: str) -> sqlite3.Connection:
    """Rows are bounded, and what a stranger wrote into the tables' text does nothing."""
    address = name.startswith("file:")
    connection = sqlite3.connect(name, timeout=PATIENCE, isolation_level=None, uri=address)
    with closed_on_error(connection):
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        connection.execute("PRAGMA trusted_schema=OFF")
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
                log.info("%s: migrated to format %d", file, version + 1)
        version = _version(connection)


def _check(connection: sqlite3.Connection, file: Path) -> None:
    """Raise ``Failure`` for tables that compute what they hold: no import makes such."""
    strange = "type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'"
    found = connection.execute(f"SELECT type, name FROM sqlite_master WHERE {strange}").fetchone()
    if found:
        raise Failure(f"{file} has the {found[0]} “{found[1]}”, which no study has: do not use it.")


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


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Several queries see one state."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")
