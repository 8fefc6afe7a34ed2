"""Some releases of PySide6 lose a reference to True with every emission, and abort in the end."""

import sys

from PySide6.QtCore import QObject, Signal

EMISSIONS = 2000


class Sender(QObject):
    sent = Signal(bool)


def test_that_emitting_a_signal_keeps_the_reference_count_of_true(qapp):
    sender = Sender()
    sender.sent.connect(lambda value: None)
    before = sys.getrefcount(True)
    for _ in range(EMISSIONS):
        sender.sent.emit(True)
    assert abs(sys.getrefcount(True) - before) < EMISSIONS / 20
