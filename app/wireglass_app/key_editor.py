"""The keys of every action, each to be changed in place; a key that is taken is refused with the other's name."""

from collections.abc import Iterator
from itertools import islice

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QKeySequenceEdit, QWidget

from wireglass_app.actions import ACTIONS, MENUS, ActionSpec, keys_of
from wireglass_app.controls import Button, Elided, Label, column, row
from wireglass_app.keys import Keys, KeyTaken, KeyTypes
from wireglass_app.settings import Settings
from wireglass_app.theme import theme

__all__ = ["KeyEditor", "KeyLine"]

_AT_ONCE = 8
_NARROW = 620


class KeyEditor(QWidget):
    """One line an action, in the order of the menus. `said(text)` for screen readers."""

    said = Signal(str)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.keys = keys_of(settings)
        self.note = Label("", "bad", "small", wrap=True)
        self.note.hide()
        self._lines: dict[str, KeyLine] = {}
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(0, 1)
        self._rows: list[tuple[int, KeyLine]] = []
        self._narrow = False
        self._making = self._make_lines()
        everything = Button("All keys as they were", clicked=self._reset_all)
        self.setLayout(column(self.note, self._grid, row(everything, None), gap=8))
        settings.changed.connect(self._setting_changed)
        QTimer.singleShot(0, self, self._make_some)

    @property
    def lines(self) -> dict[str, "KeyLine"]:
        """By action; those that are not there yet are made."""
        for _ in self._making:
            pass
        return self._lines

    def _make_some(self) -> None:
        """A few lines in one turn: there are 400 widgets in all."""
        if len(list(islice(self._making, _AT_ONCE))) == _AT_ONCE:
            QTimer.singleShot(0, self, self._make_some)

    def _make_lines(self) -> Iterator[None]:
        at = 0
        for menu in MENUS:
            specs = [spec for spec in ACTIONS if spec.menu == menu]
            if specs:
                self._grid.addWidget(Label(menu, "muted", "small-strong"), at, 0)
                at += 1
            for spec in specs:
                line = self._lines[spec.key] = KeyLine(spec, self.keys)
                line.wanted.connect(self._bind)
                line.reset_wanted.connect(self._reset)
                self._rows.append((at, line))
                self._place(at, line)
                at += 2
                yield

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < theme().px(_NARROW)
        if narrow != self._narrow:
            self._narrow = narrow
            for at, line in self._rows:
                self._place(at, line)

    def minimumSizeHint(self) -> QSize:
        """Of its narrow form: the words and the key above, the buttons below."""
        buttons = max((line.buttons_width for _, line in self._rows), default=0)
        return QSize(buttons + 40, super().minimumSizeHint().height())

    def _place(self, at: int, line: "KeyLine") -> None:
        """The buttons stand beside the key, or below where there is no room."""
        below = 1 if self._narrow else 0
        self._grid.addWidget(line.label, at, 0)
        for key in (line.shown, line.edit):
            self._grid.addWidget(key, at, 1, 1, 4 if self._narrow else 1)
        for place, button in enumerate((line.change, line.clear, line.back)):
            self._grid.addWidget(button, at + below, 2 + place)

    def filter(self, text: str) -> None:
        """Keeps the lines whose words or keys hold the text."""
        for line in self.lines.values():
            line.set_shown(text.lower() in line.words.lower())

    def _bind(self, action: str, keys: list[str]) -> None:
        try:
            self.keys.bind(action, keys)
        except (KeyTaken, KeyTypes) as taken:
            self._say(str(taken), bad=True)
            return
        words = self.lines[action].label.whole()
        self._say(f"“{words}” now has {', '.join(keys)}." if keys else f"“{words}” has no key now.")
        self._show()

    def _reset(self, action: str) -> None:
        try:
            self.keys.reset(action)
        except KeyTaken as taken:
            self._say(str(taken), bad=True)
            return
        self._say(f"“{self.lines[action].label.whole()}” has its own key again.")
        self._show()

    def _reset_all(self) -> None:
        self.keys.reset_all()
        self._say("Every action has its own key again.")
        self._show()

    def _say(self, text: str, *, bad: bool = False) -> None:
        self.note.setText(text)
        self.note.set_tone("bad" if bad else "ok")
        self.note.show()
        self.said.emit(text)

    def _setting_changed(self, name: str) -> None:
        if name == Keys.SETTING:
            self._show()

    def _show(self) -> None:
        for line in self._lines.values():
            line.show_keys()


class KeyLine(QObject):
    """The widgets of one action: words, keys, and the field that takes the place of the keys while it listens."""

    wanted = Signal(str, list)
    reset_wanted = Signal(str)

    def __init__(self, spec: ActionSpec, keys: Keys) -> None:
        super().__init__()
        self._spec, self._keys = spec, keys
        self.label = Elided(spec.text, "secondary")
        self.shown = Label("", type="mono")
        self.edit = QKeySequenceEdit()
        self.edit.setAccessibleName(f"New key of {spec.text}")
        self.edit.setMaximumSequenceLength(1)
        self.edit.setFixedWidth(theme().px(150))
        self.edit.keySequenceChanged.connect(self._typed)
        self.edit.installEventFilter(self)
        self.edit.hide()
        self.change = Button("Change", "ghost", name=f"Change the key of {spec.text}", clicked=self._listen)
        self.clear = Button("No key", "ghost", name=f"Take the key from {spec.text}")
        self.clear.clicked.connect(lambda: self.wanted.emit(spec.key, []))
        self.back = Button("Reset", "ghost", name=f"Give {spec.text} its own key again")
        self.back.clicked.connect(lambda: self.reset_wanted.emit(spec.key))
        self.show_keys()

    @property
    def buttons_width(self) -> int:
        return sum(one.sizeHint().width() + 12 for one in (self.change, self.clear, self.back))

    @property
    def words(self) -> str:
        return f"{self._spec.text} {self._spec.menu} {self.shown.text()}"

    def show_keys(self) -> None:
        keys = self._keys.of(self._spec.key)
        native = QKeySequence.SequenceFormat.NativeText
        self.shown.setText("  or  ".join(QKeySequence(key).toString(native) for key in keys) or "—")
        self.back.setEnabled(self._keys.is_changed(self._spec.key))
        self.clear.setEnabled(bool(keys))

    def set_shown(self, shown: bool) -> None:
        listening = shown and not self.edit.isHidden()
        for widget in (self.label, self.change, self.clear, self.back):
            widget.setVisible(shown)
        self.shown.setVisible(shown and not listening)
        self.edit.setVisible(listening)

    def _listen(self) -> None:
        self.edit.clear()
        self.shown.hide()
        self.edit.show()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _typed(self, sequence: QKeySequence) -> None:
        if not sequence.isEmpty():
            self._done()
            self.wanted.emit(self._spec.key, [sequence.toString(QKeySequence.SequenceFormat.PortableText)])

    def _done(self) -> None:
        self.edit.hide()
        self.shown.show()
        self.change.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc and Tab leave; anything else is the key, also one that an action has now: it is refused by name."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Backtab) and not event.modifiers():
                self._done()
                return True
        elif event.type() == QEvent.Type.FocusOut and not self.edit.isHidden():
            self.edit.hide()
            self.shown.show()
        return False
