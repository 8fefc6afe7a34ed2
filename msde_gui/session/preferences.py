"""What the window remembers from one day to the next, and where it keeps what it makes."""

from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

from engine.store.files import DATABASE

MOST = 8  # recent studies


def store() -> QSettings:
    """One readable file in the user's configuration folder."""
    file = platformdirs.user_config_path("msde-studio") / "window.ini"
    return QSettings(str(file), QSettings.Format.IniFormat)


def data_folder() -> Path:
    """Where a program keeps data for its user."""
    return platformdirs.user_data_path("msde-studio")


def text(key: str, default: str = "") -> str:
    return str(store().value(key, default))


def remember(key: str, value: str | QByteArray) -> None:
    store().setValue(key, value)


def layout(key: str) -> QByteArray:
    """A stored geometry or state; empty the first time."""
    value = store().value(key)
    return value if isinstance(value, QByteArray) else QByteArray()


def recent() -> list[Path]:
    """Studies that were opened lately and still exist, the last one first."""
    folders = [Path(line) for line in text("studies").split("\n") if line]
    return [folder for folder in folders if _is_file(folder / DATABASE)]


def _is_file(file: Path) -> bool:
    """No, for what lies where nobody may look."""
    try:
        return file.is_file()
    except OSError:
        return False


def first_start() -> bool:
    """Whether no study has ever been open."""
    return not text("studies")


def remember_study(folder: Path) -> None:
    """Put a study in front of the recent ones."""
    others = [other for other in recent() if other != folder]
    remember("studies", "\n".join(str(one) for one in [folder, *others][:MOST]))
