"""The drawer at the bottom: log, stderr and notifications of the current server, live beside any view."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from wireglass.recording.entries import Entry
from wireglass_app.calls import LogLine
from wireglass_app.controls import Elided, column, row, surface, tool_button
from wireglass_app.counted_tabs import CountedTabs
from wireglass_app.dossier.loglist import LogList
from wireglass_app.models.frame_words import message_text
from wireglass_app.plain import visible
from wireglass_app.server_session import ServerSession
from wireglass_app.settings import Settings
from wireglass_app.theme import theme
from wireglass_app.workbench import Workbench

__all__ = ["Drawer"]

HEIGHT = 200
_LEAST, _MOST = 90, 600
_ABOVE, _SHARE = 520, 0.55
"""What the regions above need in a low window, and the drawer's part of the rest."""
_TABS = ("log", "stderr", "notifications")
_TITLES = {"log": "Logs", "stderr": "stderr", "notifications": "Notifications"}
_EMPTY = {
    "log": "The server has logged nothing yet.",
    "stderr": "The server has written nothing to stderr.",
    "notifications": "The server has notified of nothing yet.",
}
_KEPT = 5000


class Drawer(QWidget):
    """`picked(session, LogLine)` when the user asks for the call or the frame behind a line."""

    picked = Signal(object, object)
    closed = Signal()

    def __init__(self, workbench: Workbench, settings: Settings) -> None:
        super().__init__()
        surface(self, "panel")
        self.setAccessibleName("Drawer")
        self._workbench, self._settings = workbench, settings
        self._session: ServerSession | None = None
        self.grip = Grip(self)
        self.tabs = CountedTabs("What the drawer shows")
        self.who = Elided("", "muted", "caption")
        close = tool_button("close", "Close the drawer", key="Ctrl+J", clicked=self.closed.emit)
        self.lists: dict[str, LogList] = {}
        self._stack = QStackedWidget()
        for key in _TABS:
            self.tabs.addTab(_TITLES[key])
            listed = self.lists[key] = LogList(_TITLES[key])
            listed.say_when_empty(_EMPTY[key])
            listed.picked.connect(lambda line: self.picked.emit(self._session, line))
            self._stack.addWidget(listed)
        head = surface(QWidget(), "sunken", "bottom")
        line = row(self.tabs, self.who, close, margins=(8, 0, 8, 0))
        line.setStretchFactor(self.who, 1)
        head.setLayout(line)
        lines = column(self.grip, head, self._stack, gap=0)
        lines.setStretch(2, 1)
        self.setLayout(lines)
        self.tabs.currentChanged.connect(self._tab_changed)
        self.tabs.setCurrentIndex(max(0, min(2, settings.get("drawer.tab", 0))))
        workbench.entries_added.connect(self._entries_added)
        theme().changed.connect(self._sized)
        self._sized()

    def show_session(self, session: ServerSession | None) -> None:
        """Follows the current server."""
        if session is self._session:
            return
        if self._session is not None:
            self._session.logs_added.disconnect(self._logs_added)
        self._session = session
        self.who.setText(visible(session.name, 60) if session is not None else "No server is open")
        if session is not None:
            session.logs_added.connect(self._logs_added)
        if self.isVisible():
            self._fill()

    def set_height(self, pixels: int) -> None:
        """Takes a height in design pixels, within limits, and remembers it."""
        self._settings.set("drawer.height", max(_LEAST, min(_MOST, pixels)))
        self._sized()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._sized()
        self._fill()

    def _fill(self) -> None:
        session = self._session
        logs = session.logs if session is not None else []
        self.lists["log"].set_lines([line for line in logs if line.source != "stderr"])
        self.lists["stderr"].set_lines([line for line in logs if line.source == "stderr"])
        self.lists["notifications"].set_lines(self._notifications(self._workbench.ledger.entries[-_KEPT:]))
        self._counts()

    def _logs_added(self, lines: list[LogLine]) -> None:
        if not self.isVisible():
            return
        self.lists["log"].add_lines([line for line in lines if line.source != "stderr"])
        self.lists["stderr"].add_lines([line for line in lines if line.source == "stderr"])
        self._counts()

    def _entries_added(self, session: ServerSession, entries: list[Entry]) -> None:
        if self.isVisible() and session is self._session:
            self.lists["notifications"].add_lines(self._notifications(entries))
            self._counts()

    def _notifications(self, entries: Iterable[Entry]) -> list[LogLine]:
        """What the server told without being asked; its log messages have a tab of their own."""
        connection = self._session.connection if self._session is not None else None
        return [
            LogLine(
                "log",
                "info",
                message_text(entry),
                self._workbench.ledger.wall_time_ns(entry.at_ns) / 1e9,
                entry.at_ns,
                seq=entry.seq,
            )
            for entry in entries
            if entry.kind == "notification"
            and entry.sender == "server"
            and entry.connection == connection
            and entry.method != "notifications/message"
        ]

    def _counts(self) -> None:
        for at, key in enumerate(_TABS):
            self.tabs.set_number(at, self.lists[key].model_.rowCount())

    def _tab_changed(self, at: int) -> None:
        self._stack.setCurrentIndex(at)
        self._settings.set("drawer.tab", at)

    def fit(self) -> None:
        """In a low window it leaves room for the view above."""
        self._sized()

    def _sized(self) -> None:
        wanted = theme().px(self._settings.get("drawer.height", HEIGHT))
        room = round((self.window().height() - theme().px(_ABOVE)) * _SHARE) if self.isVisible() else wanted
        self.setFixedHeight(max(theme().px(_LEAST), min(wanted, room)))


class Grip(QWidget):
    """The upper edge: drag it, or Up and Down while it has the focus, to make the drawer taller."""

    def __init__(self, drawer: Drawer) -> None:
        super().__init__()
        self._drawer = drawer
        self._from: QPoint | None = None
        surface(self, "panel", "top")
        self.setFixedHeight(5)
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Height of the drawer")
        self.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.setProperty("surface", "focused" if event.type() == QEvent.Type.FocusIn else "panel")
            self.style().unpolish(self)
            self.style().polish(self)
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: 20, Qt.Key.Key_Down: -20}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._drawer.set_height(self._tall() + step)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._from = event.globalPosition().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            at = event.globalPosition().toPoint()
            self._drawer.set_height(self._tall() + round((self._from.y() - at.y()) / theme().scale))
            self._from = at

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._from = None

    def _tall(self) -> int:
        return round(self._drawer.height() / theme().scale)
