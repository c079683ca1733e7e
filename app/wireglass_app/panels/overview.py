"""Overview of one server: what was negotiated and why, what both sides can do, how it runs."""

from time import time

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLayout, QMenu, QScrollArea, QWidget

from wireglass.recording.chains import chain_health
from wireglass_app.calls import Roots
from wireglass_app.charts.chain import ChainCard
from wireglass_app.controls import Button, Chip, Elided, Label, column, row, surface
from wireglass_app.dossier.copying import server_words
from wireglass_app.given_icon import GivenIcon, remote_icon
from wireglass_app.inbox.roots_editor import RootsEditor
from wireglass_app.overview.abilities import abilities_card, card, deprecated_chip
from wireglass_app.overview.copies import connection_as_json
from wireglass_app.overview.era_card import Doings, EraCard
from wireglass_app.overview.words import client_abilities, server_abilities
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.plain import DESCRIPTION_LIMIT, counted, span_words, visible
from wireglass_app.server_session import ServerSession
from wireglass_app.shell_words import STATE_WORDS

__all__ = ["OverviewPanel"]

_TIMED = 200
"""Newest requests whose spans tell of the middleware."""


class OverviewPanel(Panel):
    """Rebuilt when the state of the server changes; there is little of it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("Overview")
        self.era: EraCard | None = None
        self.icon: GivenIcon | None = None
        self.reload: Button | None = None
        self._stale = False
        self.uptime = Elided("")
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setLayout(column(self._scroll))
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._tick)

    def set_session(self, session: ServerSession | None) -> None:
        if self.session is not None and self.session is not session:
            self.session.state_changed.disconnect(self._show)
            self.session.era_changed.disconnect(self._era_changed)
            self.session.updated.disconnect(self._era_changed)
        if session is not None and session is not self.session:
            session.state_changed.connect(self._show)
            session.era_changed.connect(self._era_changed)
            session.updated.connect(self._era_changed)
        self.session = session
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._show()

    def _show(self) -> None:
        session = self.session
        self._stale = session is not None and not self.isVisible()
        if self._stale:
            return  # a page of a hundred parts, made when somebody looks
        page = surface(QWidget(), "panel")
        lines = column(gap=18, margins=(28, 22, 28, 22))
        self.era = None
        self.uptime = Elided("")
        if session is not None:
            lines.addWidget(self._head(session))
            lines.addWidget(card("Connection", _facts(self._connection(session))))
            if session.facts is not None:
                lines.addLayout(row(*self._both_sides(session), gap=14))
                self.era = EraCard(session, Doings(self.desk.announce, self.desk.go, self.desk.bridge.spawn))
                lines.addWidget(self.era)
            if session.facts is not None and session.facts.instructions:
                words = visible(session.facts.instructions, DESCRIPTION_LIMIT, lines=True)
                lines.addWidget(card("Instructions of the server", Label(words, wrap=True).selectable()))
            lines.addWidget(_chain(session))
            if not session.recorded:
                lines.addWidget(self._roots(session))
        lines.addStretch(1)
        page.setLayout(lines)
        self._scroll.setWidget(page)
        live = session is not None and session.usable
        (self._clock.start if live else self._clock.stop)()
        self._tick()

    def _tick(self) -> None:
        session = self.session
        if session is not None and session.connected_at is not None and session.usable:
            self.uptime.setText(span_words(time() - session.connected_at))
        if self.era is not None and self.isVisible():
            self.era.tick()

    def _era_changed(self, *_facts: object) -> None:
        if self.era is not None:
            self.era.refresh()

    def _head(self, session: ServerSession) -> QWidget:
        facts = session.facts
        info = facts.server_info if facts else {}
        title = Label(visible(session.name, 60), type="welcome")
        self.icon = GivenIcon(info, "box")
        version = str(info.get("version") or "")
        chips = row(gap=6)
        own = str(info.get("name") or "")
        if own and visible(own, 120) != visible(session.name, 120):
            chips.addWidget(Label(visible(own, 60), "secondary", "mono"))
        if version:
            chips.addWidget(Chip(f"version {visible(version, 40)}", "outline"))
        chips.addWidget(Chip(STATE_WORDS[session.state], "ok" if session.usable else "plain"))
        if session.recorded:
            return _Head(row(self.icon, title, chips, None, gap=10), row())
        self.reload = Button("Reload", icon="reload", key="F5", clicked=lambda: self.desk.act("reload"))
        stop = Button("Disconnect", icon="unplug", clicked=lambda: self.desk.act("disconnect"))
        stop.setEnabled(session.usable)
        copy = Button("Copy connection", icon="copy", name="Copy connection as")
        copy.setProperty("menu", "true")
        copy.setMenu(self._copy_menu(session))
        edit = Button("Change…", clicked=lambda: self.desk.go("edit-target", session=session))
        return _Head(row(self.icon, title, chips, gap=10), row(edit, copy, stop, self.reload, gap=10))

    def _connection(self, session: ServerSession) -> list[tuple[str, str | QWidget]]:
        target, facts = session.target, session.facts
        rows: list[tuple[str, str | QWidget]] = []
        if facts is not None:
            era = "stateless: every request stands alone" if facts.stateless else "handshake: one session"
            rows += [("Protocol", f"{facts.version} ({era})"), ("Why this one", facts.why)]
            rows += [("Tried", f"{attempt}: {outcome}") for attempt, outcome in facts.path]
        rows.append(("Transport", {"stdio": "stdio", "http": "Streamable HTTP", "sse": "HTTP+SSE"}[target.kind]))
        if target.kind == "sse":
            rows[-1] = ("Transport", _with_chip("HTTP+SSE", "Deprecated since 2025-03-26, in favour of one URL."))
        if target.kind == "stdio":
            rows.append(("Command", " ".join((target.command, *target.args))))
            rows.append(("Folder", target.cwd or Label("where Wireglass runs")))
            if session.pid is not None and session.usable:
                rows.append(("Process", f"pid {session.pid}"))
        else:
            rows.append(("URL", target.url))
            rows += [("Header", f"{name}: {'•••' if _secret(name) else value}") for name, value in target.headers]
        if session.connected_at is not None and session.usable:
            rows.append(("Up for", self.uptime))
        if not session.recorded:
            again = session.starts - 1
            rows.append(("Restarts", f"{again}" if again > 0 else "none"))
        if facts is not None and (away := remote_icon(facts.server_info)):
            rows.append(("Icon", f"{visible(away, 200)} (not fetched)"))
        return rows

    def _both_sides(self, session: ServerSession) -> tuple[QWidget, QWidget]:
        facts = session.facts
        return (
            abilities_card("The server can", server_abilities(facts.capabilities, facts.version)),
            abilities_card("Wireglass offers it", client_abilities(facts.version, session.roots, session.offered)),
        )

    def _roots(self, session: ServerSession) -> QWidget:
        note = (
            "Given with the next round in which the server asks for them."
            if session.stateless
            else "The server is told of a change at once and may ask for the list again. Names only: nothing is read."
        )
        editor = RootsEditor(session.roots, note=note)
        editor.changed.connect(lambda roots: self._set_roots(session, roots))
        return card("Roots: folders the server may be told", editor)

    def _set_roots(self, session: ServerSession, roots: Roots) -> None:
        self.desk.workbench.set_roots(session, roots)
        self.desk.announce(f"{counted(len(roots.folders), 'folder')} for {visible(session.name, 60)}.")

    def _copy_menu(self, session: ServerSession) -> QMenu:
        menu = QMenu(self)
        menu.addAction("JSON: an mcpServers entry", lambda: self._copy(connection_as_json(session.target)))
        menu.addAction(
            "Command line: wireglass inspect",
            lambda: self._copy(f"wireglass inspect {server_words(session.target_as_used)}"),
        )
        return menu

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.desk.announce("The connection is on the clipboard, without the values of variables and headers.")

    def regions(self) -> list[QWidget]:
        return [self.reload if self.reload is not None else self]


class _Head(QWidget):
    """Name at the left, buttons at the right; below each other where one line does not hold both."""

    def __init__(self, name: QLayout, buttons: QLayout) -> None:
        super().__init__()
        self._left, self._right = QWidget(), QWidget()
        self._left.setLayout(name)
        self._right.setLayout(buttons)
        self._lines = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(10)
        self._lines.addWidget(self._left, 0, Qt.AlignmentFlag.AlignLeft)
        self._lines.addStretch(1)
        self._lines.addWidget(self._right, 0, Qt.AlignmentFlag.AlignRight)

    def minimumSizeHint(self) -> QSize:
        both = (self._left.minimumSizeHint(), self._right.minimumSizeHint())
        return QSize(max(one.width() for one in both), max(one.height() for one in both))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < self._left.sizeHint().width() + self._right.sizeHint().width() + 20
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._lines.direction() != direction:
            self._lines.setDirection(direction)


def _chain(session: ServerSession) -> QWidget:
    """What the newest calls that were timed tell of the server's middleware."""
    told = [spans for spans in session.newest_spans(_TIMED) if spans]
    return ChainCard(chain_health(told), len(told))


def _with_chip(text: str, why: str) -> QWidget:
    chip, box = deprecated_chip(), QWidget()
    chip.setToolTip(why)
    box.setLayout(row(Label(text, type="mono"), chip, None))
    return box


def _secret(name: str) -> bool:
    return any(word in name.lower() for word in ("auth", "token", "key", "secret", "cookie"))


_AS_TYPED = ("Command", "Folder", "Process", "URL", "Header", "Icon")
"""Facts that a machine reads too; the others are sentences."""


def _facts(rows: list[tuple[str, str | QWidget]]) -> QWidget:
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    for at, (name, value) in enumerate(rows):
        grid.addWidget(Label(name, "secondary"), at, 0, Qt.AlignmentFlag.AlignTop)
        kind = "mono" if name in _AS_TYPED else "body"
        grid.addWidget(Elided(value, type=kind) if isinstance(value, str) else value, at, 1)
    return box
