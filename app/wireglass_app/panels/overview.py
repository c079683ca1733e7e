"""Overview of one server: what was negotiated and why, what both sides can do, how it runs."""

import json
from time import time
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from wireglass.recording.chains import chain_health
from wireglass_app.calls import Roots
from wireglass_app.charts.chain import ChainCard
from wireglass_app.controls import Button, Chip, Elided, IconLabel, Label, column, row, surface
from wireglass_app.inbox.roots_editor import RootsEditor
from wireglass_app.panels.base import Desk, Panel, PanelSpec
from wireglass_app.plain import DESCRIPTION_LIMIT, visible
from wireglass_app.server_session import ServerSession
from wireglass_app.shell_words import STATE_WORDS

__all__ = ["SPEC", "OverviewPanel"]

_TIMED = 200
"""Newest requests whose spans tell of the middleware."""
_SERVER_CAN = (
    ("tools", "Tools"),
    ("resources", "Resources"),
    ("prompts", "Prompts"),
    ("completions", "Completion of arguments"),
    ("logging", "Log messages"),
    ("tasks", "Tasks"),
)


class OverviewPanel(Panel):
    """Rebuilt when the state of the server changes; there is little of it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("Overview")
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setLayout(column(self._scroll))

    def set_session(self, session: ServerSession | None) -> None:
        if self.session is not None and self.session is not session:
            self.session.state_changed.disconnect(self._show)
        if session is not None and session is not self.session:
            session.state_changed.connect(self._show)
        self.session = session
        self._show()

    def _show(self) -> None:
        session = self.session
        page = surface(QWidget(), "panel")
        lines = column(gap=18, margins=(28, 22, 28, 22))
        if session is not None:
            lines.addLayout(self._head(session))
            lines.addWidget(_card("Connection", self._connection(session)))
            lines.addWidget(_chain(session))
            if session.facts is not None:
                lines.addLayout(row(self._offers(session), self._we_offer(session), gap=14))
            if not session.recorded:
                lines.addWidget(self._roots(session))
            if session.facts is not None and session.facts.instructions:
                words = visible(session.facts.instructions, DESCRIPTION_LIMIT, lines=True)
                lines.addWidget(_card("Instructions of the server", [Label(words, wrap=True).selectable()]))
        lines.addStretch(1)
        page.setLayout(lines)
        self._scroll.setWidget(page)

    def _head(self, session: ServerSession) -> Any:
        facts = session.facts
        info = facts.server_info if facts else {}
        title = Label(visible(session.name, 120), type="welcome")
        version = str(info.get("version") or "")
        chips = row(gap=6)
        if version:
            chips.addWidget(Chip(f"version {visible(version, 40)}", "outline"))
        chips.addWidget(Chip(STATE_WORDS[session.state], "ok" if session.usable else "plain"))
        if session.recorded:
            return row(title, chips, None, gap=10)
        reload = Button("Reload", icon="reload", key="F5", clicked=lambda: self.desk.act("reload"))
        stop = Button("Disconnect", icon="unplug", clicked=lambda: self.desk.act("disconnect"))
        stop.setEnabled(session.usable)
        copy = Button("Copy connection", icon="copy", clicked=lambda: self._copy(session))
        edit = Button("Change…", clicked=lambda: self.desk.go("edit-target", session=session))
        return row(title, chips, None, edit, copy, stop, reload, gap=10)

    def _connection(self, session: ServerSession) -> list[QWidget]:
        target, facts = session.target, session.facts
        rows: list[tuple[str, str]] = []
        if facts is not None:
            era = "stateless: every request stands alone" if facts.stateless else "handshake: one session"
            rows += [("Protocol", f"{facts.version} ({era})"), ("Why this one", facts.why)]
            rows += [("Tried", f"{attempt}: {outcome}") for attempt, outcome in facts.path]
        if target.kind == "stdio":
            rows.append(("Command", " ".join((target.command, *target.args))))
            rows.append(("Folder", target.cwd or "where Wireglass runs"))
            if session.pid is not None and session.usable:
                rows.append(("Process", f"pid {session.pid}"))
        else:
            rows.append(("URL", target.url))
            rows += [("Header", f"{name}: {'•••' if _secret(name) else value}") for name, value in target.headers]
        if session.connected_at is not None and session.usable:
            rows.append(("Connected for", f"{(time() - session.connected_at) / 60:.0f} min"))
        if session.starts > 1:
            rows.append(("Started", f"{session.starts} times"))
        return [_facts(rows)]

    def _offers(self, session: ServerSession) -> QWidget:
        offered = session.facts.capabilities
        rows = [_yes_no(text, key in offered, _details(offered.get(key))) for key, text in _SERVER_CAN]
        known = {key for key, _ in _SERVER_CAN}
        rows += [_yes_no(visible(key, 60), True, _details(offered[key])) for key in offered if key not in known]
        return _card("The server can", rows)

    def _we_offer(self, session: ServerSession) -> QWidget:
        version = session.facts.version
        forms = version >= "2025-06-18"
        rows = [
            _yes_no("Elicitation: forms", forms, "" if forms else f"unknown to {version}"),
            _yes_no("Elicitation: pages to visit", version >= "2025-11-25", ""),
            _yes_no("Sampling", True, "answered in the Inbox"),
            _yes_no(
                "Roots", True, f"{len(session.roots.folders)} folders" if session.roots.folders else "an empty list"
            ),
        ]
        return _card("Wireglass offers it", rows)

    def _roots(self, session: ServerSession) -> QWidget:
        stateless = session.stateless
        note = (
            "Given with the next round in which the server asks for them."
            if stateless
            else "The server is told of a change at once and may ask for the list again. Names only: nothing is read."
        )
        editor = RootsEditor(session.roots, note=note)
        editor.changed.connect(lambda roots: self._set_roots(session, roots))
        return _card("Roots: folders the server may be told", [editor])

    def _set_roots(self, session: ServerSession, roots: Roots) -> None:
        self.desk.workbench.set_roots(session, roots)
        self.desk.announce(f"{len(roots.folders)} folders for {visible(session.name, 60)}.")

    def _copy(self, session: ServerSession) -> None:
        target = session.target
        entry: dict[str, Any] = (
            {"command": target.command, "args": list(target.args)} if target.kind == "stdio" else {"url": target.url}
        )
        QGuiApplication.clipboard().setText(json.dumps({"mcpServers": {target.name: entry}}, indent=2))
        self.desk.announce("The connection is on the clipboard as JSON, without variables and headers.")


def _chain(session: ServerSession) -> QWidget:
    """What the newest calls that were timed tell of the server's middleware."""
    told = [spans for spans in session.newest_spans(_TIMED) if spans]
    return ChainCard(chain_health(told), len(told))


def _secret(name: str) -> bool:
    return any(word in name.lower() for word in ("auth", "token", "key", "secret", "cookie"))


def _details(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    return ", ".join(visible(key, 40) for key, on in value.items() if on is True or isinstance(on, dict))


def _card(title: str, rows: list[QWidget]) -> QWidget:
    card = surface(QFrame(), "card")
    card.setLayout(column(Label(title, type="strong"), *rows, None, gap=8, margins=(16, 12, 16, 14)))
    return card


def _facts(rows: list[tuple[str, str]]) -> QWidget:
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    for at, (name, value) in enumerate(rows):
        grid.addWidget(Label(name, "secondary"), at, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(Elided(value, type="mono"), at, 1)
    return box


def _yes_no(text: str, yes: bool, note: str) -> QWidget:
    box = QWidget()
    mark = IconLabel("check" if yes else "minus", "ok.text" if yes else "text.muted", 16, "yes" if yes else "no")
    line = row(mark, Label(text, "primary" if yes else "muted"), Elided(note, "muted", "small"), gap=8)
    line.setStretch(2, 1)
    box.setLayout(line)
    return box


SPEC = PanelSpec("overview", "Overview", "info", "server", OverviewPanel)
