"""What the negotiated era lets you do with the session, and why some controls are not there."""

from collections.abc import Callable
from dataclasses import dataclass
from time import time
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QLayout, QWidget

from wireglass.errors import McpError, RequestTimeout, TransportError
from wireglass_app.controls import Button, Elided, IconLabel, Label, column, row, surface
from wireglass_app.era import LEVELS
from wireglass_app.layouts import Item, clear
from wireglass_app.moments import clock
from wireglass_app.overview.abilities import deprecated_chip
from wireglass_app.overview.words import lacking, lifetime_words, stream_words
from wireglass_app.plain import count, counted, duration, visible
from wireglass_app.server_session import ServerSession

__all__ = ["Doings", "EraCard"]

_FILTERS = 12
_PINGS = 5
_AS_IT_LIKES = "as the server decides"


@dataclass(frozen=True, slots=True)
class Doings:
    """What the card may use of the application."""

    announce: Callable[[str], None]
    go: Callable[..., None]
    spawn: Callable[..., Any]
    """Starts a coroutine on the Qt loop, which ends with its owner, as `Bridge.spawn` does."""


class EraCard(QFrame):
    """Controls of one era only. `refresh` after `era_changed`, `tick` once a second."""

    def __init__(self, session: ServerSession, desk: Doings) -> None:
        super().__init__()
        surface(self, "card")
        self.session = session
        self._desk = desk
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self.level: QComboBox | None = None
        self.ping: Button | None = None
        self.said = Elided("", "secondary", "small")
        self.stream = Elided("")
        self._filters = column(gap=4)
        self.subscriptions = Label("", "secondary")
        version = session.facts.version
        self.setAccessibleName(f"What {version} has")
        (self._add_stateless if session.stateless else self._add_handshake)()
        self.lacks = Label(lacking(session.stateless, version), "muted", "small", wrap=True)
        heading = Label(f"What {version} has", type="strong")
        self.setLayout(column(heading, self._grid, self.lacks, gap=10, margins=(16, 12, 16, 14)))
        self.refresh()

    def _add(self, text: str, *parts: Item) -> None:
        at = self._grid.rowCount()
        # Beside one line, which a button or a list makes higher than words: in its middle. Else beside the first line.
        several = any(isinstance(part, QLayout) for part in parts)
        beside = Qt.AlignmentFlag.AlignTop if several else Qt.AlignmentFlag.AlignVCenter
        self._grid.addWidget(Label(text, "secondary"), at, 0, beside)
        self._grid.addLayout(row(*parts, gap=8), at, 1)

    # handshake eras

    def _add_handshake(self) -> None:
        live = self.session.usable
        if "logging" in self.session.facts.capabilities:
            self.level = QComboBox()
            self.level.setAccessibleName("Log level of the session")
            self.level.addItems([_AS_IT_LIKES, *LEVELS])
            self.level.setEnabled(live)
            self.level.activated.connect(self._set_level)
            self._add(
                "Log level", self.level, Label("for the whole session, kept over restarts", "muted", "small"), None
            )
        self.ping = Button("Ping", icon="pulse", name="Ping the server", clicked=self._ping)
        self.ping.setEnabled(live)
        self._add("Ping", self.ping, self.said)
        offers = self.session.facts.capabilities.get("resources")
        if isinstance(offers, dict) and offers.get("subscribe") is True:
            go = Button("Resources", "link", clicked=lambda: self._desk.go("resources", session=self.session))
            self._add("Subscriptions", self.subscriptions, go, None)

    def _set_level(self, at: int) -> None:
        if at > 0:
            self._desk.spawn(self._setting(LEVELS[at - 1]), self)
        else:
            self.refresh()  # there is no request that takes a level back

    async def _setting(self, level: str) -> None:
        try:
            await self.session.set_log_level(level)
        except (McpError, TransportError, RequestTimeout) as problem:
            self._desk.announce(f"The log level was not set: {problem.message} {problem.next_step}".strip())
            self.refresh()
        else:
            self._desk.announce(f"The server logs from {level} on.")

    def _ping(self) -> None:
        self._desk.spawn(self._pinging(), self)

    async def _pinging(self) -> None:
        self.said.setText("asked")
        try:
            found = await self.session.ping()
        except (McpError, TransportError, RequestTimeout) as problem:
            self.said.setText(f"No answer: {problem.message} {problem.next_step}".strip())
        else:
            self._desk.announce(f"The server answered in {duration(found.milliseconds)}.")

    # 2026-07-28

    def _add_stateless(self) -> None:
        session = self.session
        go = Button("Tools", "link", clicked=lambda: self._desk.go("tools", session=session))
        words = Label("with each request: Request options of a tool")
        chip = [deprecated_chip()] if "logging" in session.facts.capabilities else []
        if chip:
            self._add("Log level", words, *chip, go, None)
        if not session.recorded:
            self._add("Listen stream", column(self.stream, self._filters, gap=4))
        fresh = lifetime_words(session.catalogue.lists.lifetimes)
        self._add("Lists stay fresh", Elided(fresh or "not told: read again when a change is announced"))
        rounds = count(session.target.rounds)
        self._add("Questions", Elided(f"in rounds of the call that needs them, at most {rounds} in a call"))

    # what changes

    def refresh(self) -> None:
        """Shows the session as it is now."""
        session = self.session
        if self.level is not None:
            self.level.setCurrentText(session.log_level or _AS_IT_LIKES)
        pings = session.pings
        if pings:
            at = clock(pings[-1].at)
            before = ", ".join(duration(one.milliseconds) for one in reversed(pings[-1 - _PINGS : -1]))
            earlier = f"; before {before}" if before else ""
            self.said.setText(f"answered in {duration(pings[-1].milliseconds)} at {at}{earlier}")
        number = len(session.subscriptions)
        self.subscriptions.setText(f"{counted(number, 'resource')}, one request each")
        self._show_filters()
        self.tick()

    def tick(self) -> None:
        """How long the stream is open goes on by itself."""
        self.stream.setText(stream_words(self.session.stream, time()))

    def _show_filters(self) -> None:
        clear(self._filters)
        filters = self.session.stream.filters() if self.session.stream.open else []
        for words, agreed in filters[:_FILTERS]:
            self._filters.addWidget(_filter(words, agreed))
        if len(filters) > _FILTERS:
            self._filters.addWidget(Label(f"and {count(len(filters) - _FILTERS)} more resources", "muted", "small"))


def _filter(words: str, agreed: bool | None) -> QWidget:
    box = QWidget()
    icon, token, text = {
        True: ("check", "ok.text", ""),
        False: ("minus", "warn.text", "asked for, not granted"),
        None: ("clock", "text.muted", "not acknowledged yet"),
    }[agreed]
    mark = IconLabel(icon, token, 14, {True: "granted", False: "not granted", None: "asked"}[agreed])
    box.setLayout(row(mark, Label(visible(words, 200), type="small"), Label(text, "muted", "small"), None, gap=8))
    return box
