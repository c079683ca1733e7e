"""The keys of the design reach their actions from wherever the focus is, and never by being held."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QSpinBox,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from app.desk import DESK, Desktop, python_target
from wireglass_app.actions import ACTIONS, Actions
from wireglass_app.panels import PANELS
from wireglass_app.payloads.code import CodeView
from wireglass_app.settings import Settings
from wireglass_app.shell.help_words import HELP

ROOT = Path(__file__).resolve().parents[2]

DESIGN = {
    # Design section 9; Ctrl+8 is History until there are saved calls.
    "Ctrl+K": "palette",
    "Ctrl+Shift+P": "palette",
    "Ctrl+P": "go",
    "Ctrl+O": "open",
    "Ctrl+Shift+O": "connect",
    "Ctrl+I": "oldest-question",
    "Ctrl+1": "view-tools",
    "Ctrl+2": "view-resources",
    "Ctrl+3": "view-prompts",
    "Ctrl+4": "view-logs",
    "Ctrl+5": "view-inbox",
    "Ctrl+6": "view-timeline",
    "Ctrl+7": "view-frames",
    "Ctrl+8": "view-history",
    "Ctrl+9": "view-targets",
    "Ctrl+Tab": "next-server",
    "Alt+Left": "back",
    "Alt+Right": "forward",
    "F6": "next-region",
    "Shift+F6": "previous-region",
    "Ctrl+B": "nav",
    "Ctrl+J": "drawer",
    "Ctrl+\\": "split",
    "F5": "reload",
    "F7": "doctor",
    "Ctrl+,": "settings",
    "Ctrl+/": "keys",
    "F1": "help",
    "Ctrl+Return": "run",
    "Ctrl+Enter": "run",
    "Ctrl+.": "stop",
    "Ctrl+R": "repeat",
    "Ctrl+Shift+R": "watch",
    "Ctrl+Shift+D": "decline",
    "Ctrl+Shift+E": "form-json",
    "Ctrl+Shift+T": "timing",
    "Ctrl+Shift+C": "copy-json",
    "Ctrl+Shift+G": "changes",
    "Alt+Up": "previous-run",
    "Alt+Down": "next-run",
    "Ctrl+L": "filter",
    "Ctrl+F": "find",
    "Ctrl+Shift+L": "keep-filter",
    "F8": "next-problem",
    "Shift+F8": "previous-problem",
    "Ctrl+S": "save",
    "Ctrl+Shift+S": "save-session",
    "Ctrl+Shift+N": "new-window",
    "Ctrl+D": "draft",
    "Ctrl++": "zoom-in",
    "Ctrl+-": "zoom-out",
}
FORBIDDEN = ("Ctrl+M", "Ctrl+H", "Ctrl+E", "Ctrl+U")


class Bench(QMainWindow):
    """The action table over one of each kind of widget that takes text."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.table = Actions(self, Settings(folder / "workbench.json"))
        self.fired: list[str] = []
        for spec in ACTIONS:
            self.table[spec.key].triggered.connect(lambda _on=False, key=spec.key: self.fired.append(key))
        code = CodeView()
        self.places: dict[str, QWidget] = {
            "line": QLineEdit("text"),
            "text": QPlainTextEdit("text\ntext"),
            "number": QSpinBox(),
            "cells": QTableWidget(3, 3),
            "code": code,
        }
        inner = QWidget()
        layout = QVBoxLayout(inner)
        for widget in self.places.values():
            layout.addWidget(widget)
        self.setCentralWidget(inner)


@pytest.fixture
def bench(qtbot, look, tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow, timeout=30_000)
    return made


def test_the_table_has_the_keys_of_the_design() -> None:
    bound = {key: spec.key for spec in ACTIONS for key in (spec.shortcut, spec.also) if key}
    assert {key: bound.get(key) for key in DESIGN} == DESIGN
    assert not set(FORBIDDEN) & set(bound)


@pytest.mark.parametrize("place", ["line", "text", "number", "cells", "code"])
def test_every_key_reaches_its_action_from_a_text_field(bench: Bench, place: str) -> None:
    """Design section 9: Ctrl+K and the others reach their actions even from text fields."""
    focus = bench.places[place]
    missed = []
    for key, action in DESIGN.items():
        if place == "code" and key == "Ctrl+F":
            continue  # it opens its own find bar, which is what the action would do
        focus.setFocus()
        bench.fired.clear()
        combination = QKeySequence(key)[0]
        QTest.keyClick(QApplication.focusWidget(), combination.key(), combination.keyboardModifiers())
        if bench.fired != [action]:
            missed.append((key, list(bench.fired)))
    assert not missed


@pytest.mark.parametrize("key", ["Ctrl+Return", "Ctrl+Enter", "Ctrl+Shift+D", "Ctrl+S", "Ctrl+D"])
def test_a_held_key_runs_answers_and_saves_only_once(bench: Bench, key: str) -> None:
    """Design section 9: key repeat never triggers these. Qt skips a shortcut without auto-repeat for repeated keys."""
    assert not bench.table[DESIGN[key]].autoRepeat()
    assert bench.table[DESIGN["F8"]].autoRepeat(), "stepping may be held"


def test_ctrl_tab_goes_to_the_next_server_also_from_a_text_field(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        first = await desk.desk()
        second = await desk.open(python_target("desk two", str(DESK), cwd=str(DESK.parent)))
        assert desk.app.workbench.current is second
        desk.window.go("tools", name="add")
        desk.tools.list.field.setFocus()
        await desk.until(lambda: QApplication.focusWidget() is desk.tools.list.field, "the focus in the filter")
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
        assert desk.app.workbench.current is first
        assert desk.window.host.place == ("tools", first)

    desktop(scene)


def test_f7_shows_the_steps_of_the_connection(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        desk.window.actions_table.trigger("doctor")
        assert desk.window.host.place[0] == "welcome"
        assert "Open a server first" in desk.window.status.said.whole()
        session = await desk.desk()
        desk.window.actions_table.trigger("doctor")
        assert desk.window.host.place == ("connection", session)
        panel = desk.window.host.panel
        assert panel.title.text() == f"{session.name} is connected"
        assert panel.steps.count() == len(session.steps) > 0
        desk.window.actions_table.trigger("back")
        assert desk.window.host.place == ("tools", session)

    desktop(scene)


def test_f1_helps_on_the_view_that_is_shown_without_taking_the_focus(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.desk()
        desk.window.go("tools", name="add")
        desk.tools.list.field.setFocus()
        await desk.until(lambda: QApplication.focusWidget() is desk.tools.list.field, "the focus in the filter")
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F1)
        help = desk.window.help
        assert help.isVisible()
        assert help.title.text() == "Tools"
        assert QApplication.focusWidget() is desk.tools.list.field
        desk.window.go("frames")
        assert help.title.text() == "Protocol"
        assert help.geometry().right() <= desk.window.width()
        QTest.keyClick(help.close_button, Qt.Key.Key_Escape)
        assert not help.isVisible()
        desk.window.actions_table.trigger("help")
        desk.window.actions_table.trigger("help")
        assert not help.isVisible()

    desktop(scene)


def test_every_view_has_help_and_every_action_in_it_exists() -> None:
    assert set(HELP) == {spec.key for spec in PANELS}
    actions = {spec.key for spec in ACTIONS}
    assert all(set(help.actions) <= actions for help in HELP.values())
    assert all(len(help.words) > 60 for help in HELP.values())


def test_ctrl_f_finds_in_the_text_that_is_shown(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.desk()
        await desk.run("big", {"rows": 3})
        desk.window.go("frames", seq=1)
        panel = desk.window.host.panel
        await desk.until(lambda: any(one.isVisible() for one in panel.findChildren(CodeView)), "the text of a frame")
        desk.window.actions_table.trigger("find")
        await desk.until(
            lambda: (QApplication.focusWidget() or panel).accessibleName() == "Find in this text", "the find bar"
        )

    desktop(scene)


def test_the_keys_that_the_docs_name_are_those_of_the_table() -> None:
    """A key of one view only stands with that view; everything else is an action's."""
    pages = [ROOT / "README.md", *sorted((ROOT / "resources" / "docs").glob("*.md"))]
    known = {key for spec in ACTIONS for key in (spec.shortcut, spec.also)} | {"Ctrl+Space", "F2"}
    key = re.compile(r"(?:(?:Ctrl|Alt|Shift)\+)+(?:\w+|[\\.,/])|\bF\d{1,2}\b")
    assert [
        (page.name, one) for page in pages for one in key.findall(page.read_text("utf-8")) if one not in known
    ] == []
