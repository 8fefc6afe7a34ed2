import matplotlib
import pytest
from PIL import Image

from engine.domain import Failure
from engine.store.figure_files import check_figure, save_figure


def drawing():
    from matplotlib.figure import Figure

    made = Figure(figsize=(2, 1))
    made.text(0.1, 0.5, "Größe データ")
    return made


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_that_a_figure_is_the_same_every_time_whatever_the_user_has_set(tmp_path, ending):
    files = [tmp_path / f"{name}.{ending}" for name in ("a", "b")]
    for file in files:
        with matplotlib.rc_context({"font.size": 20, "savefig.facecolor": "red"}):
            save_figure(drawing, file)
            assert matplotlib.rcParams["font.size"] == 20
        matplotlib.rcParams["font.size"] = 10
    assert files[0].read_bytes() == files[1].read_bytes()
    assert sorted(tmp_path.iterdir()) == files


def test_that_a_png_has_300_dots_an_inch_on_white(tmp_path):
    save_figure(drawing, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_that_fonts_are_within_the_file(tmp_path):
    save_figure(drawing, tmp_path / "a.pdf")
    save_figure(drawing, tmp_path / "a.svg")
    assert b"/FontFile2" in (tmp_path / "a.pdf").read_bytes()
    assert "<text" not in (tmp_path / "a.svg").read_text(encoding="utf-8")  # outlines alone


@pytest.mark.parametrize(
    ("name", "part"), [("a.gif", ".png, .svg, .pdf"), ("no/a.png", "no folder")]
)
def test_that_a_file_that_cannot_be_is_named_before_anything_is_drawn(tmp_path, name, part):
    with pytest.raises(Failure, match=part):
        check_figure(tmp_path / name)
    with pytest.raises(Failure, match=part):
        save_figure(lambda: 1 / 0, tmp_path / name)
