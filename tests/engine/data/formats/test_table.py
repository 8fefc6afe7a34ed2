import pytest

from engine.data.formats.base import ImportOptions
from engine.data.formats.table import TableOfImages
from engine.domain import Condition, Failure


def read(folder, **options):
    return TableOfImages().read(folder, ImportOptions(**options))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_that_delimiter_and_unicode_encoding_are_recognised(tree, delimiter, encoding):
    lines = ["path,emotion,subject,mask", "é.jpg,Joy,Zoë,1", "b.jpg,SADNESS,Bo,0"]
    text = "\r\n".join(lines).replace(",", delimiter)
    folder = tree("é.jpg", "b.jpg", table="faces.csv", text=text, encoding=encoding)
    assert TableOfImages().recognises(folder)
    found = [(o.subject, o.expression.title, o.condition.short) for o in read(folder).candidates]
    assert found == [("Zoë", "happy", "m"), ("Bo", "sad", "nm")]


def test_that_the_table_may_lie_a_level_below_and_the_uploader_is_no_subject(tree):
    text = "user.id,image,emotion\n628,a.jpg,anger\n628,b.jpg,FEAR\n"
    folder = tree("images/a.jpg", "images/b.jpg", table="data/legend.csv", text=text)
    assert [(o.file.name, o.subject) for o in read(folder).candidates] == [
        ("a.jpg", ""),
        ("b.jpg", ""),
    ]


def test_that_columns_can_be_chosen(tree):
    text = "Bild,Ausdruck,Wer,Maske\na.jpg,happy,7,masked\n"
    folder = tree("a.jpg", table="t.csv", text=text)
    (one,) = read(
        folder, path="Bild", expression="Ausdruck", subject="Wer", condition="Maske"
    ).candidates
    assert (one.subject, one.condition) == ("7", Condition.MASKED)


def test_that_missing_columns_are_answered_with_those_there_are(tree):
    folder = tree("a.jpg", table="t.csv", text="Bild,Ausdruck\na.jpg,happy\n")
    assert TableOfImages().recognises(folder)
    with pytest.raises(
        Failure,
        match=r"t\.csv has no column for the image's path and the expr.*"
        "Bild, Ausdruck",
    ):
        read(folder)
    with pytest.raises(Failure, match="no column “Picture”: choose one of Bild, Ausdruck"):
        read(folder, path="Picture")


def test_that_a_wrong_encoding_names_file_and_line(tree):
    text = "path,expression\na.jpg,happy\né.jpg,sad\n"
    folder = tree("a.jpg", table="t.csv", text=text, encoding="cp1252")
    with pytest.raises(Failure, match=r"t\.csv, line 3: byte 0xe9 is not UTF-8.*CSV UTF-8"):
        read(folder)


def test_that_an_empty_table_and_a_missing_one_are_named(tree):
    folder = tree("a.jpg", "t.csv")
    with pytest.raises(Failure, match=r"t\.csv is empty"):
        read(folder, table="t.csv")
    with pytest.raises(Failure, match=r"no table “u\.csv”"):
        read(folder, table="u.csv")
    with pytest.raises(Failure, match="no CSV or TSV table"):
        read(tree("plain/a.jpg") / "plain")


def test_that_an_overlong_cell_names_the_line(tree):
    text = f"path,expression\na.jpg,{'x' * 200_000}\n"
    with pytest.raises(Failure, match=r"t\.csv, line \d: not a table"):
        read(tree("a.jpg", table="t.csv", text=text))


def test_that_each_row_is_a_candidate_or_skipped_with_its_reason(tree):
    rows = {
        "a.jpg,happy,": "",
        "b.jpg,contempt,": "“contempt” is not one of the seven expressions",
        "c.jpg,,": "it has no label",
        "gone.jpg,sad,": "there is no such file",
        ",sad,": "the row names no image",
        "d.jpg,sad,half": "“half” is neither masked nor non-masked",
        "twin.jpg,sad,": "2 files have this name: the table must name the folder",
        f"{'x' * 400}.jpg,sad,": "there is no such file",
        "e.jpg": "it has no label",
    }
    text = "path,expression,condition\n" + "\n".join(rows) + "\n"
    files = ("a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg", "x/twin.jpg", "y/twin.jpg", "more.jpg")
    reading = read(tree(*files, table="t.csv", text=text))
    assert [one.file.name for one in reading.candidates] == ["a.jpg"]
    assert [one.reason for one in reading.skipped] == [r for r in rows.values() if r]
    assert "t.csv, line 6" in [one.file for one in reading.skipped]
    assert "3 images in the folder: not in the table, left out." in reading.notes


@pytest.mark.parametrize(
    "path", ["sub/images/A.jpg", "images/A.jpg", "A.jpg", "sub\\images\\A.jpg", "a.jpg", "A"]
)
def test_that_paths_may_be_relative_to_several_places(tree, path):
    folder = tree("sub/images/A.jpg", table="sub/t.csv", text=f"file,label\n{path},fear\n")
    (one,) = read(folder).candidates
    assert one.file == folder / "sub/images/A.jpg"


def test_that_accents_composed_and_decomposed_are_one_name(tree):
    folder = tree("Zoe\u0308.jpg", table="t.csv", text="file,label\nZo\u00eb.jpg,fear\n")
    assert len(read(folder).candidates) == 1


@pytest.mark.parametrize(("header", "options"), [("pair", {}), ("Paar", {"pair": "Paar"})])
def test_that_a_column_may_name_the_pair(tree, header, options):
    rows = ["a.jpg,fear,S1,nm,first", "b.jpg,fear,S1,m,first", "c.jpg,fear,S1,nm,"]
    text = "\n".join([f"file,label,subject,condition,{header}", *rows])
    folder = tree("a.jpg", "b.jpg", "c.jpg", table="t.csv", text=text)
    assert [one.pair for one in read(folder, **options).candidates] == ["first", "first", ""]
