from PIL import Image

from benchmarks.sample.labelled import read
from docs import contact_sheet, overlay_sheet
from tests.benchmarks.making import SIDE, study


def test_that_the_contact_sheet_has_a_row_a_subject(tmp_path):
    labelled = read(study(tmp_path / "study", 3))
    contact_sheet.draw(labelled, tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as page:
        assert page.height == contact_sheet.TOP + 3 * (SIDE + 2)
        assert page.width == contact_sheet.LEFT + 14 * (SIDE + 2)
    assert contact_sheet.subjects_shown(labelled, 0) == ["S001", "S002", "S003"]


def test_that_the_overlay_sheet_marks_the_eyes(tmp_path):
    labelled = read(study(tmp_path / "study", 2))
    overlay_sheet.draw(labelled, tmp_path / "sheet.jpg")
    assert (tmp_path / "sheet.jpg").stat().st_size > 0
    times = overlay_sheet.SIDE / SIDE
    marked = overlay_sheet.marked(labelled, 0)
    assert marked.getpixel((round(10 * times), round(14 * times))) == overlay_sheet.CENTRE
