"""The command palette: one field over everything that can be gone to or done, found by letters in their order.

A frameless child of the window, not a window of its own, so that it works on Wayland. Enter opens, Ctrl+Enter runs;
what was used last stands first. Tab keeps to the current server, or goes back to all.
"""

import heapq
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QListView, QWidget
from shiboken6 import isValid

from wireglass_app import motion
from wireglass_app.actions import Actions
from wireglass_app.controls import Button, Chip, IconField, Label, Rule, column, left_to_right, row, surface
from wireglass_app.models.rows import ROW, RowsModel
from wireglass_app.panels.base import PanelSpec
from wireglass_app.plain import count, visible
from wireglass_app.settings import Settings
from wireglass_app.shell.palette_entries import GROUPS, PREFIXES, Entry, entries, frames, score
from wireglass_app.shell.palette_rows import Heading, PaletteDelegate
from wireglass_app.theme import theme
from wireglass_app.workbench import Workbench

__all__ = ["Palette"]

_SHOWN = 60
_BONUS = 500
_RECENT = "palette.recent"
_RECENT_KEPT = 30
_RECENT_SHOWN = 8
_WIDE, _TALL, _TOP = 660, 524, 54
_VEILED = 0.55
"""How much of the window the veil takes away."""
_HINTS = ((">", "commands"), ("@", "tools"), ("#", "frames"), (":", "servers"))


class Palette(QFrame):
    """Opens over the window, closes on Esc or on loss of focus, and gives the focus back."""

    marked = Signal(str)
    """What Enter would open now, in words: the focus stays in the field, so that screen readers hear it only so."""

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
        found = list(entries(actions, workbench, specs, go))
        if recent:
            used = [entry for entry in found if entry.id in recent]
            used.sort(key=lambda entry: -recent[entry.id])
            found = used + [entry for entry in found if entry.id not in recent]
        self._entries = found
        self._recent = recent.keys()
        self._veil = _Veil(window)
        self.field = IconField("search", "accent.text")
        self.field.setProperty("plain", "large")  # the popup frames it, and nothing else in it takes the focus
        self.field.setPlaceholderText("Go to a tool, server, call or command")
        self.field.setAccessibleName("Go to")
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._filter)
        self._only: object = None
        """The server that is kept to."""
        self.scope = Button("All servers", name="All servers: keep to the current one with Tab", clicked=self._narrow)
        self.scope.setProperty("type", "caption")
        self.scope.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._model: RowsModel[Entry | Heading] = RowsModel(
            _spoken, selectable=lambda one: isinstance(one, Entry), parent=self
        )
        self.list = QListView()
        self.list.setAccessibleName("Matches")
        self.list.setProperty("surface", "raised")
        self.list.setModel(self._model)
        left_to_right(self.list)
        self._delegate = PaletteDelegate(self.list)
        self.list.setItemDelegate(self._delegate)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(lambda index: self._run(index))
        top = row(self.field, self.scope, Chip("Esc", "key"), gap=8, margins=(6, 5, 14, 5))
        self.setLayout(
            column(top, Rule("strong"), self.list, Rule("strong"), self._foot(), gap=0, margins=(1, 1, 1, 1))
        )
        self.scope.setVisible(len(workbench.sessions) > 1)  # now that it has a parent: else it is a window for a moment

    def _foot(self) -> QWidget:
        foot = QWidget()
        self._start = Label("Start with", "muted", "caption")
        parts: list[QWidget | None] = [self._start]
        for key, words in _HINTS:
            parts += [Chip(key, "key"), Label(words, "secondary", "caption")]
        self.counted = Label("", "muted", "caption")
        foot.setLayout(row(*parts, None, self.counted, gap=6, margins=(14, 7, 14, 7)))
        self._hints = foot
        return foot

    def open_with(self, prefix: str) -> None:
        """Shows it, centred below the header."""
        window = self._window
        width = min(theme().px(_WIDE), window.width() - 40)
        top = theme().px(_TOP)
        tall = min(theme().px(_TALL), window.height() - top - 36)
        self.setGeometry((window.width() - width) // 2, top, width, tall)
        self.field.setText(prefix)
        self._filter(prefix)
        for extra in (self._start, self.counted):  # large text in a narrow window: what can be spared goes
            extra.setVisible(self._hints.sizeHint().width() <= width - 20)
        self._veil.cover()
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
        elif key == Qt.Key.Key_Tab and not event.modifiers():
            self._narrow()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            self._step({Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8}.get(Qt.Key(key), -8))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._run(self.list.currentIndex(), start=control)
        else:
            return False
        return True

    def _step(self, by: int) -> None:
        """Over headings, and no farther than the ends."""
        rows = self._model.rows
        at = min(len(rows) - 1, max(0, self.list.currentIndex().row() + by))
        onward = 1 if by > 0 else -1
        while 0 <= at < len(rows) and isinstance(rows[at], Heading):
            at += onward
        if 0 <= at < len(rows):
            self.list.setCurrentIndex(self._model.index(at))
            self._say_marked()

    def _say_marked(self) -> None:
        index = self.list.currentIndex()
        words = index.data(Qt.ItemDataRole.AccessibleTextRole) if index.isValid() else self._model.rows[0].text
        self.field.setAccessibleDescription(words)
        self.marked.emit(words)

    def _narrow(self) -> None:
        current = self._workbench.current
        self._only = None if self._only is not None else current
        self.scope.setText("All servers" if self._only is None or current is None else visible(current.name, 30))
        self._filter(self.field.text())

    def _filter(self, text: str) -> None:
        kinds = PREFIXES.get(text[:1])
        wanted = text[1:] if kinds else text
        self._delegate.wanted = wanted
        among = [
            entry
            for entry in self._entries
            if (kinds is None or entry.kind in kinds)
            and (self._only is None or entry.session is None or entry.session is self._only)
        ]
        found = [] if kinds and "frame" not in kinds else self._frames(wanted, searched=kinds is not None)
        ranked = self._ranked(among, wanted)
        first = wanted.strip().isdigit()  # a number means a frame; else frames are the least likely to be meant
        rest = ranked[: _SHOWN - len(found)]
        self._show([*found, *rest] if first else [*rest, *found], wanted, len(among))

    def _frames(self, wanted: str, *, searched: bool) -> list[Entry]:
        found = frames(self._workbench, wanted, self._go, all_of_them=searched)
        return found if searched else found[:4]

    def _ranked(self, among: list[Entry], wanted: str) -> list[Entry]:
        if not wanted.strip():
            return among[:_SHOWN]
        points = [
            (found + (_BONUS if entry.id in self._recent else 0), -number)
            for number, entry in enumerate(among)
            if (found := score(wanted, entry.text)) is not None
        ]
        return [among[-number] for _, number in heapq.nlargest(_SHOWN, points)]

    def _show(self, found: list[Entry], wanted: str, total: int) -> None:
        """In groups, in the order of their best entries; while nothing is typed, what was used last comes first."""
        groups: dict[str, list[Entry]] = {}
        for at, entry in enumerate(found[:_SHOWN]):
            recent = not wanted.strip() and entry.id in self._recent and at < _RECENT_SHOWN
            groups.setdefault("Used last" if recent else GROUPS[entry.kind], []).append(entry)
        rows: list[Entry | Heading] = []
        for title, members in groups.items():
            rows += [Heading(title), *members]
        if not rows:
            rows.append(Heading(f"Nothing matches “{visible(wanted.strip(), 60)}”. Fewer letters find more."))
        self._model.replace(rows)
        self.counted.setText(f"{count(min(len(found), _SHOWN))} of {count(total)}")
        if found:
            self.list.setCurrentIndex(self._model.index(1))
            self.list.scrollToTop()
        self._say_marked()

    def _run(self, index: QModelIndex, *, start: bool = False) -> None:
        entry = index.data(ROW) if index.isValid() else None
        if isinstance(entry, Heading):
            return
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
        self._veil.hide()
        self._veil.deleteLater()
        if back and self._before is not None and isValid(self._before):
            self._before.setFocus()
        self.deleteLater()


class _Veil(QWidget):
    """Lies over the window while the palette is open, so that the eye stays with the palette. A click goes through."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._over = window
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self) -> None:
        self.setGeometry(self._over.rect())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        ink = QColor(theme().color("bg.window"))
        ink.setAlphaF(_VEILED)
        QPainter(self).fillRect(self.rect(), ink)


def _spoken(one: Entry | Heading) -> str:
    if isinstance(one, Heading):
        return one.text
    return ", ".join(part for part in (one.text, one.kind, one.detail) if part)
