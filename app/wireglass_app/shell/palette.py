"""The command palette: one field over tools, resources, prompts, calls, frames, servers, views, settings and commands.

A frameless child of the window, not a window of its own, so that it works on Wayland. Prefixes: `>` commands, `@`
servers, `#` tools, `:` resources and prompts. Enter opens, Ctrl+Enter runs; what was used last stands first.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from wireglass_app import motion
from wireglass_app.actions import Actions
from wireglass_app.calls import PANEL_OF
from wireglass_app.controls import IconField, column, key_text, surface
from wireglass_app.dossier.words import verdict
from wireglass_app.models.frame_words import message_text
from wireglass_app.models.rows import ROW, RowsModel
from wireglass_app.panels.base import PanelSpec
from wireglass_app.payloads.json_text import compact
from wireglass_app.plain import visible
from wireglass_app.preferences.index import SETTINGS
from wireglass_app.server_session import ServerSession
from wireglass_app.settings import Settings
from wireglass_app.theme import theme
from wireglass_app.workbench import Workbench

__all__ = ["Entry", "Palette", "score"]

_SHOWN = 60
_BONUS = 500
_CALLS = 300
_RECENT = "palette.recent"
_RECENT_KEPT = 30
_PREFIXES = {">": ("command", "view", "setting"), "@": ("server",), "#": ("tool",), ":": ("resource", "prompt")}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to go to or to do."""

    kind: str
    text: str
    detail: str
    icon: str
    run: Callable[[], Any]
    key: str = ""
    start: Callable[[], Any] | None = None
    """Ctrl+Enter: opens and runs; None when there is nothing to run."""

    @property
    def id(self) -> str:
        """Names it among those used last."""
        return f"{self.kind}:{self.text}"


def score(wanted: str, text: str) -> int | None:
    """How well the letters of `wanted` appear in order in `text`; starts of words count more. None: not at all."""
    total, at, last = 0, 0, -2
    low = text.lower()
    for letter in wanted.lower():
        if letter.isspace():
            continue
        found = low.find(letter, at)
        if found < 0:
            return None
        start = found == 0 or not text[found - 1].isalnum() or (text[found].isupper() and text[found - 1].islower())
        total += 8 if start else 4 if found == last + 1 else 1
        at, last = found + 1, found
    return total * 100 - len(text)


class Palette(QFrame):
    """Opens over the window, closes on Esc or on loss of focus, and gives the focus back."""

    def __init__(
        self,
        window: QWidget,
        actions: Actions,
        workbench: Workbench,
        specs: Sequence[PanelSpec],
        go: Callable[..., None],
        settings: Settings,
    ) -> None:
        super().__init__(window)
        surface(self, "popup")
        self.setAccessibleName("Command palette")
        self._window = window
        self._before: QWidget | None = window.focusWidget()
        self._settings, self._go = settings, go
        self._workbench = workbench
        recent = {id: -at for at, id in enumerate(reversed(settings.get(_RECENT, [])))}
        found = list(_entries(actions, workbench, specs, go))
        found.sort(key=lambda entry: (entry.id not in recent, -recent.get(entry.id, 0)))  # stable: the rest as it was
        self._entries = found
        self._recent = recent.keys()
        self.field = IconField("search")
        self.field.setPlaceholderText("Go to a tool, server, call or command")
        self.field.setAccessibleName("Go to")
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._filter)
        self._model: RowsModel[Entry] = RowsModel(lambda one: f"{one.text}, {one.kind}, {one.detail}", parent=self)
        self.list = QListView()
        self.list.setAccessibleName("Matches")
        self.list.setModel(self._model)
        self.list.setItemDelegate(PaletteDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.clicked.connect(lambda index: self._run(index))
        self.setLayout(column(self.field, self.list, gap=8, margins=(10, 10, 10, 10)))

    def open_with(self, prefix: str) -> None:
        """Shows it, centred below the header."""
        window = self._window
        width = min(theme().px(560), window.width() - 40)
        self.setGeometry((window.width() - width) // 2, 50, width, min(theme().px(440), window.height() - 80))
        self.field.setText(prefix)
        self._filter(prefix)
        self.show()
        self.raise_()
        motion.fade_in(self)
        self.field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self._close(back=False)
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # Ctrl+Enter is the palette's while it is open
                event.accept()
                return True
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self._close(back=True)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8}.get(Qt.Key(key), -8)
            row = min(self._model.rowCount() - 1, max(0, self.list.currentIndex().row() + step))
            self.list.setCurrentIndex(self._model.index(row))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._run(self.list.currentIndex(), start=control)
        else:
            return False
        return True

    def _filter(self, text: str) -> None:
        kinds = _PREFIXES.get(text[:1])
        wanted = text[1:] if kinds else text
        shown = [entry for entry in self._entries if kinds is None or entry.kind in kinds]
        if wanted.strip():
            ranked = [
                (points + (_BONUS if entry.id in self._recent else 0), -number)
                for number, entry in enumerate(shown)
                if (points := score(wanted, entry.text)) is not None
            ]
            best = heapq.nlargest(_SHOWN, ranked)
            shown = [*self._frame(wanted), *(shown[-number] for _, number in best)]
        self._model.replace(shown[:_SHOWN])
        if self._model.rowCount():
            self.list.setCurrentIndex(self._model.index(0))

    def _frame(self, wanted: str) -> list[Entry]:
        """A number is also the number of a frame."""
        number = int(wanted) if wanted.strip().isdigit() and len(wanted) < 12 else -1
        try:
            entry = self._workbench.ledger.entry(number) if number >= 0 else None
        except LookupError:
            return []
        if entry is None:
            return []
        return [
            Entry(
                "frame", f"{number} {message_text(entry)}", "frame", "swap", lambda: self._go("frames", seq=entry.seq)
            )
        ]

    def _run(self, index: QModelIndex, *, start: bool = False) -> None:
        entry: Entry | None = index.data(ROW) if index.isValid() else None
        self._close(back=True)
        if entry is None:
            return
        if entry.kind != "frame":
            others = [id for id in self._settings.get(_RECENT, []) if id != entry.id]
            self._settings.set(_RECENT, [*others, entry.id][-_RECENT_KEPT:])
        (entry.start if start and entry.start is not None else entry.run)()

    def _close(self, *, back: bool) -> None:
        self.field.removeEventFilter(self)
        self.hide()
        if back and self._before is not None:
            self._before.setFocus()
        self.deleteLater()


def _entries(
    actions: Actions, workbench: Workbench, specs: Sequence[PanelSpec], go: Callable[..., None]
) -> Iterator[Entry]:
    current = workbench.current
    for session in sorted(workbench.sessions, key=lambda one: one is not current):
        yield from _offered(session, actions, go)
    for session in workbench.sessions:
        yield Entry(
            "server", visible(session.name), session.target.summary, "plug", lambda s=session: go("tools", session=s)
        )
    for spec in specs:
        if spec.group != "hidden" and (spec.group != "server" or current is not None):
            yield Entry("view", spec.title, "View", spec.icon, lambda k=spec.key: go(k))
    for session in workbench.sessions:
        for call in reversed(session.calls[-_CALLS:]):
            panel = PANEL_OF.get(call.method)
            if panel is not None:
                words = f"{visible(call.name, 80)} run {call.number} {visible(compact(call.params), 80)}"
                detail = f"{visible(session.name, 40)} · {verdict(call).title}"
                show = lambda p=panel, s=session, c=call: go(p, session=s, call=c)  # noqa: E731 (bound in the loop)
                again = lambda show=show: (show(), actions.trigger("repeat"))  # noqa: E731
                yield Entry("call", words, detail, "history", show, start=again)
    for fact in SETTINGS:
        text = f"Settings: {fact.title}"
        yield Entry("setting", text, fact.words, "settings", lambda s=fact.key: go("settings", section=s))
    for key, spec in actions.specs.items():
        if key != "palette":
            icon = spec.icon if spec.icon != "wireglass" else "box"
            yield Entry("command", spec.text, spec.menu, icon, lambda k=key: actions.trigger(k), spec.shortcut)


def _offered(session: ServerSession, actions: Actions, go: Callable[..., None]) -> Iterator[Entry]:
    server, lists = visible(session.name, 40), session.catalogue
    for panel, kind, icon, items, key in (
        ("tools", "tool", "tools", lists.tools, "name"),
        ("resources", "resource", "file", (*lists.resources, *lists.templates), "uri"),
        ("prompts", "prompt", "prompt", lists.prompts, "name"),
    ):
        for item in items:
            name = str(item.get(key) or item.get("uriTemplate") or "")
            show = lambda p=panel, n=name: go(p, session=session, name=n)  # noqa: E731 (bound in the loop)
            start = lambda show=show: (show(), actions.trigger("run"))  # noqa: E731
            yield Entry(kind, visible(name), server, icon, show, start=start)


class PaletteDelegate(QStyledItemDelegate):
    """Icon, text, what it is, key."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, theme().row(30))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry: Entry = index.data(ROW)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("bg.selected"))
            painter.drawRoundedRect(option.rect, 5, 5)
        if entry.icon:
            pixmap = theme().pixmap(entry.icon, "text.secondary", 16, painter.device().devicePixelRatioF())
            painter.drawPixmap(option.rect.left() + 8, option.rect.center().y() - 7, pixmap)
        self._texts(painter, option, entry)
        painter.restore()

    def _texts(self, painter: QPainter, option: QStyleOptionViewItem, entry: Entry) -> None:
        right = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        box = option.rect.adjusted(32, 0, -10, 0)
        shortcut = key_text(entry.key) if entry.key else ""
        note = "  ".join(part for part in (visible(entry.detail, 60), shortcut) if part)
        painter.setFont(theme().font("caption"))
        painter.setPen(QPen(theme().color("text.muted")))
        painter.drawText(box, right, note)
        room = box.width() - painter.fontMetrics().horizontalAdvance(note) - 12
        mono = entry.kind in ("tool", "resource", "prompt")
        painter.setFont(theme().font("mono" if mono else "body"))
        painter.setPen(theme().color("text.primary"))
        text = painter.fontMetrics().elidedText(entry.text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
