"""The shell: what a person finds in an empty window, and how it is reached without a mouse."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView

from wireglass_app.actions import ACTIONS
from wireglass_app.mainwindow import MainWindow
from wireglass_app.settings import Settings
from wireglass_app.theme import theme


@pytest.fixture
def window(make_window) -> MainWindow:
    return make_window()


def test_an_empty_window_offers_the_next_step(window: MainWindow) -> None:
    welcome = window.host.panel
    assert welcome.accessibleName() == "Welcome"
    assert window.focusWidget() is welcome.open_button
    assert window.windowTitle() == "Welcome — Wireglass"
    assert window.status.connections.text() == "Embedded runtime ready"
    assert "None open yet" in window.navigation.list.model().index(0, 0).data()


def test_every_action_has_words_and_no_key_is_bound_twice() -> None:
    keys = [key for spec in ACTIONS for key in (spec.shortcut, spec.also) if key]
    assert len(keys) == len(set(keys))
    assert all(spec.text and spec.menu for spec in ACTIONS)


def test_the_menu_holds_every_action(window: MainWindow) -> None:
    menu = window.header.menu_button.menu()
    texts = {action.text() for group in menu.actions() for action in group.menu().actions()}
    assert {spec.text for spec in ACTIONS} <= texts


def test_a_python_file_can_be_dropped_anywhere(window: MainWindow, qtbot, tmp_path: Path) -> None:
    file = tmp_path / "server.py"
    file.write_text("mcp = 1\n")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)), QUrl.fromLocalFile(str(tmp_path / "notes.txt"))])
    event = QDropEvent(
        QPoint(700, 400),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(window.open_spec, timeout=30_000) as opened:
        window.dropEvent(event)
    assert opened.args == [str(file)]


def test_the_palette_finds_commands_by_their_letters(window: MainWindow, qtbot) -> None:
    window.actions_table.trigger("palette")
    field = window.focusWidget()
    assert isinstance(field, QLineEdit)
    field.setText(">thdark")
    matches = next(v for v in window.findChildren(QListView) if v.accessibleName() == "Matches")
    assert matches.currentIndex().data().startswith("Theme: dark")
    QTest.keyClick(field, Qt.Key.Key_Return)

    assert theme().choice == "dark"
    assert window.settings.get("theme") == "dark"


def test_regions_are_reached_with_f6(window: MainWindow) -> None:
    seen = []
    for _ in range(5):
        window.actions_table.trigger("next-region")
        seen.append(window.focusWidget().accessibleName())
    assert "Go to a tool, server, call or command" in seen
    assert "Servers and views" in seen
    assert any(name.startswith("Calls of the last minutes") for name in seen)


def test_geometry_and_theme_are_remembered(window: MainWindow, tmp_path: Path) -> None:
    window.resize(1000, 700)
    window.actions_table.trigger("theme-dark")
    window.close()
    again = Settings(tmp_path / "workbench.json")
    assert again.get("theme", "") == "dark"
    assert again.get("window.geometry", "") != ""
