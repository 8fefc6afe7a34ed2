import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from msde_gui.widgets.lattice import Lattice, block
from msde_gui.widgets.matrix import Matrix
from msde_gui.widgets.scale import ink, shade

NAMES = ["surprise", "fear", "disgust", "happy", "sad", "anger", "neutral"]
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def matrix(qtbot):
    made = Matrix(NAMES)
    made.show_counts(np.arange(49).reshape(7, 7), np.full((7, 7), 0.02))
    made.resize(460, 360)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def heard(matrix):
    said = []
    matrix.chosen.connect(said.append)
    return said


def middle(rect) -> QPoint:
    return rect.center().toPoint()


def test_that_a_click_chooses_its_cell(matrix, heard, qtbot):
    qtbot.mouseClick(matrix, LEFT, pos=middle(matrix.lattice().rect(1, 4)))
    assert heard == [[(1, 4)]]


def test_that_a_row_name_chooses_its_row(matrix, heard, qtbot):
    qtbot.mouseClick(matrix, LEFT, pos=middle(matrix.lattice().row_name(2)))
    assert heard == [[(2, column) for column in range(7)]]


def test_that_a_column_name_chooses_its_column(matrix, heard, qtbot):
    qtbot.mouseClick(matrix, LEFT, pos=middle(matrix.lattice().column_name(5)))
    assert heard == [[(row, 5) for row in range(7)]]


def test_that_dragging_chooses_a_block(matrix, heard, qtbot):
    lattice = matrix.lattice()
    qtbot.mousePress(matrix, LEFT, pos=middle(lattice.rect(3, 2)))
    qtbot.mouseMove(matrix, middle(lattice.rect(1, 1)))
    qtbot.mouseRelease(matrix, LEFT, pos=middle(lattice.rect(1, 1)))
    assert heard == [[(1, 1), (1, 2), (2, 1), (2, 2), (3, 1), (3, 2)]]


def test_that_shift_adds_to_what_was_chosen(matrix, heard, qtbot):
    qtbot.mouseClick(matrix, LEFT, pos=middle(matrix.lattice().rect(0, 0)))
    qtbot.mouseClick(matrix, LEFT, SHIFT, middle(matrix.lattice().rect(6, 1)))
    qtbot.mouseClick(matrix, LEFT, pos=middle(matrix.lattice().rect(2, 2)))
    assert heard == [[(0, 0)], [(0, 0), (6, 1)], [(2, 2)]]


def test_that_the_keyboard_reaches_every_cell(matrix, heard, qtbot):
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Up):
        qtbot.keyClick(matrix, key)
    qtbot.keyClick(matrix, Qt.Key.Key_Space)
    qtbot.keyClick(matrix, Qt.Key.Key_Left)
    qtbot.keyClick(matrix, Qt.Key.Key_Return, SHIFT)
    assert heard == [[(0, 2)], [(0, 1), (0, 2)]]


def test_that_a_cell_tells_its_count_share_and_spread(matrix):
    assert matrix.tip(1, 0) == "fear → surprise: 7 of 70, 10.0 % ± 2.0 over folds"


def test_that_the_counts_can_be_copied_for_a_spreadsheet(matrix):
    matrix._copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t") == ["truth", *NAMES]
    assert lines[2].split("\t") == ["fear", *(str(number) for number in range(7, 14))]


def test_that_a_matrix_without_counts_can_be_painted(qtbot):
    matrix = Matrix(NAMES)
    qtbot.addWidget(matrix)
    assert not matrix.grab().isNull()


@pytest.mark.parametrize("size", [(270, 250), (330, 260), (900, 700)])
def test_that_the_lattice_lies_inside_its_widget(size):
    lattice = Lattice(7, *size)
    assert lattice.row_name(0).left() >= 0
    assert lattice.total(6).right() <= size[0]
    assert lattice.rect(6, 6).bottom() <= size[1]
    cells = [(row, column) for row in range(7) for column in range(7)]
    assert [lattice.at(lattice.rect(*cell).center()) for cell in cells] == cells


def test_that_a_block_needs_two_corners():
    assert block(None, (1, 1), 7) == []


def test_that_numbers_can_be_read_on_every_shade():
    for step in range(101):
        ground = shade(step / 100)
        assert abs(luminance(ground) - luminance(ink(ground))) > 0.25


def luminance(colour):
    return 0.3 * colour.redF() + 0.59 * colour.greenF() + 0.11 * colour.blueF()
