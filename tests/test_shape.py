"""Keep modules and functions small, names unambiguous, and every module saying what it is for."""

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(p for package in ("engine", "msde_gui") for p in (ROOT / package).rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
MODULE, FUNCTION = 200, 28  # statements
VARIADIC = {"Sequential", "Option"}  # they take any number of the same
PARTICIPLES = {
    "begun", "broken", "brought", "built", "chosen", "done", "drawn", "found", "given", "gone",
    "grown", "heard", "held", "hidden", "kept", "known", "led", "left", "lost", "made", "meant",
    "met", "paid", "said", "seen", "sent", "shown", "spoken", "taken", "thought", "told", "worn",
    "written",
}  # fmt: skip
VERBS = {"embed", "feed", "need", "seed"}  # for all their ending
Function = ast.FunctionDef | ast.AsyncFunctionDef


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_that_a_module_is_short_and_says_what_it_is_for(path):
    tree = TREES[path]
    assert ast.get_docstring(tree)
    assert count_statements(tree) <= MODULE
    for node in ast.walk(tree):
        if isinstance(node, Function):
            assert count_statements(node) <= FUNCTION, node.name
        if isinstance(node, ast.ClassDef):
            public = [f.name for f in node.body if isinstance(f, Function) and is_verb(f)]
            assert len(public) <= 10, (node.name, public)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_that_what_is_made_of_fields_is_given_them_by_name(path):
    """A constant may be spread, as its length is read beside it."""
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Call) and is_class(called := name_of(node.func)):
            spread = [arg.value for arg in node.args if isinstance(arg, ast.Starred)]
            hidden = [ast.unparse(value) for value in spread if not name_of(value).isupper()]
            assert not hidden or called in VARIADIC, (node.lineno, called, hidden)


def test_that_no_two_public_classes_have_one_name():
    names = Counter(node.name for node in definitions(ast.ClassDef))
    assert [name for name, count in names.items() if count > 1] == []


def test_that_no_public_function_is_a_bare_participle():
    names = {node.name for node in definitions(Function)}
    ended = {name for name in names if name.endswith("ed") and "_" not in name}
    assert (names & PARTICIPLES) | (ended - VERBS) == set()


@pytest.mark.parametrize(
    ("source", "statements"),
    [
        ('"""Said."""\nimport os\nfrom os import path', 0),
        ("a = 1; b = 2", 2),
        ("if a:\n    b = 1\nelse:\n    b = 2", 3),
        ("def f():\n    '''Said.'''\n    return 1", 2),
        ("made = Sample(\n    id=1,\n    file=file,\n)", 1),
    ],
)
def test_that_statements_count_and_neither_imports_docstrings_nor_lines(source, statements):
    assert count_statements(ast.parse(source)) == statements


def count_statements(tree):
    return sum(is_statement(node) for node in ast.walk(tree) if node is not tree)


def is_statement(node):
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    return isinstance(node, ast.stmt) and not isinstance(node, ast.Import | ast.ImportFrom)


def name_of(node):
    """The last part of ``a.b``, or nothing."""
    return getattr(node, "attr", getattr(node, "id", ""))


def is_class(name):
    return name.lstrip("_")[:1].isupper()


def definitions(kind):
    """The public ones at the top of every module."""
    every = (node for tree in TREES.values() for node in tree.body)
    return [node for node in every if isinstance(node, kind) and not node.name.startswith("_")]


def is_verb(function):
    """Public, and neither a property nor one of Qt's own overridden events."""
    overrides = function.name[:1].islower() and any(c.isupper() for c in function.name)
    return not function.name.startswith("_") and not function.decorator_list and not overrides
