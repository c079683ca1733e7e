"""A layout from right to left: words stand beside what they belong to, code and names read as they are written."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from wireglass.recording.ledger import Ledger
from wireglass_app.controls import Chip, Elided, Label, row
from wireglass_app.frameview.filter_field import FilterField
from wireglass_app.theme import theme


def ink(widget: QWidget) -> QRect:
    """Where something is drawn in it."""
    picture = widget.grab().toImage()
    ground = picture.pixelColor(0, 0)
    spots = [
        (x, y) for x in range(picture.width()) for y in range(picture.height()) if picture.pixelColor(x, y) != ground
    ]
    xs, ys = [x for x, _ in spots], [y for _, y in spots]
    return QRect(min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1)


@pytest.mark.parametrize("kind", [Label, Elided])
def test_a_value_stands_at_the_side_of_its_name(qtbot, look, kind) -> None:
    """English words in such a layout stood at the far end of their cell."""
    box = QWidget()
    qtbot.addWidget(box)
    label = kind("stdio")
    box.setLayout(row(label))
    box.resize(400, 40)
    box.show()
    assert ink(label).center().x() < label.width() / 2
    box.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    assert ink(label).center().x() > label.width() / 2
    box.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert ink(label).center().x() < label.width() / 2


def test_the_number_in_a_filter_field_is_not_under_its_icon(qtbot, look) -> None:
    field = FilterField(Ledger())
    qtbot.addWidget(field)
    field.resize(400, 30)
    field.show_count("38 of 212")
    field.show()
    icon = field.line.findChild(QToolButton)
    for way in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        field.setLayoutDirection(way)
        field.resize(401 + way.value, 30)
        qtbot.waitUntil(lambda: not icon.geometry().intersects(field.count.geometry()), timeout=10_000)


def test_the_icon_of_a_chip_is_never_under_its_words(qtbot, look) -> None:
    box = QWidget()
    qtbot.addWidget(box)
    theme().dress(box)
    with_icon, without = Chip("read-only", icon="eye"), Chip("read-only")
    box.setLayout(row(with_icon, without, None))
    for way in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
        box.setLayoutDirection(way)
        box.resize(400, 40)
        box.show()
        assert with_icon.sizeHint().width() >= without.sizeHint().width() + 8
        assert with_icon.layoutDirection() == Qt.LayoutDirection.LeftToRight
