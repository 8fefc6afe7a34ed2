"""Trees of empty files: a layout reads names, never pixels."""

import pytest


@pytest.fixture
def tree(tmp_path):
    """Make files in a folder whose name is not plain ASCII."""
    folder = tmp_path / "Tëst データ"

    def make(*names, table="", text="", encoding="utf-8"):
        for name in names:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        if table:
            (folder / table).parent.mkdir(parents=True, exist_ok=True)
            (folder / table).write_bytes(text.encode(encoding))
        return folder

    return make
