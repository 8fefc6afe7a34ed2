import sys
from importlib import import_module, invalidate_caches

import pytest

from engine.domain import Failure
from engine.plugins import find, find_one

PACKAGE = "workshop_tools"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An importable package: a base, and two modules that define a tool each."""
    folder = tmp_path / PACKAGE
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "base.py").write_text("class Tool: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    drop(folder, "saw")
    drop(folder, "drill")
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture
def tool(folder):
    return import_module(f"{PACKAGE}.base").Tool


def drop(folder, name):
    text = f"from {PACKAGE}.base import Tool\nclass Good{name.title()}(Tool): ...\n"
    (folder / f"{name}.py").write_text(text)
    invalidate_caches()


def test_that_each_file_is_one_plug_in_by_its_name(tool):
    found = find(tool, PACKAGE)
    assert {name: cls.__name__ for name, cls in found.items()} == {
        "drill": "GoodDrill",
        "saw": "GoodSaw",
    }


def test_that_a_file_dropped_in_is_found_with_no_other_edit(folder, tool):
    assert "plane" not in find(tool, PACKAGE)
    drop(folder, "plane")
    assert "plane" in find(tool, PACKAGE)


def test_that_classes_of_other_packages_are_left_out(tool):
    stranger = type("Stranger", (tool,), {"__module__": f"{PACKAGE}_of_others.strange"})
    assert stranger not in find(tool, PACKAGE).values()


def test_that_a_known_name_is_its_class(tool):
    assert find_one("saw", tool, PACKAGE).__name__ == "GoodSaw"


def test_that_an_unknown_name_lists_those_there_are(tool):
    with pytest.raises(Failure, match="no tool “axe”: choose one of drill, saw"):
        find_one("axe", tool, PACKAGE)
