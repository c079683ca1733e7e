"""A seeded monkey: clicks, drags, types, answers, edits the server's file and turns the window over, at random."""

import asyncio
import random
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QAction, QContextMenuEvent, QMouseEvent, QWheelEvent
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
from shiboken6 import isValid

from app.desk import DESK, Desktop, python_target
from wireglass.resources import resource_path
from wireglass_app.actions import ACTIONS
from wireglass_app.calls import Target
from wireglass_app.mainwindow import MainWindow
from wireglass_app.panels import PANELS

__all__ = ["LAST_ACTS", "OTHERS", "SERVER", "Monkey"]

NAMES = ("Tab", "Return", "Escape", "Space", "Up", "Down", "Left", "Right", "F5", "F6", "F8", "Delete", "Home")
MORE_NAMES = ("F1", "End", "PageDown", "PageUp", "Backspace", "Plus", "Minus", "A", "D", "E")
KEYS, MORE_KEYS = ([getattr(Qt.Key, f"Key_{name}") for name in names] for names in (NAMES, MORE_NAMES))
LETTERS = "KPLIJ123456/.,\\F"
"""With Ctrl. Left out: Q and W, which close the window as they should."""
SHIFTED = "PEDTCGRSLO"
"""With Ctrl and Shift. Left out: N, of which there is a command."""
TEXTS = ("7", "x", '{"a": [1', "\u202ehidden", "99999999999999999999", "method:tools/*", " ", "<b>")
KEPT_AWAY = ("quit", "close window")
LAST_ACTS = 15
SERVER = resource_path("servers", "kinds.py").read_text()
EDITS = (
    SERVER,
    SERVER.replace("def power(base: int,", "def power_again(base: int, more: str,"),
    SERVER.replace("if __name__", "print('stray')\nif __name__"),
    SERVER + "\nthis is no Python\n",
    "raise SystemExit(3)\n",
    "",
)
"""What becomes of a server's file while it is open."""
LOOKS = (
    ("theme", ("light", "dark", "contrast", "system")),
    ("density", ("comfortable", "compact", "touch")),
    ("zoom", (0.8, 1.0, 1.5, 2.0)),
)
PANES = ("split", "other-pane", "next-server", "drawer", "nav", "new-window", "previous-region")
MOST_WINDOWS = 3
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

    def __init__(self, desk: Desktop, seed: int, files: Path, *, long: bool = False) -> None:
        """`files` is a folder to save to; what lies in it is opened.

        A `long` play has more acts, and prints each before it is done: a crash of Qt leaves no other trace.
        """
        self.desk, self.pick, self.files = desk, random.Random(seed), files
        self.did: list[str] = []
        self.faults: dict[str, str] = {}
        """By traceback."""
        self.visited: Counter[str] = Counter()
        # Timers of Qt's, not a task: a button's menu runs a loop of its own inside the click, and a task would wait
        # in it for its own end. Nor does a timer fire inside its own call: the second one acts on such a menu.
        self._timers = [QTimer(interval=1, timeout=self._act), QTimer(interval=20, timeout=self._act_on_popup)]
        self._acting = False
        self._long = long
        self.slowest = (0.0, "")
        """The longest time between two acts, in seconds, and the act before it."""
        self._acted_at = monotonic()

    def tell(self, act: str) -> None:
        now = monotonic()
        if self.did:
            self.slowest = max(self.slowest, (round(now - self._acted_at, 2), self.did[-1]))
        self._acted_at = now
        self.did.append(act)
        if self._long:
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
        self._acting = True  # also while a file dialog is answered: it may ask on in a loop of its own
        try:
            self._act_once()
        finally:
            self._acting = False
        for window in self._windows():
            self.visited[window.host.place[0]] += 1

    def _act_once(self) -> None:
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
        if self._long:
            acts |= {
                self.run_tool: 4,
                self.answer: 6,
                self.panes: 4,
                self.resize: 2,
                self.look: 1,
                self.edit: 1,
                self.drag: 8,
                self.wheel: 5,
                self.context: 5,
            }
        self.pick.choices([*acts], [*acts.values()])[0](root)

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
        if not self._acting:
            return
        if isinstance(question, QMessageBox):  # a file dialog asks before it writes over a file
            if popup is not None:
                popup.close()  # Qt's completions: a click in them would answer the file dialog a second time
            self.pick.choice(question.buttons()).click()
        elif popup is not None:
            self.click(popup)
        elif isinstance(question, QDialog) and not isinstance(question, QFileDialog):
            question.reject()  # it came over that question: a file that was opened before asks for trust

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

    def drag(self, root: QWidget) -> None:
        """Splitters, heads of tables, lanes, the brush, text. Not what another program could be given."""
        widgets = [
            one
            for one in root.findChildren(QWidget)
            if one.isVisible() and one.isEnabled() and not (isinstance(one, QAbstractItemView) and one.dragEnabled())
        ]
        if not widgets:
            return
        widget = self.pick.choice(widgets)
        start, end = self._place_in(widget), self._place_in(widget) + QPoint(*self.pick.choices(range(-80, 81), k=2))
        self.tell(f"drag {type(widget).__name__} {widget.accessibleName()!r} {start.toTuple()} {end.toTuple()}")
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        for kind, at, button, held in (
            (QEvent.Type.MouseButtonPress, start, left, left),
            (QEvent.Type.MouseMove, (start + end) / 2, none, left),
            (QEvent.Type.MouseMove, end, none, left),
            (QEvent.Type.MouseButtonRelease, end, left, none),
        ):
            if not isValid(widget):
                return
            there = QPointF(widget.mapToGlobal(at))
            event = QMouseEvent(kind, QPointF(at), there, button, held, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(widget, event)

    def wheel(self, root: QWidget) -> None:
        widgets = [one for one in root.findChildren(QWidget) if one.isVisible() and one.isEnabled()]
        if not widgets:
            return
        widget = self.pick.choice(widgets)
        at, turn = self._place_in(widget), self.pick.choice((-480, -120, 120, 480))
        held = self.pick.choice((Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier))
        self.tell(f"wheel {type(widget).__name__} {widget.accessibleName()!r} {turn} {held.name}")
        there = QPointF(widget.mapToGlobal(at))
        phase, none = Qt.ScrollPhase.NoScrollPhase, Qt.MouseButton.NoButton
        event = QWheelEvent(QPointF(at), there, QPoint(), QPoint(0, turn), none, held, phase, False)
        QApplication.sendEvent(widget, event)

    def context(self, root: QWidget) -> None:
        """The Menu key, or the right button."""
        reason = self.pick.choice((QContextMenuEvent.Reason.Keyboard, QContextMenuEvent.Reason.Mouse))
        widgets = [one for one in root.findChildren(QWidget) if one.isVisible() and one.isEnabled()]
        widget = QApplication.focusWidget() if reason is QContextMenuEvent.Reason.Keyboard else None
        widget = widget or (self.pick.choice(widgets) if widgets else root)
        at = self._place_in(widget)
        self.tell(f"context menu {type(widget).__name__} {widget.accessibleName()!r} {at.toTuple()}")
        QApplication.sendEvent(widget, QContextMenuEvent(reason, at, widget.mapToGlobal(at)))

    def _place_in(self, widget: QWidget) -> QPoint:
        return QPoint(self.pick.randrange(max(1, widget.width())), self.pick.randrange(max(1, widget.height())))

    def press(self, root: QWidget) -> None:
        key = self.pick.choice([*KEYS, *MORE_KEYS] if self._long else KEYS)
        self.tell(f"key {key.name}")
        QTest.keyClick(
            QApplication.focusWidget() or root,
            key,
            self.pick.choice((Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)),
        )

    def shortcut(self, root: QWidget) -> None:
        held = Qt.KeyboardModifier.ControlModifier
        if self._long and self.pick.random() < 0.3:
            letter, held = self.pick.choice(SHIFTED), held | Qt.KeyboardModifier.ShiftModifier
        else:
            letter = self.pick.choice(LETTERS)
        self.tell(f"{held.name} {letter}")
        QTest.keyClick(QApplication.focusWidget() or root, letter, held)

    def command(self, _root: QWidget) -> None:
        """One from the menus of a window; no popup is in its way."""
        if nothing_in_front():
            table = self.pick.choice(self._windows()).actions_table
            spec = self.pick.choice(ACTIONS)
            if spec.key not in ("quit", "close-window"):
                self.tell(f"command {spec.key}")
                table.trigger(spec.key)

    def visit(self, _root: QWidget) -> None:
        """Any view, also those that are rarely come upon."""
        if nothing_in_front():
            window, spec = self.pick.choice(self._windows()), self.pick.choice(PANELS)
            sessions = window.workbench.sessions
            self.tell(f"visit {spec.key}")
            window.go(spec.key, session=self.pick.choice(sessions) if sessions else None)

    def panes(self, _root: QWidget) -> None:
        """Two views, two windows, the regions around them."""
        if nothing_in_front():
            key = self.pick.choice(PANES)
            if key != "new-window" or len(self.desk.app.windows) < MOST_WINDOWS:
                self.tell(f"command {key}")
                self.pick.choice(self._windows()).actions_table.trigger(key)

    def run_tool(self, _root: QWidget) -> None:
        """Any tool of any server, with what its form holds."""
        ready = [one for one in self.desk.app.workbench.sessions if one.usable and one.catalogue.tools]
        if ready and nothing_in_front():
            window, session = self.pick.choice(self._windows()), self.pick.choice(ready)
            name = str(self.pick.choice(session.catalogue.tools).get("name"))
            self.tell(f"run {name[:60]!r} of {session.name}")
            window.go("tools", session=session, name=name)
            window.actions_table.trigger("run")

    def answer(self, _root: QWidget) -> None:
        """What waits in the Inbox: with the keys of its form, or with the single keys of its list."""
        if self.desk.app.workbench.waiting and nothing_in_front():
            window = self.pick.choice(self._windows())
            way = self.pick.choice(("run", "decline", "draft", "A", "D", "E"))
            self.tell(f"answer {way}")
            window.go("inbox", oldest=True)
            if len(way) > 1:
                window.actions_table.trigger(way)
            else:
                QTest.keyClick(window.host.panel.regions()[0], way)

    def resize(self, _root: QWidget) -> None:
        window = self.pick.choice(self._windows())
        size = self.pick.choice(
            ((820, 560), (1440, 900), (self.pick.randrange(820, 1700), self.pick.randrange(560, 1000)))
        )
        self.tell(f"resize {size}")
        window.resize(*size)

    def look(self, _root: QWidget) -> None:
        name, values = self.pick.choice(LOOKS)
        value = self.pick.choice(values)
        self.tell(f"look {name} {value}")
        self.desk.app.settings.set(name, value)

    def edit(self, _root: QWidget) -> None:
        """The file of a server that is open, as an editor would save it."""
        at = self.pick.randrange(len(EDITS))
        self.tell(f"edit {at}")
        (self.files / "server.py").write_text(EDITS[at])

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


def nothing_in_front() -> bool:
    """Neither a menu nor a dialog that a person would have to leave first."""
    return QApplication.activePopupWidget() is None and QApplication.activeModalWidget() is None
