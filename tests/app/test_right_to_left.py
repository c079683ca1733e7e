"""A layout from right to left: words stand beside what they belong to, code and names read as they are written."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QTableWidget, QTableWidgetItem, QToolButton, QWidget

from wireglass.recording.ledger import Ledger
from wireglass_app.buttons import Button, ToolButton, tool_button
from wireglass_app.controls import Chip, Elided, Label, row
from wireglass_app.frameview.filter_field import FilterField
from wireglass_app.layouts import as_written, unmarked
from wireglass_app.tables import show_as_written
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


@pytest.fixture
def from_the_right(qapp: QApplication) -> Iterator[None]:
    """A program whose layout is from right to left: buttons and cells are painted in its direction."""
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def looks(make: Callable[[], QWidget]) -> QImage:
    widget = make()
    widget.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # where it stands is another matter
    theme().dress(widget)
    widget.resize(200, 40)
    picture = widget.grab().toImage()
    widget.deleteLater()
    return picture


def pill(text: str) -> QWidget:
    button = ToolButton()
    button.setText(text)
    return button


def cell(text: str) -> QWidget:
    table = QTableWidget(1, 1)
    table.setItem(0, 0, QTableWidgetItem(text))
    table.setColumnWidth(0, 190)
    table.horizontalHeader().hide()
    table.verticalHeader().hide()
    show_as_written(table)
    return table


@pytest.mark.parametrize("make", [Button, pill, cell])
@pytest.mark.parametrize("text", ["214 new, follow", "Change…", "-m", "enum?", "100 %"])
def test_words_on_buttons_and_in_cells_keep_their_order(
    qtbot, look, qapp: QApplication, make: Callable[[str], QWidget], text: str
) -> None:
    """ "3 tools" read "tools 3", and "Change…" began with its dots."""
    upright = looks(lambda: make(text))
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        mirrored = looks(lambda: make(text))
        turned = as_written(text)
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert mirrored == upright
    assert unmarked(turned) == text != turned
    assert as_written(text) == text


def test_what_a_button_says_is_free_of_marks(qtbot, look, from_the_right) -> None:
    """They are painted, and neither copied nor spoken."""
    button, small = Button("3 new", icon="plus"), tool_button("plus", "4 more")
    small.setText("4 more")
    qtbot.addWidget(button)
    qtbot.addWidget(small)
    assert (button.text(), button.accessibleName()) == (" 3 new", "3 new")
    assert (small.text(), small.accessibleName()) == ("4 more", "4 more")


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
