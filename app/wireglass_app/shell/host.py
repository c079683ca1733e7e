"""Where views are shown: builds each when it is first asked for, keeps the history of what was shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from wireglass_app.controls import Button, Elided, IconLabel, column, row, surface
from wireglass_app.failures import Failure, again_words
from wireglass_app.panels.base import Desk, Panel, PanelSpec
from wireglass_app.placing import takes_keys
from wireglass_app.plain import visible
from wireglass_app.server_session import ServerSession
from wireglass_app.shell.memory import remember_layout

__all__ = ["PanelHost"]

_HISTORY = 50
_AHEAD_MS = 100
"""By then the connection pane is painted, and the modules of the first views are mostly loaded."""
_WITHOUT_SERVER = ("logs",)
"""Server views that say something useful while the server is not there."""

Place = tuple[str, ServerSession | None]


@dataclass(frozen=True, slots=True)
class _Visit:
    """A place, and what was chosen there when it was left."""

    place: Place
    facts: dict[str, Any] = field(default_factory=dict)


class PanelHost(QWidget):
    """`shown(key, session)` after each change of view."""

    shown = Signal(str, object)

    def __init__(self, make_desk: "Callable[[PanelHost], Desk]", specs: Sequence[PanelSpec]) -> None:
        """`make_desk(self)` gives what the views of this host may use; their `go` comes back to this host."""
        super().__init__()
        self.setAccessibleName("View")
        self.specs = {spec.key: spec for spec in specs}
        desk = self._desk = make_desk(self)
        self._panels: dict[str, Panel] = {}
        self._past: list[_Visit] = []
        self._future: list[_Visit] = []
        self.place: Place = ("", None)
        self.active = True
        """Whether it is the one pane, or the one of two that the user works in: only this one may place the focus."""
        self.stack = QStackedWidget()
        self.banner = Banner(desk)
        self.setLayout(column(self.banner, self.stack, gap=0))

    @property
    def panel(self) -> Panel:
        """The view in sight; it may be the connection pane that stands in for another."""
        current = self.stack.currentWidget()
        assert isinstance(current, Panel)
        return current

    def built(self, key: str) -> Panel:
        """The view of a key, built if need be."""
        if key not in self._panels:
            panel = self._panels[key] = self.specs[key].build(self._desk)
            remember_layout(panel, key, self._desk.settings)
            self.stack.addWidget(panel)
        return self._panels[key]

    def is_built(self, key: str, panel: Panel) -> bool:
        """Whether `panel` is the view of a key."""
        return self._panels.get(key) is panel

    def show_place(self, key: str, session: ServerSession | None, **facts: Any) -> None:
        """Shows a view; what was shown before goes to the history."""
        place = (key, session if self.specs[key].group == "server" else None)
        if self.place[0] and (place != self.place or self._elsewhere(facts)):
            self._past.append(self._visit())
            del self._past[:-_HISTORY]
            self._future.clear()
        self._put(place)
        if facts:
            self.built(key).show_item(**facts)

    def back(self) -> None:
        self._travel(self._past, self._future)

    def forward(self) -> None:
        self._travel(self._future, self._past)

    @property
    def can_go(self) -> tuple[bool, bool]:
        """Back, forward."""
        return bool(self._past), bool(self._future)

    def forget(self, session: ServerSession) -> None:
        """A server was removed: no view of it stays in the history."""
        self._past = [visit for visit in self._past if visit.place[1] is not session]
        self._future = [visit for visit in self._future if visit.place[1] is not session]
        for panel in self._panels.values():
            if panel.session is session:
                panel.set_session(None)

    def refresh(self) -> None:
        """The current server's state changed: the connection pane may have to come or go."""
        if self.place[0]:
            self._put(self.place)

    def _build_ahead(self, place: Place) -> None:
        """Builds the view that is to be shown when its server is ready, while that starts: then everything is made at
        once, and a window that does nothing has the time for it now."""
        key, session = place
        if self.place == place and session is not None and session.state == "connecting":
            self.built(key)

    def _visit(self) -> _Visit:
        key = self.place[0]
        return _Visit(self.place, self._panels[key].bookmark() if key in self._panels else {})

    def _elsewhere(self, facts: dict[str, Any]) -> bool:
        """Whether the same view is asked for something that it does not show now."""
        here = self._visit().facts
        return bool(here) and any(name in facts and facts[name] != value for name, value in here.items())

    def _travel(self, source: list[_Visit], other: list[_Visit]) -> None:
        if source:
            other.append(self._visit())
            visit = source.pop()
            self._put(visit.place)
            panel = self._panels.get(visit.place[0])
            if panel is not None and visit.facts:
                panel.show_item(**visit.facts)

    def _put(self, place: Place) -> None:
        key, session = place
        self.place = place
        standin = self.specs[key].group == "server" and session is not None and _absent(session)
        panel = self.built("connection" if standin and key not in _WITHOUT_SERVER else key)
        if session is not None and session.state == "connecting" and key not in self._panels:
            QTimer.singleShot(_AHEAD_MS, self, lambda: self._build_ahead(place))
        if self.specs[key].group == "server":
            panel.set_session(session)
        self._hold_focus(panel)
        self.stack.setCurrentWidget(panel)
        self.banner.show_session(None if panel is self._panels.get("connection") else session)
        self.shown.emit(key, session)
        QTimer.singleShot(0, panel, lambda: self._settle(panel))

    def _hold_focus(self, panel: QWidget) -> None:
        """Keeps the focus here while the view that has it goes, or while nobody has it: Qt would pass it on to whatever
        comes next in the window, which may be the pane beside, or the header."""
        going, focus = self.stack.currentWidget(), self._focus
        inside = focus is None or (going is not None and going.isAncestorOf(focus))
        if (going is not panel or focus is None) and inside and self.active:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _settle(self, panel: Panel) -> None:
        """Passes the focus on to the view that has come, where it was there before, or to its first thing to do. Not
        when somebody has put it anywhere since. The window may be inactive meanwhile: the question whether to trust a
        file has just been answered."""
        focus = self._focus
        free = focus is None or focus is self or not focus.isVisible()
        if free and self.active and panel.isVisible():
            self.take_focus()

    def take_focus(self) -> None:
        """The user works here: the focus goes where it was in the view, or to its first thing to do."""
        panel = self.panel
        had = cast("QWidget | None", panel.focusWidget())
        if had is not None and takes_keys(had):
            had.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            panel.enter()

    @property
    def _focus(self) -> QWidget | None:
        return cast("QWidget | None", self.window().focusWidget())


def _place(failure: Failure) -> str:
    return f" ({Path(failure.file).name}, line {failure.line})" if failure.file and failure.line else ""


def _absent(session: ServerSession) -> bool:
    """No lists to show: never got ready, or is on its way for the first time."""
    return not session.usable and not session.catalogue.read


class Banner(QWidget):
    """Above a view whose server is gone: the last good lists stay, and one line says so."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        surface(self, "sunken", "bottom")
        self.text = Elided("", "bad", "medium")
        self.again = Button("Start again", key="F5", clicked=lambda: desk.act("reload"))
        self.why = Button("What happened", "ghost", clicked=lambda: desk.go("connection", session=self._session))
        self._session: ServerSession | None = None
        icon = IconLabel("cross-circle", "bad.text")
        line = row(icon, self.text, self.why, self.again, margins=(14, 6, 14, 6))
        line.setStretchFactor(self.text, 1)
        self.setLayout(line)
        self.hide()

    def show_session(self, session: ServerSession | None) -> None:
        self._session = session
        if session is None or session.usable or session.recorded or not session.catalogue.read:
            self.hide()
            return
        failure = session.failure
        if session.state == "connecting":
            doing = "starting" if session.target.kind == "stdio" else "connecting"
            text = f"{visible(session.name, 60)} is {doing} again"
        elif failure is not None:
            title = ", ".join(part for part in (failure.title, failure.fact) if part)
            cause = f"{failure.culprit}{_place(failure)}" if failure.culprit else failure.text
            text = ". ".join(part.rstrip(".") for part in (title, cause) if part)
        else:
            text = f"{visible(session.name, 60)} is disconnected"
        self.text.setText(text + ". The last good lists stay.")
        self.why.setVisible(failure is not None)
        self.again.setText(again_words(session.target))
        self.again.setAccessibleName(again_words(session.target))
        self.again.setEnabled(session.state != "connecting")
        self.show()
