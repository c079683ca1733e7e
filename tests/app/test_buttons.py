"""A button is pressed by who means it."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from wireglass_app.controls import Button
from wireglass_app.theme import Theme


def test_a_double_click_does_not_press_what_comes_below_the_pointer(qtbot: QtBot, look: Theme) -> None:
    """Stop stands where Run stood: a double-click on Run stopped the call that it had begun."""
    window, pressed = QWidget(), list[str]()

    def named(name: str, act: Callable[[], None]) -> Button:
        button = Button(name, clicked=lambda: (pressed.append(name), act()))
        button.setParent(window)
        button.setGeometry(20, 20, 100, 40)
        return button

    def swap() -> None:
        run.hide()
        stop.show()

    stop = named("stop", lambda: None)
    run = named("run", swap)
    stop.hide()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    handle, left, place = window.windowHandle(), Qt.MouseButton.LeftButton, QPoint(70, 40)
    QTest.mouseDClick(handle, left, Qt.KeyboardModifier.NoModifier, place)
    assert pressed == ["run"]
    assert stop.isVisible()
    QTest.mouseClick(handle, left, Qt.KeyboardModifier.NoModifier, place)
    assert pressed == ["run", "stop"]
    QTest.mouseDClick(handle, left, Qt.KeyboardModifier.NoModifier, place)
    assert pressed == ["run", "stop", "stop", "stop"], "two clicks on one button are two"
