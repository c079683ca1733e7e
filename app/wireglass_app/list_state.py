"""How a server's list stands: how many rows fit the filter, "as of 14:03" while the server is away, a thin bar."""

from typing import Literal

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from wireglass_app.controls import IconLabel, Label, row
from wireglass_app.moments import clock, moments
from wireglass_app.plain import count, lifetime_text
from wireglass_app.server_session import ServerSession
from wireglass_app.waiting import PATIENCE_MS, ThinBar

__all__ = ["ListKind", "ListState"]

ListKind = Literal["live", "loading", "stale"]


class ListState(QWidget):
    """A line for below the list, and `bar` for above it. `changed` when the rows are to be painted otherwise."""

    changed = Signal()

    def __init__(self, *keys: str) -> None:
        """`keys` name the lists whose lifetimes are told, as `Lists.lifetimes` has them."""
        super().__init__()
        self._keys = keys
        self.kind: ListKind = "live"
        self._session: ServerSession | None = None
        self._counts = (0, 0, False)
        self._old = False
        self.bar = ThinBar()
        self.icon = IconLabel("unplug", "text.muted", 14)
        self.words = Label("", "muted", "caption")
        keeps = self.bar.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)  # rows never jump
        self.bar.setSizePolicy(keeps)
        self.bar.hide()
        self.setLayout(row(self.icon, self.words, None, gap=6, margins=(14, 4, 14, 6)))
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._loading)
        moments().changed.connect(self._show)
        self._show()

    def follow(self, session: ServerSession | None) -> None:
        """Another server, or none."""
        if self._session is not None and self._session is not session:
            self._session.state_changed.disconnect(self._state_changed)
        if session is not None and self._session is not session:
            session.state_changed.connect(self._state_changed)
        self._session = session
        self._state_changed()

    def count(self, shown: int, total: int, filtered: bool) -> None:
        """How many rows there are, told while a filter hides some."""
        self._counts = (shown, total, filtered)
        self._show()

    def set_old(self, old: bool) -> None:
        """Whether the rows are of before: the server is there, and its last list could not be read."""
        if old != self._old:
            self._old = old
            self._state_changed()

    def _state_changed(self) -> None:
        session = self._session
        if session is None or session.recorded or session.usable or not session.catalogue.read:
            self._patience.stop()
            self._take("stale" if session is not None and self._old else "live")
        elif session.state == "connecting":
            self._patience.start()  # until then it stays as it was
        else:
            self._patience.stop()
            self._take("stale")

    def _loading(self) -> None:
        self._take("loading")

    def _take(self, kind: ListKind) -> None:
        other, self.kind = kind != self.kind, kind
        self._show()
        if other:
            self.changed.emit()

    def _lifetimes(self, session: ServerSession) -> list[str]:
        """How long the server says that the lists are good (2026-07-28: `ttlMs`, `cacheScope`)."""
        known = {key: (ttl, scope) for key, ttl, scope in session.catalogue.lists.lifetimes if key in self._keys}
        found = {lifetime_text(ttl, scope): key for key, (ttl, scope) in known.items()}
        return (
            list(filter(None, found))
            if len(found) == 1
            else [f"{key} {words}" for words, key in found.items() if words]
        )

    def _show(self) -> None:
        shown, total, filtered = self._counts
        parts = []
        if self.kind == "stale" and self._session is not None:
            parts.append(f"as of {clock(self._session.catalogue.read_at)[:5]}")
        elif self._session is not None and (lifetimes := self._lifetimes(self._session)):
            parts += [f"as of {clock(self._session.catalogue.read_at)[:5]}", *lifetimes]
        if filtered:
            parts.append(f"{count(shown)} of {count(total)}")
        self.words.setText(" · ".join(parts))
        self.icon.setVisible(self.kind == "stale")
        self.bar.setVisible(self.kind == "loading")
        self.setVisible(bool(parts))
