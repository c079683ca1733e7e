"""The row where two sides are chosen."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from wireglass_app.controls import Label, column, row, surface, tool_button
from wireglass_app.theme import theme

__all__ = ["chosen_of", "pair_bar", "refill", "swap"]

T = TypeVar("T")


def pair_bar(
    left: tuple[str, QComboBox], right: tuple[str, QComboBox], swap: Callable[[], None], *more: QWidget
) -> QWidget:
    """Two named boxes with a button between that swaps them; `more` stands below."""
    for name, box in (left, right):
        box.setAccessibleName(name)
        box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        box.setMinimumWidth(theme().px(120))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    words = Label(left[0], "secondary", "small"), Label(right[0], "secondary", "small")
    for label, (_name, box) in zip(words, (left, right), strict=True):
        label.setBuddy(box)
    button = tool_button("swap", "Swap the sides", clicked=swap)
    line = row(words[0], left[1], button, words[1], right[1], margins=(0, 0, 0, 0))
    line.setStretchFactor(left[1], 1)
    line.setStretchFactor(right[1], 1)
    bar = surface(QWidget(), "sunken", "bottom")
    bar.setLayout(column(line, *more, gap=6, margins=(14, 6, 14, 6)))
    return bar


def refill(box: QComboBox, texts: Sequence[str], at: int) -> None:
    """Other choices without a signal; -1 chooses none."""
    box.blockSignals(True)
    if [box.itemText(one) for one in range(box.count())] != list(texts):
        box.clear()
        box.addItems(list(texts))
    box.setCurrentIndex(at)
    box.blockSignals(False)


def chosen_of(choices: Sequence[T], first: QComboBox, second: QComboBox) -> tuple[T | None, T | None]:
    """What both boxes stand on; None where one stands on none of the choices."""
    found = [choices[at] if 0 <= at < len(choices) else None for at in (first.currentIndex(), second.currentIndex())]
    return found[0], found[1]


def swap(first: QComboBox, second: QComboBox) -> None:
    """Each box stands on what the other stood on."""
    before = first.currentIndex()
    first.setCurrentIndex(second.currentIndex())
    second.setCurrentIndex(before)
