"""Filters kept under a name: a menu beside the filter field, and the line in which a name is typed."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from wireglass_app.controls import Button, Label, row, surface
from wireglass_app.plain import visible
from wireglass_app.settings import Settings

__all__ = ["HTTP_STANDARD", "STANDARD", "NameBar", "SavedFilters"]

STANDARD = (
    ("Violations", "verdict:fail"),
    ("Tool calls", "method:tools/call"),
    ("Requests that failed", 'status:error or status:"tool error"'),
    ("From the server, unasked", "dir:in kind:notification"),
    ("Slower than 1 s", "dur:>1s"),
)
"""Filters of ours for frames."""
HTTP_STANDARD = (
    ("Refused or unanswered", "status:>=400 or status:none"),
    ("Tool calls", "method:tools/call"),
    ("Event streams", "header:text/event-stream*"),
    ("Larger than 100 KB", "size:>100KB"),
    ("Slower than 1 s", "dur:>1s"),
)
"""And for HTTP requests."""


class SavedFilters(Button):
    """`wanted(text)`: use this filter; `keep`: keep the present one."""

    wanted = Signal(str)
    keep = Signal()

    def __init__(
        self, settings: Settings, key: str = "filters.frames", standard: Sequence[tuple[str, str]] = STANDARD
    ) -> None:
        """`key` is where the settings keep them; `standard` are the names and texts of ours."""
        super().__init__("Saved filters", "ghost", icon="bookmark", name="Saved filters")
        self._settings, self._kept_in, self._standard = settings, key, standard
        self.setProperty("menu", "true")
        menu = QMenu(self)
        menu.aboutToShow.connect(self.fill)
        self.setMenu(menu)

    @property
    def kept(self) -> dict[str, str]:
        """Filters by name, oldest first."""
        found: Any = self._settings.get(self._kept_in, {})
        return {str(name): str(text) for name, text in found.items()}

    def keep_as(self, name: str, text: str) -> None:
        """Keeps a filter; another one of that name goes."""
        others = {key: value for key, value in self.kept.items() if key != name}
        self._settings.set(self._kept_in, others | {name: text})

    def forget(self, name: str) -> None:
        self._settings.set(self._kept_in, {key: value for key, value in self.kept.items() if key != name})

    def fill(self) -> None:
        """The menu as it is now."""
        menu = self.menu()
        menu.clear()
        for name, text in self.kept.items():
            _add(menu, name, text, lambda text=text: self.wanted.emit(text))
        if self.kept:
            menu.addSeparator()
        for name, text in self._standard:
            _add(menu, name, text, lambda text=text: self.wanted.emit(text))
        menu.addSeparator()
        menu.addAction("Keep this filter…", self.keep.emit)
        if self.kept:
            gone = menu.addMenu("Forget")
            for name in self.kept:
                gone.addAction(visible(name, 60).replace("&", "&&"), lambda name=name: self.forget(name))


def _add(menu: QMenu, name: str, text: str, run: Callable[[], None]) -> None:
    menu.addAction(f"{visible(name, 40)}    {visible(text, 60)}".replace("&", "&&"), run)


class NameBar(QWidget):
    """`named(str)` on Enter; Esc leaves."""

    named = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        surface(self, "sunken", "bottom")
        self.field = _Field()
        self.field.setAccessibleName("Name of the filter")
        self.field.returnPressed.connect(self._done)
        self.field.left.connect(self.hide)
        words = Label("Keep this filter as", "secondary", "small")
        words.setBuddy(self.field)
        keep = Button("Keep", clicked=self._done)
        layout = row(words, self.field, keep, Button("Cancel", "ghost", clicked=self.hide), margins=(14, 5, 14, 5))
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.hide()

    def ask(self, suggestion: str) -> None:
        """Shows itself with a name to change."""
        self.show()
        self.field.setText(suggestion)
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _done(self) -> None:
        name = self.field.text().strip()
        if name:
            self.hide()
            self.named.emit(name)


class _Field(QLineEdit):
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
