"""The navigation: open servers with what they offer, then the session's and the set-up's views."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QWidget,
)

from wireglass_app.actions import Actions
from wireglass_app.controls import Label, column, row, surface, tool_button
from wireglass_app.models.rows import RowsModel
from wireglass_app.panels.base import PanelSpec
from wireglass_app.plain import visible
from wireglass_app.server_session import ServerSession
from wireglass_app.settings import Settings
from wireglass_app.shell.nav_rows import NARROW_WIDTH, NavList, NavRow
from wireglass_app.theme import theme
from wireglass_app.workbench import Workbench

__all__ = ["NARROW_WIDTH", "WIDTH", "Navigation"]

WIDTH = 212
_FOLDED, _UNFOLDED = "nav.folded", "nav.unfolded"
_AROUND = 121
"""Header, strip and status bar: where a view hides the strip, servers stay as they were folded beside it."""
_COUNT_MS = 500


class Navigation(QWidget):
    """`chosen(panel, session)`: what the user wants to see; session is None for session and set-up views."""

    chosen = Signal(str, object)
    menu_wanted = Signal(object, QPoint)
    """What can be done with this server is asked for at this place of the screen."""

    def __init__(self, workbench: Workbench, specs: Sequence[PanelSpec], actions: Actions, settings: Settings) -> None:
        super().__init__()
        surface(self, "window", "right")
        self.setAccessibleName("Navigation")
        self._workbench = workbench
        self._specs = specs
        self._settings = settings
        self._shown: tuple[str, ServerSession | None] = ("", None)
        self._roomy = True
        """Whether every server may stay unfolded; else only the one in use, so that the views below stay in sight."""
        self._model: RowsModel[NavRow] = RowsModel(
            lambda one: one.spoken, selectable=lambda one: one.kind not in ("heading", "note"), parent=self
        )
        self.list = NavList()
        self.list.setModel(self._model)
        self.list.picked.connect(self._picked)
        self.list.fold.connect(self._fold)
        self.list.menu_wanted.connect(self.menu_wanted)
        add = tool_button("plus", "Open or connect a server", key="Ctrl+O", clicked=lambda: actions.trigger("welcome"))
        self._title = Label("Servers", "secondary", "small-strong")
        self._head = row(self._title, None, add, margins=(16, 10, 10, 0))
        self._narrow = False
        self.setLayout(column(self._head, self.list, gap=2, margins=(0, 0, 1, 0)))
        self._slow = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._slow.timeout.connect(self._recount)
        for signal in (workbench.entries_added, workbench.verdicts.judged):
            signal.connect(self._arrived)
        theme().changed.connect(self._theme_changed)
        self._theme_changed()
        self.refresh()

    def show_current(self, panel: str, session: ServerSession | None) -> None:
        """Marks the view that is shown."""
        self._shown = (panel, session)
        if session is not None and not self._is_open(session):
            self._remember(session, None)
        self.refresh()

    def set_narrow(self, narrow: bool) -> None:
        """Icons only, with the names in tooltips and for screen readers."""
        if narrow != self._narrow:
            self._narrow = self.list.delegate.narrow = narrow
            self._title.setVisible(not narrow)
            self._head.setContentsMargins(0 if narrow else 16, 10, 10, 0)
            self._theme_changed()
            self.refresh()

    def _is_open(self, session: ServerSession) -> bool:
        key = session.target.key
        if key in self._settings.get(_FOLDED, []):
            return False
        if key in self._settings.get(_UNFOLDED, []):
            return True
        return self._roomy or session in (self._shown[1], self._workbench.current)

    def _remember(self, session: ServerSession, opened: bool | None) -> None:
        """By what the server is started with, so that it is so the next time too; None: as there is room."""
        key = session.target.key
        for name, holds in ((_FOLDED, opened is False), (_UNFOLDED, opened is True)):
            others = [one for one in self._settings.get(name, []) if one != key]
            self._settings.set(name, [*others, key] if holds else others)

    def refresh(self) -> None:
        """Builds the rows anew; there are only some dozens."""
        self._roomy = self._has_room()
        self._model.replace(self._rows())
        self._select()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._roomy != self._has_room():
            self.refresh()

    def _has_room(self) -> bool:
        """Whether all rows would be in sight with every server unfolded that nobody folded by hand."""
        before, self._roomy = self._roomy, True
        needed = sum(self.list.delegate.height(one.kind) for one in self._rows())
        self._roomy = before
        room = self.window().height() - theme().px(_AROUND) - (self.height() - self.list.height())
        return len(self._workbench.sessions) < 2 or needed <= room

    def _arrived(self, *_facts: object) -> None:
        if not self._slow.isActive():
            self._slow.start()

    def _recount(self) -> None:
        """Violations, warnings and changes have numbers here; what stays the same is not built anew."""
        if self._rows() != self._model.rows:
            self.refresh()

    def _rows(self) -> list[NavRow]:
        rows: list[NavRow] = []
        for session in self._workbench.sessions:
            opened = self._is_open(session)
            rows.append(NavRow("server", visible(session.name, 60), "overview", session=session, opened=opened))
            rows += self._panels(session) if opened else []
        if not self._workbench.sessions:
            rows += [] if self._narrow else [NavRow("note", "None open yet. Open a server.py\nor connect to a URL.")]
        for group, title in (("session", "Session"), ("setup", "Setup")):
            specs = [spec for spec in self._specs if spec.group == group]
            if specs:
                rows.append(NavRow("heading", title))
                rows += [
                    NavRow("entry", spec.title, spec.key, spec.icon, count=spec.count(self._workbench))
                    for spec in specs
                ]
        return rows

    def _panels(self, session: ServerSession) -> list[NavRow]:
        return [
            NavRow("panel", spec.title, spec.key, spec.icon, session, count=spec.count(session))
            for spec in self._specs
            if spec.group == "server" and spec.when(session)
        ]

    def _select(self) -> None:
        panel, session = self._shown

        def shown(one: NavRow) -> bool:
            return one.kind in ("panel", "entry") and one.panel == panel and (one.session in (None, session))

        index = self._model.find(shown)
        if not index.isValid() and session is not None:
            index = self._model.find(lambda one: one.kind == "server" and one.session is session)
        if index.isValid():
            self.list.setCurrentIndex(index)
        else:
            self.list.clearSelection()

    def _picked(self, one: NavRow) -> None:
        if one.kind == "server" and one.session is not None:
            usable = one.session.usable or one.session.catalogue.read
            self.chosen.emit("tools" if usable else "overview", one.session)
        elif one.panel:
            self.chosen.emit(one.panel, one.session)

    def _fold(self, one: NavRow, opened: object) -> None:
        if one.session is None:
            return
        wanted = (not one.opened) if opened is None else bool(opened)
        self._remember(one.session, wanted)
        self.refresh()

    def _theme_changed(self) -> None:
        self.setFixedWidth(theme().px(NARROW_WIDTH if self._narrow else WIDTH))
        self.list.doItemsLayout()
        if self._roomy != self._has_room():
            self.refresh()
