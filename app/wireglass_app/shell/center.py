"""The middle of the window: one view, or two side by side, each with a history of its own. One of them is active."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QSplitter, QWidget
from shiboken6 import isValid

from wireglass_app.controls import Elided, column, restyle, row, surface, tool_button
from wireglass_app.panels.base import Desk, PanelSpec
from wireglass_app.placing import left_by_itself
from wireglass_app.plain import visible
from wireglass_app.server_session import ServerSession
from wireglass_app.shell.host import PanelHost
from wireglass_app.theme import theme

__all__ = ["Center", "Pane"]

_LEAST_WIDE = 560
"""A pane narrower than this goes below the other instead of beside it."""


class Pane(QWidget):
    """A view host with a line above it that names the view; the line is there only while the window is split."""

    def __init__(self, make_desk: Callable[[PanelHost], Desk], specs: Sequence[PanelSpec], number: int) -> None:
        super().__init__()
        self.setAccessibleName(f"Pane {number}")
        self.host = PanelHost(make_desk, specs)
        self.title = Elided("", "secondary", "small-strong")
        self.close_button = tool_button("close", f"Close pane {number}")
        self.head = surface(QWidget(), "sunken", "bottom")
        self.head.setProperty("pane", "true")
        line = row(self.title, self.close_button, margins=(14, 1, 4, 1))
        line.setStretchFactor(self.title, 1)
        self.head.setLayout(line)
        self.head.hide()
        lines = column(self.head, self.host, gap=0)
        lines.setStretch(1, 1)
        self.setLayout(lines)
        self.host.shown.connect(self._named)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(600), theme().px(500))

    def set_active(self, active: bool, *, split: bool) -> None:
        """Tells which pane takes what the navigation and the keys ask for."""
        self.host.active = active
        self.head.setVisible(split)
        restyle(self.head, active="true" if active and split else "false")
        self.title.set_tone("primary" if active else "muted")

    def _named(self, key: str, session: ServerSession | None) -> None:
        name = self.host.specs[key].title
        self.title.setText(f"{name} · {visible(session.name, 60)}" if session is not None else name)


class Center(QSplitter):
    """`shown(key, session)` when the active pane shows another view; `activated` when another pane becomes active."""

    shown = Signal(str, object)
    activated = Signal()

    def __init__(self, make_desk: Callable[[PanelHost], Desk], specs: Sequence[PanelSpec]) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self._make_desk, self._specs = make_desk, specs
        self.panes: list[Pane] = []
        self._active = 0
        self._add()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._focus_changed)

    @property
    def host(self) -> PanelHost:
        """The active view host."""
        return self.panes[self._active].host

    @property
    def hosts(self) -> list[PanelHost]:
        """Those in sight; the active one may be any of them."""
        return [pane.host for pane in self.panes if not pane.isHidden()]

    @property
    def is_split(self) -> bool:
        return len(self.hosts) > 1

    def split(self) -> PanelHost:
        """Shows the second pane, and makes it active."""
        if len(self.panes) < 2:
            self._add()
        self.panes[1].show()
        if not any(self.sizes()[1:]):
            self.setSizes([1, 1])
        self._turn()
        self._activate(1)
        return self.host

    def unsplit(self, leaving: Pane | None = None) -> None:
        """Leaves one pane: the first, or the one that `leaving` is not. A hidden pane keeps its views."""
        if not self.is_split:
            return
        if leaving is self.panes[0]:
            self.panes.reverse()
            self.insertWidget(0, self.panes[0])
        self.panes[1].hide()
        self._activate(0)
        self.host.take_focus()

    def other(self) -> PanelHost | None:
        """Makes the other pane active; None when there is none."""
        if not self.is_split:
            return None
        self._activate(1 - self._active)
        return self.host

    def activate(self, host: PanelHost) -> None:
        """Makes the pane of a host active."""
        self._activate(next(at for at, pane in enumerate(self.panes) if pane.host is host))

    def _add(self) -> None:
        pane = Pane(self._make_desk, self._specs, len(self.panes) + 1)
        pane.close_button.clicked.connect(lambda: self.unsplit(pane))
        pane.host.shown.connect(lambda key, session: self._shown(pane, key, session))
        self.panes.append(pane)
        self.addWidget(pane)
        self.setStretchFactor(self.indexOf(pane), 1)

    def _shown(self, pane: Pane, key: str, session: ServerSession | None) -> None:
        if pane is self.panes[self._active]:
            self.shown.emit(key, session)

    def _activate(self, at: int) -> None:
        other = at != self._active
        self._active = at
        for number, pane in enumerate(self.panes):
            pane.set_active(number == at, split=self.is_split)
        if other:
            self.activated.emit()

    def _focus_changed(self, old: QWidget | None, now: QWidget | None) -> None:
        """The pane that the user puts the focus into becomes active. Nobody has put it there when its last owner was
        hidden or disabled: then it comes back to the active pane."""
        here = self.panes[self._active]
        if now is None or now.window() is not self.window() or here.isAncestorOf(now):
            return
        if left_by_itself(old):
            QTimer.singleShot(0, self, lambda: self._bring_back(old, now))
            return
        for at, pane in enumerate(self.panes):
            if at != self._active and pane.isAncestorOf(now):
                self._activate(at)

    def _bring_back(self, old: QWidget | None, now: QWidget) -> None:
        """Qt gave the focus of `old` to `now`, and nobody has moved it since."""
        here = self.panes[self._active]
        beside = any(pane.isAncestorOf(now) for pane in self.panes if isValid(now))
        was_here = old is not None and isValid(old) and here.isAncestorOf(old)
        if QApplication.focusWidget() is now and here.isVisible() and (was_here or beside):
            here.host.take_focus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()

    def _turn(self) -> None:
        beside = self.width() >= 2 * theme().px(_LEAST_WIDE) or not self.isVisible()
        self.setOrientation(Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical)
