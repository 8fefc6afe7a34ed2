import pytest

from engine import plugins
from engine.data.formats.base import Format, ImportOptions, images

FORMATS = plugins.find(Format, "engine.data.formats")


@pytest.mark.parametrize("name", FORMATS)
def test_that_every_format_reads_its_example_and_only_that(tree, name):
    folder = tree()
    for file, text in FORMATS[name].example.items():
        folder = tree(table=file, text=text)
    assert [key for key, layout in FORMATS.items() if layout().recognises(folder)] == [name]
    (one,) = FORMATS[name]().read(folder, ImportOptions()).candidates
    image = next(iter(FORMATS[name].example))
    assert (one.file, one.expression.title) == (folder / image, "happy")


@pytest.mark.parametrize("name", FORMATS)
def test_that_every_format_has_a_title_and_leaves_a_strange_folder_alone(tree, name):
    assert FORMATS[name].title
    assert not FORMATS[name]().recognises(tree("x/y.jpg", "notes.txt"))


def test_that_hidden_files_and_other_suffixes_are_no_images(tree):
    folder = tree("a.JPG", ".b.jpg", "__MACOSX/c.jpg", ".git/d.png", "e.tem")
    assert images(folder) == [folder / "a.JPG"]
