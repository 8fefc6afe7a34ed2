"""Keep modules and functions small, and every module saying what it is for."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(p for package in ("engine", "msde_gui") for p in (ROOT / package).rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_that_a_module_is_short_and_says_what_it_is_for(path):
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    assert ast.get_docstring(tree)
    assert source.count("\n") <= 300
    for node in ast.walk(tree):
        if isinstance(node, Function):
            assert node.end_lineno - node.lineno < 30 or is_command(path, node), node.name
        if isinstance(node, ast.ClassDef):
            public = [f.name for f in node.body if isinstance(f, Function) and is_verb(f)]
            assert len(public) <= 10, (node.name, public)


def is_command(path, node):
    """A command's options are its signature: its body counts alone."""
    body = node.end_lineno - node.body[0].lineno
    return path.parent.name == "cli" and body < 30


def is_verb(function):
    """Public, and neither a property nor one of Qt's own overridden events."""
    overrides = function.name[:1].islower() and any(c.isupper() for c in function.name)
    return not function.name.startswith("_") and not function.decorator_list and not overrides
