import ast
import csv
import io
from pathlib import Path

import pytest

import engine
from engine.data import tables
from engine.data.importing import inspect
from engine.domain import Expression
from engine.store.tables import shield, table_text, unshield, write_table
from tests.engine import making

HOSTILE = [
    "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1",
    "a;=1+1", "a;b;@x",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_that_no_text_begins_as_a_formula_in_any_spreadsheet(text):
    for delimiter in ",\t":
        (line,) = csv.reader(
            io.StringIO(table_text([["s1", text]], delimiter), newline=""), delimiter=delimiter
        )
        assert all(cell[0] not in "=+-@\t\r\n＝＋－＠" for cell in line)
        assert not set("=+-@") & {part[0] for part in line[1].split(";")}
        assert unshield(line[1]) == text


@pytest.mark.parametrize("text", [*HOSTILE, "'=1", "''@x", "'plain", "it's", "a;'=1", ""])
def test_that_a_shielded_text_is_told_from_one_with_an_apostrophe_of_its_own(text):
    assert unshield(shield(text)) == text


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (-1, "-1"), (-0.5, "-0.5"), ("-0.5", "-0.5"), ("+12", "+12"), ("-1.5e-07", "-1.5e-07"),
        ("-3.0 %", "-3.0 %"), ("-1,234", '"-1,234"'), (None, ""), ("-", "'-"), ("-x", "'-x"),
        ("+1.00 to +5.00", "+1.00 to +5.00"),
        (Path("=a.png"), "'=a.png"), (float("-inf"), "-inf"),
    ],
)  # fmt: skip
def test_that_numbers_stay_numbers(cell, written):
    assert table_text([[cell]]) == f"{written}\n"


def test_that_every_name_comes_back_in_its_own_cell():
    names = ['"', "a,b", "a\rb", "a\nb", "ü データ", "a\tb", " a "]
    assert list(csv.reader(io.StringIO(table_text([names]), newline=""))) == [names]


def test_that_a_name_which_is_no_text_is_shown_by_its_number(tmp_path):
    write_table(tmp_path / "t.csv", [["file"], ["\udcff.jpg"]])
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == "file\n\\udcff.jpg\n"


def test_that_our_own_table_imports_with_the_names_it_was_made_of(tmp_path):
    names = ["=a", "-b", "@c", "'=d", "+e;=f"]
    head = ["file", "subject", "expression"]
    rows = [[f"{name}.png", name, e.title] for name, e in zip(names, Expression, strict=False)]
    for number, (file, _, _) in enumerate(rows):
        making.draw(tmp_path / file, number)
    write_table(tmp_path / "table.csv", [head, *rows])
    found = inspect(tmp_path, format="table")
    assert {image.subject for image in found.images} == set(names)
    assert {image.file.name for image in found.images} == {row[0] for row in rows}
    assert tables.read(tmp_path / "table.csv").columns == tuple(head)


def test_that_nothing_else_in_the_program_writes_tables():
    root = Path(engine.__file__).parents[1]
    for file in [*(root / "engine").rglob("*.py"), *(root / "msde_gui").rglob("*.py")]:
        named = [n for n in ast.walk(ast.parse(file.read_text("utf-8"))) if hasattr(n, "attr")]
        assert not {node.attr for node in named} & {"writer", "DictWriter"}, file
