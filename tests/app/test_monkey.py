"""A seeded monkey clicks and types all over the window: no crash, no fault of ours, no Qt warning, still usable."""

import asyncio
import random
from pathlib import Path

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
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

from app.desk import DESK, Desktop, python_target
from wireglass.resources import resource_path

NAMES = ("Tab", "Return", "Escape", "Space", "Up", "Down", "Left", "Right", "F5", "F6", "F8", "Delete", "Home")
KEYS = [getattr(Qt.Key, f"Key_{name}") for name in NAMES]
LETTERS = "KPLIJ123456/.,\\F"
"""With Ctrl. Left out: Q and W, which close the window as they should."""
TEXTS = ("7", "x", '{"a": [1', "\u202ehidden", "99999999999999999999", "method:tools/*", " ", "<b>")
KEPT_AWAY = ("quit", "close window")


class Monkey:
    def __init__(self, desk: Desktop, seed: int) -> None:
        self.desk, self.pick = desk, random.Random(seed)
        self.did: list[str] = []
        # Timers of Qt's, not a task: a button's menu runs a loop of its own inside the click, and a task would wait
        # in it for its own end. Nor does a timer fire inside its own call: the second one acts on such a menu.
        self._timers = [QTimer(interval=1, timeout=self._act), QTimer(interval=20, timeout=self._act_on_popup)]
        self._acting = False

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
                box.reject()
        root = QApplication.activePopupWidget() or QApplication.activeModalWidget() or self.desk.window
        act = self.pick.choices((self.click, self.press, self.shortcut, self.type), (6, 3, 2, 2))[0]
        self._acting = True
        try:
            act(root)
        finally:
            self._acting = False

    def _act_on_popup(self) -> None:
        popup = QApplication.activePopupWidget()
        if self._acting and popup is not None:
            self.click(popup)

    def click(self, root: QWidget) -> None:
        if isinstance(root, QMenu):
            offered = [action for action in root.actions() if action.isEnabled() and not kept_away(action)]
            if offered and self.pick.random() < 0.7:
                self.did.append(f"menu {(action := self.pick.choice(offered)).text()}")
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
        self.did.append(f"click {type(widget).__name__} {widget.accessibleName()!r} {where.x()},{where.y()}")
        button = self.pick.choices((Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton), (9, 1))[0]
        (QTest.mouseDClick if self.pick.random() < 0.1 else QTest.mouseClick)(target, button, pos=where)

    def press(self, root: QWidget) -> None:
        key = self.pick.choice(KEYS)
        self.did.append(f"key {key.name}")
        QTest.keyClick(
            QApplication.focusWidget() or root,
            key,
            self.pick.choice((Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)),
        )

    def shortcut(self, root: QWidget) -> None:
        letter = self.pick.choice(LETTERS)
        self.did.append(f"Ctrl+{letter}")
        QTest.keyClick(QApplication.focusWidget() or root, letter, Qt.KeyboardModifier.ControlModifier)

    def type(self, root: QWidget) -> None:
        focus = QApplication.focusWidget()
        if isinstance(focus, QLineEdit | QPlainTextEdit):
            text = self.pick.choice(TEXTS)
            self.did.append(f"type {text!r} into {focus.accessibleName()!r}")
            if isinstance(focus, QLineEdit):
                focus.insert(text)  # QTest types ASCII alone
            else:
                focus.insertPlainText(text)


def kept_away(item: QAbstractButton | QAction) -> bool:
    return any(word in item.text().lower().replace("&", "") for word in KEPT_AWAY)


@pytest.mark.parametrize(
    ("seed", "seconds"),
    [(1, 6), pytest.param(2, 60, marks=pytest.mark.slow), pytest.param(3, 60, marks=pytest.mark.slow)],
)
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

    async def scene(desk: Desktop) -> None:
        faults: list[object] = []
        desk.app.bridge.fault.connect(faults.append)
        await desk.desk()
        await desk.open(python_target("kinds", "-m", "wireglass.compat", str(resource_path("servers", "kinds.py"))))
        await desk.open(python_target("second", str(DESK)))
        monkey = Monkey(desk, seed)
        await monkey.play(seconds)
        assert not faults, (faults, monkey.did[-15:])
        assert desk.window.isVisible(), monkey.did[-15:]
        assert len(monkey.did) > 3, "on a busy machine it is slow, but it acts"
        for box in QApplication.topLevelWidgets():
            if box.isVisible() and (isinstance(box, QDialog | QMenu) or box.windowType() == Qt.WindowType.Popup):
                box.close()
        desk.window.go("tools", session=desk.app.workbench.sessions[0] if desk.app.workbench.sessions else None)
        await asyncio.sleep(0.1)
        assert desk.window.grab().width() > 0

    desktop(scene, seconds + 60)
