"""A button is pressed by who means it."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from wireglass_app.buttons import tool_button
from wireglass_app.calls import Roots
from wireglass_app.controls import Button
from wireglass_app.inbox.roots_editor import RootsEditor
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


def test_a_double_click_takes_one_line_out_of_a_list(qtbot: QtBot, look: Theme) -> None:
    """The line below comes under the pointer with its own button: it was taken out too."""
    window, gone = QWidget(), list[int]()
    buttons: list[QWidget] = []

    def take(at: int) -> None:
        gone.append(at)
        buttons[at].hide()
        for below in buttons[at + 1 :]:
            below.move(below.x(), below.y() - 40)

    for at in range(3):
        button = tool_button("close", f"Remove {at}", clicked=partial(take, at))
        button.setParent(window)
        button.setGeometry(10, 40 * at, 40, 40)
        buttons.append(button)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    handle, left, place = window.windowHandle(), Qt.MouseButton.LeftButton, QPoint(30, 20)
    QTest.mouseDClick(handle, left, Qt.KeyboardModifier.NoModifier, place)
    assert gone == [0]
    QTest.mouseClick(handle, left, Qt.KeyboardModifier.NoModifier, place)
    assert gone == [0, 1]


def test_a_double_click_removes_one_folder(qtbot: QtBot, look: Theme) -> None:
    """One button for all of them, which stands for the next one after each click."""
    editor = RootsEditor(Roots(("file:///a", "file:///b", "file:///c")))
    qtbot.addWidget(editor)
    with qtbot.waitExposed(editor):
        editor.show()
    editor.list.setCurrentRow(0)
    middle = editor._drop.mapTo(editor, editor._drop.rect().center())
    QTest.mouseDClick(editor.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    assert editor.roots().folders == ("file:///b", "file:///c")
