import pytest

from engine import plugins
from engine.data.formats.base import Format, ImportOptions, images

FORMATS = plugins.find(Format, "engine.data.formats")
EXAMPLES = {
    "folders": {"names": ["happy/S01_a.jpg"]},
    "msde": {"names": ["MSD-E/1_3_x.jpg"]},
    "table": {"names": ["a.jpg"], "table": "t.csv", "text": "file,label\na.jpg,happy\n"},
}


@pytest.mark.parametrize("name", FORMATS)
def test_that_every_format_reads_its_example_and_only_that(tree, name):
    example = EXAMPLES[name]
    folder = tree(*example["names"], table=example.get("table", ""), text=example.get("text", ""))
    assert [key for key, layout in FORMATS.items() if layout().recognises(folder)] == [name]
    (one,) = FORMATS[name]().read(folder, ImportOptions()).candidates
    assert (one.file, one.expression.title) == (folder / example["names"][0], "happy")


@pytest.mark.parametrize("name", FORMATS)
def test_that_every_format_has_a_title_and_leaves_a_strange_folder_alone(tree, name):
    assert FORMATS[name].title
    assert not FORMATS[name]().recognises(tree("x/y.jpg", "notes.txt"))


def test_that_hidden_files_and_other_suffixes_are_no_images(tree):
    folder = tree("a.JPG", ".b.jpg", "__MACOSX/c.jpg", ".git/d.png", "e.tem")
    assert images(folder) == [folder / "a.JPG"]
