"""A seeded monkey clicks and types all over the windows: no crash, no fault of ours, no Qt warning, still usable.

`WIREGLASS_MONKEY=4-30` plays these seeds too, a minute each.
"""

import asyncio
import os
import random
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

from app.desk import DESK, Desktop, python_target
from wireglass.resources import resource_path
from wireglass_app.actions import ACTIONS
from wireglass_app.calls import Target
from wireglass_app.mainwindow import MainWindow
from wireglass_app.panels import PANELS

NAMES = ("Tab", "Return", "Escape", "Space", "Up", "Down", "Left", "Right", "F5", "F6", "F8", "Delete", "Home")
KEYS = [getattr(Qt.Key, f"Key_{name}") for name in NAMES]
LETTERS = "KPLIJ123456/.,\\F"
"""With Ctrl. Left out: Q and W, which close the window as they should."""
TEXTS = ("7", "x", '{"a": [1', "\u202ehidden", "99999999999999999999", "method:tools/*", " ", "<b>")
KEPT_AWAY = ("quit", "close window")
LAST_ACTS = 15
SEEDS = os.environ.get("WIREGLASS_MONKEY", "")


OTHERS = (
    python_target("asks", str(DESK.with_name("asking.py")), "asks", "stateless"),
    python_target("hostile", str(DESK.with_name("hostile.py")), "300", "http://127.0.0.1:9/never"),
    python_target("sample", "-m", "wireglass.compat", str(DESK.with_name("sample.py"))),
    python_target("asks", str(DESK.with_name("asking.py")), "asks", "handshake"),
    Target("nobody", "http", url="http://127.0.0.1:9/mcp"),
)
"""The third server: what it offers, or that it cannot be reached, leads to other views."""


class Monkey:
    """Acts in whatever window is there. `faults` tells each with its traceback and the acts before it."""

    def __init__(self, desk: Desktop, seed: int, files: Path) -> None:
        """`files` is a folder to save to; what lies in it is opened."""
        self.desk, self.pick, self.files = desk, random.Random(seed), files
        self.did: list[str] = []
        self.faults: dict[str, str] = {}
        """By traceback."""
        self.visited: Counter[str] = Counter()
        # Timers of Qt's, not a task: a button's menu runs a loop of its own inside the click, and a task would wait
        # in it for its own end. Nor does a timer fire inside its own call: the second one acts on such a menu.
        self._timers = [QTimer(interval=1, timeout=self._act), QTimer(interval=20, timeout=self._act_on_popup)]
        self._acting = False

    def tell(self, act: str) -> None:
        """Also out loud during a long play: a crash of Qt leaves no other trace."""
        self.did.append(act)
        if SEEDS:
            print(act, flush=True)

    def blame(self, problem: BaseException) -> None:
        """Keeps what went wrong, once, and how it first came to it."""
        told = "".join(traceback.format_exception(problem))
        self.faults.setdefault(told, "\n".join([told, "after", *self.did[-LAST_ACTS:]]))

    async def play(self, seconds: float) -> None:
        for timer in self._timers:
            timer.start()
        await asyncio.sleep(seconds)
        self._timers[0].stop()
        while self._acting:  # noqa: ASYNC110 (the second timer ends it)
            await asyncio.sleep(0.01)
        self._timers[1].stop()

    def _act(self) -> None:
        for box in QApplication.topLevelWidgets():
            if isinstance(box, QFileDialog) and box.isVisible():
                self._answer(box)
        windows = self._windows()
        root = QApplication.activePopupWidget() or QApplication.activeModalWidget() or self.pick.choice(windows)
        acts: dict[Callable[[Any], None], int] = {
            self.click: 60,
            self.press: 30,
            self.shortcut: 20,
            self.type: 20,
            self.command: 6,
            self.visit: 4,
            self.close_one: 1,
        }
        self._acting = True
        try:
            self.pick.choices([*acts], [*acts.values()])[0](root)
        finally:
            self._acting = False
        for window in self._windows():
            self.visited[window.host.place[0]] += 1

    def _windows(self) -> list[MainWindow]:
        app = self.desk.app
        return [one for one in (*app.windows, *app.recordings.windows) if one.isVisible()] or [app.window]

    def _answer(self, box: QFileDialog) -> None:
        if box.acceptMode() == QFileDialog.AcceptMode.AcceptSave:
            offered = [self.files / f"saved-{self.pick.randrange(3)}"]
        else:
            offered = [self.files, *self.files.iterdir()]
        path = self.pick.choice(sorted(offered))
        accepted = self.pick.random() < 0.5
        self.tell(f"{'choose' if accepted else 'refuse'} {path.name} in {box.windowTitle()!r}")
        if accepted:
            box.selectFile(str(path))
            box.accept()
        else:
            box.reject()

    def _act_on_popup(self) -> None:
        popup = QApplication.activePopupWidget()
        question = QApplication.activeModalWidget()
        if self._acting and popup is not None:
            self.click(popup)
        elif self._acting and isinstance(question, QMessageBox):  # a file dialog asks before it writes over a file
            self.pick.choice(question.buttons()).click()

    def click(self, root: QWidget) -> None:
        if isinstance(root, QMenu):
            offered = [action for action in root.actions() if action.isEnabled() and not kept_away(action)]
            if offered and self.pick.random() < 0.7:
                self.tell(f"menu {(action := self.pick.choice(offered)).text()}")
                root.close()
                action.trigger()
            else:
                root.close()
            return
        widgets = [
            widget
            for widget in root.findChildren(QWidget)
            if widget.isVisible()
            and widget.isEnabled()
            and isinstance(widget, QAbstractButton | QAbstractItemView | QTabBar | QLineEdit)
        ]
        if not widgets:
            return
        widget = self.pick.choice(widgets)
        target = widget.viewport() if isinstance(widget, QAbstractItemView) else widget
        if isinstance(widget, QAbstractButton) and kept_away(widget):
            return
        where = QPoint(self.pick.randrange(max(1, target.width())), self.pick.randrange(max(1, target.height())))
        self.tell(f"click {type(widget).__name__} {widget.accessibleName()!r} {where.x()},{where.y()}")
        button = self.pick.choices((Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton), (9, 1))[0]
        (QTest.mouseDClick if self.pick.random() < 0.1 else QTest.mouseClick)(target, button, pos=where)

    def press(self, root: QWidget) -> None:
        key = self.pick.choice(KEYS)
        self.tell(f"key {key.name}")
        QTest.keyClick(
            QApplication.focusWidget() or root,
            key,
            self.pick.choice((Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)),
        )

    def shortcut(self, root: QWidget) -> None:
        letter = self.pick.choice(LETTERS)
        self.tell(f"Ctrl+{letter}")
        QTest.keyClick(QApplication.focusWidget() or root, letter, Qt.KeyboardModifier.ControlModifier)

    def command(self, _root: QWidget) -> None:
        """One from the menus of a window; no popup is in its way."""
        if QApplication.activePopupWidget() is None and QApplication.activeModalWidget() is None:
            table = self.pick.choice(self._windows()).actions_table
            spec = self.pick.choice(ACTIONS)
            if spec.key not in ("quit", "close-window"):
                self.tell(f"command {spec.key}")
                table.trigger(spec.key)

    def visit(self, _root: QWidget) -> None:
        """Any view, also those that are rarely come upon."""
        if QApplication.activePopupWidget() is None and QApplication.activeModalWidget() is None:
            window, spec = self.pick.choice(self._windows()), self.pick.choice(PANELS)
            sessions = window.workbench.sessions
            self.tell(f"visit {spec.key}")
            window.go(spec.key, session=self.pick.choice(sessions) if sessions else None)

    def close_one(self, _root: QWidget) -> None:
        """A window that is not the last one of live servers."""
        app = self.desk.app
        can_go = [*app.recordings.windows, *(app.windows[1:] and app.windows)]
        if can_go:
            window = self.pick.choice(can_go)
            self.tell(f"close {window.windowTitle()!r}")
            window.close()

    def type(self, root: QWidget) -> None:
        focus = QApplication.focusWidget()
        if isinstance(focus, QLineEdit | QPlainTextEdit):
            text = self.pick.choice(TEXTS)
            self.tell(f"type {text!r} into {focus.accessibleName()!r}")
            if isinstance(focus, QLineEdit):
                focus.insert(text)  # QTest types ASCII alone
            else:
                focus.insertPlainText(text)


def kept_away(item: QAbstractButton | QAction) -> bool:
    return any(word in item.text().lower().replace("&", "") for word in KEPT_AWAY)


def seeds() -> list[Any]:
    first, _, last = SEEDS.partition("-")
    more = range(int(first), int(last or first) + 1) if first else range(2, 4)
    return [(1, 6), *(pytest.param(seed, 60, marks=pytest.mark.slow) for seed in more)]


@pytest.mark.parametrize(("seed", "seconds"), seeds())
def test_a_monkey_finds_no_crash(
    desktop, seed: int, seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seeds give the same choices; what they meet depends on the machine, so `did` tells the way there."""
    for name in (
        "HOME",
        "USERPROFILE",
        "APPDATA",
        "LOCALAPPDATA",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_CACHE_HOME",
        "XDG_STATE_HOME",
    ):
        monkeypatch.setenv(name, str(tmp_path / "monkey"))
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda *_: True)
    files = tmp_path / "files"
    files.mkdir()
    (files / "broken.wglass").write_text("not a session\n")
    (files / "server.py").write_text(resource_path("servers", "kinds.py").read_text())

    async def scene(desk: Desktop) -> None:
        await desk.desk()
        await desk.open(python_target("kinds", "-m", "wireglass.compat", str(resource_path("servers", "kinds.py"))))
        await desk.open(OTHERS[seed % len(OTHERS)])
        await desk.app.recordings.save(files / "earlier.wglass")
        monkey = Monkey(desk, seed, files)
        desk.app.bridge.fault.connect(monkey.blame)
        monkeypatch.setattr(sys, "excepthook", lambda _kind, problem, _trace: monkey.blame(problem))
        await monkey.play(seconds)
        print(f"seed {seed}: {len(monkey.did)} acts,", dict(monkey.visited.most_common()))
        assert not monkey.faults, "\n\n".join(monkey.faults.values())
        assert desk.app.window.isVisible(), monkey.did[-LAST_ACTS:]
        assert len(monkey.did) > 3, "on a busy machine it is slow, but it acts"
        for box in QApplication.topLevelWidgets():
            if box.isVisible() and (isinstance(box, QDialog | QMenu) or box.windowType() == Qt.WindowType.Popup):
                box.close()
        sessions = desk.app.workbench.sessions
        desk.app.window.go("tools", session=sessions[0] if sessions else None)
        await asyncio.sleep(0.1)
        assert desk.app.window.grab().width() > 0

    desktop(scene, seconds + 60)
