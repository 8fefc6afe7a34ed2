"""Offer other choices in a box without anybody hearing of it."""

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox


def refill(box: QComboBox, choices: Sequence[tuple[str, object]]) -> None:
    """Texts and what they stand for. A box that already offers them is left as it is."""
    values = [value for _, value in choices]
    if values == [box.itemData(number) for number in range(box.count())]:
        return
    box.blockSignals(True)
    box.clear()
    for text, value in choices:
        box.addItem(text, value)
    box.blockSignals(False)
