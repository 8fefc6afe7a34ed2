from PySide6.QtCore import Qt

from msde_gui.plots.walking import Stop, step

BOXES = [(0, 0), (0, 2), (3, 0), (3, 2)]  # a group and a series each


def test_that_arrows_lead_from_box_to_box_and_end_at_the_last():
    stop, found = None, []
    while (stop := step(stop, Qt.Key.Key_Right, BOXES)) is not None:
        found.append((stop.group, stop.series))
    assert found == BOXES
    assert step(Stop(3, 0), Qt.Key.Key_Left, BOXES) == Stop(0, 2)
    assert step(Stop(0, 0), Qt.Key.Key_Left, BOXES) is None


def test_that_m_goes_round_the_runs_of_a_region():
    assert step(Stop(3, 0), Qt.Key.Key_M, BOXES) == Stop(3, 2)
    assert step(Stop(3, 2), Qt.Key.Key_M, BOXES) == Stop(3, 0)


def test_that_up_and_down_lead_to_the_dots():
    assert step(Stop(0, 0), Qt.Key.Key_Up, BOXES) == Stop(0, 0, 1)
    assert step(Stop(0, 0, 1), Qt.Key.Key_Up, BOXES) is None
    assert step(Stop(0, 0, 1), Qt.Key.Key_Down, BOXES) == Stop(0, 0)


def test_that_other_keys_and_no_boxes_lead_nowhere():
    assert step(Stop(0, 0), Qt.Key.Key_A, BOXES) is None
    assert step(None, Qt.Key.Key_Right, []) is None
    assert step(Stop(9, 9), Qt.Key.Key_Right, BOXES) == Stop(0, 0)
