import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from msde_gui.plots import scatter as scatters
from msde_gui.plots.lasso import inside
from msde_gui.plots.marks import MarkStyles, Strength, marks
from msde_gui.plots.scatter import Scatter
from msde_gui.style import theme

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
PLACES = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [0.5, 0.5]], dtype=np.float32)
IDS = np.array([10, 11, 12, 13, 14])


def look(strengths=(3, 3, 3, 3, 3), colours=(0, 1, 0, 1, 2)):
    return MarkStyles(
        np.array(colours),
        theme.EXPRESSION_COLOURS,
        np.array([False, True, False, True, False]),
        np.array(strengths, dtype=np.int8),
    )


@pytest.fixture
def scatter(qtbot):
    made = Scatter()
    qtbot.addWidget(made)
    made.resize(400, 400)
    made.show()
    made.show_points(IDS, PLACES, look())
    return made


def drag(qtbot, scatter, corners, modifier=Qt.KeyboardModifier.NoModifier):
    """With the left button pressed, from corner to corner."""
    target = scatter.plot.viewport()
    first, *rest = [target.mapFrom(scatter, corner) for corner in corners]
    qtbot.mousePress(target, LEFT, modifier, first)
    for corner in rest:
        qtbot.mouseMove(target, corner)
    qtbot.mouseRelease(target, LEFT, modifier, rest[-1])


def around(*places, by=25):
    """A box around points of the widget."""
    xs, ys = [place.x() for place in places], [place.y() for place in places]
    left, top, right, bottom = min(xs) - by, min(ys) - by, max(xs) + by, max(ys) + by
    return [QPoint(left, top), QPoint(right, top), QPoint(right, bottom), QPoint(left, bottom)]


def test_that_a_polygon_holds_the_points_inside_it():
    polygon = np.array([[0, 0], [4, 0], [4, 4], [2, 1], [0, 4]], dtype=float)  # a notch from above
    points = np.array([[2, 0.5], [2, 2], [0.5, 2], [3.5, 2], [5, 1], [-1, 1], [2, -1], [2, 5]])
    assert inside(points, polygon).tolist() == [True, False, True, True] + 4 * [False]


def test_that_what_is_surrounded_twice_is_outside():
    star = np.array([[0, 3], [2, -3], [-3, 1], [3, 1], [-2, -3]], dtype=float)
    assert inside(np.array([[0, 0], [0, 2], [2.4, 0.9]]), star).tolist() == [False, True, True]


def test_that_a_lasso_equals_a_test_point_by_point():
    random = np.random.default_rng(0)
    points, polygon = random.normal(size=(500, 2)), random.normal(size=(30, 2))
    ends = np.roll(polygon, -1, axis=0)

    def odd(x, y):
        crossings = 0
        for (ax, ay), (bx, by) in zip(polygon, ends, strict=True):
            if (ay <= y) != (by <= y):
                crossings += x < ax + (y - ay) * (bx - ax) / (by - ay)
        return crossings % 2 == 1

    assert inside(points, polygon).tolist() == [odd(x, y) for x, y in points]


@pytest.mark.parametrize("corners", [0, 1, 2])
def test_that_fewer_than_three_corners_hold_nothing(corners):
    assert not inside(PLACES, np.zeros((corners, 2))).any()


def test_that_dragging_around_points_says_exactly_these(scatter, qtbot):
    said = []
    scatter.lassoed.connect(lambda ids, add: said.append((ids.tolist(), add)))
    drag(qtbot, scatter, around(scatter.place(10), scatter.place(12)))
    drag(qtbot, scatter, around(scatter.place(13)), SHIFT)
    assert said == [([10, 12], False), ([13], True)]
    assert not scatter.lasso.begun


def test_that_hidden_and_dimmed_points_cannot_be_lassoed_or_picked(scatter, qtbot):
    said = []
    scatter.lassoed.connect(lambda ids, add: said.append(ids.tolist()))
    scatter.picked.connect(lambda number, add: said.append(number))
    scatter.show_look(look((Strength.HIDDEN, 3, Strength.DIMMED, 3, Strength.FAINT)))
    drag(qtbot, scatter, around(*(scatter.place(number) for number in (11, 13, 14)), by=8))
    at = scatter.plot.viewport().mapFrom(scatter, QPoint(8, scatter.place(14).y()))
    qtbot.mouseClick(scatter.plot.viewport(), LEFT, pos=at)
    assert said == [[11, 13, 14]]


def test_that_a_click_picks_the_point_under_it(scatter, qtbot):
    said = []
    scatter.picked.connect(lambda number, add: said.append((number, add)))
    target = scatter.plot.viewport()
    for tool, modifier in (("lasso", Qt.KeyboardModifier.NoModifier), ("pan", SHIFT)):
        scatter.set_tool(tool)
        place = target.mapFrom(scatter, scatter.place(14) + QPoint(2, 1))
        qtbot.mouseClick(target, LEFT, modifier, place)
    assert said == [(14, False), (14, True)]


def test_that_the_pointer_says_whom_it_is_over(scatter, qtbot):
    said = []
    scatter.hovered.connect(said.append)
    target = scatter.plot.viewport()
    qtbot.mouseMove(target, target.mapFrom(scatter, scatter.place(13)))
    qtbot.mouseMove(target, target.mapFrom(scatter, scatter.place(13) - QPoint(40, -40)))
    assert said[-2:] == [13, None]


def test_that_exactly_the_selected_points_are_ringed(scatter):
    scatter.show_ringed(np.array([14, 11, 999]))
    assert scatter.ringed.tolist() == [11, 14]
    assert scatter.rings.points.tolist() == [[1.0, 0.0], [0.5, 0.5]]


def test_that_rings_and_pointer_follow_the_points(scatter):
    scatter.show_ringed(np.array([11]))
    scatter.show_hovered(12)
    scatter.show_frame(PLACES + 3)
    assert scatter.rings.points.tolist() == [[4.0, 3.0]]
    assert scatter.pointer.points.tolist() == [[3.0, 4.0]]
    assert np.allclose(np.sort(scatter.dots.points, axis=0), np.sort(PLACES + 3, axis=0))
    scatter.show_hovered(None)
    assert not len(scatter.pointer.points)


def test_that_all_points_are_in_sight_until_the_user_moves(scatter, qtbot):
    scatter.show_frame(PLACES * 50)
    box = scatter.box
    (left, right), _ = box.viewRange()
    assert left < 0
    assert right > 50
    scatter.set_tool("pan")
    drag(qtbot, scatter, [QPoint(200, 200), QPoint(150, 150), QPoint(100, 100)])
    moved = box.viewRange()
    scatter.show_frame(PLACES * 900)
    assert box.viewRange() == moved
    scatter.reset()
    assert box.viewRange()[0][1] > 900


def test_that_only_solid_pairs_are_joined(scatter):
    scatter.show_pairs(np.array([[0, 1], [2, 3]]))
    assert len(scatter.lines.getData()[0]) == 4
    scatter.show_look(look((3, 3, Strength.FAINT, 3, 3)))
    assert len(scatter.lines.getData()[0]) == 2
    scatter.show_points(IDS[:2], PLACES[:2], look((3, 3), (0, 1)))
    assert scatter.lines.getData()[0] is None


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_that_shape_colour_and_strength_are_drawn_as_the_look_says(ratio):
    which, pictures = marks(look((1, 2, 3, 3, 3)), np.arange(5))
    drawn = pictures(ratio)[which]
    middle = drawn.shape[1] // 2
    centres = drawn[:, middle, middle].astype(float)
    assert drawn.shape == (5, 8 * ratio, 8 * ratio, 4)
    assert centres[:, 3].round().tolist() == [41, 97, 255, 255, 255]
    for centre, number in zip(centres, (0, 1, 0, 1, 2), strict=True):
        wanted = QColor(theme.EXPRESSION_COLOURS[number]).getRgb()[:3]
        assert np.allclose(centre[:3] * 255 / centre[3], wanted, atol=4)
    covered = drawn[..., 3].sum(axis=(1, 2))
    assert covered[2] == covered[4] < 0.9 * covered[3]  # circles and a square


def test_that_a_crowd_is_a_sample_over_its_density(scatter, monkeypatch, qtbot):
    monkeypatch.setattr(scatters, "MOST", 300)
    monkeypatch.setattr(scatters, "SAMPLE", 100)
    random = np.random.default_rng(0)
    n = 1000
    points = random.normal(size=(n, 2)).astype(np.float32)
    crowd = MarkStyles(
        np.zeros(n, dtype=int), ("#ffffff",), np.zeros(n, dtype=bool), np.full(n, 3, dtype=np.int8)
    )
    scatter.show_points(np.arange(n), points, crowd)
    assert len(scatter.dots.points) == 100
    assert scatter.cloud.isVisible()
    whole = np.array([[-1, -1], [999, -1], [999, 999], [-1, 999]])
    assert len(scatter._enclosed(whole)) == n
    scatter.show_pairs(np.arange(n).reshape(-1, 2))
    drawn = {tuple(point) for point in scatter.dots.points.tolist()}
    assert {*zip(*scatter.lines.getData(), strict=True)} <= drawn
    scatter.show_frame(points + 90)
    assert scatter.cloud.mapRectToParent(scatter.cloud.boundingRect()).left() > 80
    scatter.show_points(IDS, PLACES, look())
    assert not scatter.cloud.isVisible()
