"""Why the system or SQLite refused, in words that say what to do."""

import errno
import re
import sqlite3

_ROOM = "make room"
_RIGHTS = "ask its owner for the right to it"
_ELSEWHERE = "copy it to a place that you may change"
_RESTORE = "restore it from a copy"
_OF_SYSTEM = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EROFS: _ELSEWHERE,
    errno.ELOOP: "remove the link",
    errno.EMFILE: "close other programs",
    errno.ENFILE: "close other programs",
    errno.EIO: "check the disk",
}
_OF_DATABASE = {
    sqlite3.SQLITE_ERROR: _RESTORE,
    sqlite3.SQLITE_BUSY: "wait until the other program has written",
    sqlite3.SQLITE_LOCKED: "wait until the other program has written",
    sqlite3.SQLITE_PROTOCOL: "wait until the other program has written",
    sqlite3.SQLITE_FULL: _ROOM,
    sqlite3.SQLITE_READONLY: _ELSEWHERE,
    sqlite3.SQLITE_PERM: _RIGHTS,
    sqlite3.SQLITE_AUTH: _RIGHTS,
    sqlite3.SQLITE_CORRUPT: _RESTORE,
    sqlite3.SQLITE_NOTADB: _RESTORE,
    sqlite3.SQLITE_TOOBIG: _RESTORE,
    sqlite3.SQLITE_CANTOPEN: "check that its folder exists and that you may change it",
    sqlite3.SQLITE_IOERR: "check the disk and whether it has room",
    sqlite3.SQLITE_NOMEM: "close other programs",
}


def cause(error: BaseException) -> str:
    """Such as “No space left on device: make room”; without advice where there is none."""
    if isinstance(error, OSError):
        return _join(error.strerror or str(error), _OF_SYSTEM.get(error.errno or 0, ""))
    if isinstance(error, sqlite3.Error):
        return _join(str(error), _OF_DATABASE.get(code(error), ""))
    if isinstance(error, MemoryError):
        return "it needs more memory than there is: close other programs"
    return _foreign(str(error).rstrip("."))


def _foreign(words: str) -> str:
    """What a library in Rust says of the system, such as “I/O error: … (os error 28)”."""
    number = re.search(r"\(os error (\d+)\)", words)
    return _join(words, _OF_SYSTEM.get(int(number[1]), "") if number else "")


def code(error: sqlite3.Error) -> int:
    """SQLite's primary code; text that is no text has none of its own, and is damage."""
    extended: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return extended & 0xFF


def _join(words: str, advice: str) -> str:
    return f"{words}: {advice}" if advice else words
