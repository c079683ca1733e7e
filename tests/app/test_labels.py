"""Words that are longer than the pane they stand in."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from wireglass_app.controls import Label
from wireglass_app.shell.header import InboxButton
from wireglass_app.theme import Theme

KEY = "m" * 500


def test_no_word_makes_a_pane_wider(qtbot: QtBot, look: Theme) -> None:
    """A question of 2,000 letters without a space pushed the form below it out of sight."""
    label = Label(f"The key is {KEY} as you know.", wrap=True)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(label)
    qtbot.addWidget(area)
    area.resize(300, 400)
    area.show()
    assert label.minimumSizeHint().width() < 200
    assert label.width() <= 300
    assert label.heightForWidth(280) > 10 * label.fontMetrics().height()


def test_what_is_read_and_copied_is_the_text(qtbot: QtBot, look: Theme) -> None:
    label = Label(KEY, wrap=True).selectable()
    qtbot.addWidget(label)
    label.show()
    assert label.text() == KEY
    assert label.accessibleName() == KEY
    label.setFocus()
    QTest.keyClick(label, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == KEY
    label.setText("short")
    assert (label.text(), label.accessibleName()) == ("short", "")


@pytest.mark.parametrize(
    "text", ["a few words that wrap by themselves and are longer than forty", "/path" * 20, "漢" * 90]
)
def test_what_can_be_wrapped_is_left_alone(qtbot: QtBot, look: Theme, text: str) -> None:
    label = Label(text, wrap=True)
    qtbot.addWidget(label)
    assert label.accessibleName() == ""
    assert label.text() == text


@pytest.mark.parametrize(("number", "least"), [(1, 0), (12, 1), (1234, 2)])
def test_the_badge_is_as_wide_as_its_number(qtbot: QtBot, look: Theme, number: int, least: int) -> None:
    button, one = InboxButton(), InboxButton()
    for made, count in ((button, number), (one, 1)):
        qtbot.addWidget(made)
        made.set_count(count)
    assert button.sizeHint().width() - one.sizeHint().width() >= least * 4
    assert button._badge()[0] == ("99+" if number > 99 else str(number))
