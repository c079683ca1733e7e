"""What is wrong with the entries of all hosts: the first two findings with one action each, the rest in a menu."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from wireglass.targets.check import EntryWarning
from wireglass_app.configs.words import menu_button, word_parts, words
from wireglass_app.controls import Button, IconLabel, Label, row, surface
from wireglass_app.layouts import clear
from wireglass_app.plain import tip

__all__ = ["WarningsBar"]

_SHOWN = 2


class WarningsBar(QWidget):
    """`acted(EntryWarning)` when its action is wanted, `chosen(EntryWarning)` when it is only to be shown."""

    acted = Signal(object)
    chosen = Signal(object)

    def __init__(self, action: Callable[[EntryWarning], str]) -> None:
        super().__init__()
        self._action = action
        self._rest: tuple[EntryWarning, ...] = ()
        self._shown: list[tuple[EntryWarning, str]] = []
        self._line = row(gap=8, margins=(14, 8, 14, 8))
        self.setLayout(self._line)
        surface(self, "panel")

    def show_warnings(self, warnings: Sequence[EntryWarning]) -> None:
        """Other findings. The ones that stay keep their widgets, and so the focus."""
        first = [(one, self._action(one)) for one in warnings[:_SHOWN]]
        rest = tuple(warnings[_SHOWN:])
        if first != self._shown or rest != self._rest:
            self._shown, self._rest = first, rest
            self._rebuild()
        self.setVisible(bool(warnings))

    def _rebuild(self) -> None:
        clear(self._line)
        for warning, action in self._shown:
            self._line.addWidget(self._notice(warning, action), 1)
        if self._rest:
            self._line.addWidget(menu_button(f"{len(self._rest)} more", self._fill, kind="ghost"))

    def _notice(self, warning: EntryWarning, action: str) -> QWidget:
        """Whose it is stands out; what is wrong takes the room that is left, and as many lines as it needs."""
        bad = warning.level == "error"
        mark = IconLabel("cross-circle" if bad else "warning", "bad.text" if bad else "warn.text")
        whose, rest = word_parts(warning)
        text = Label(rest.lstrip(), wrap=True).selectable()
        text.setToolTip(tip(warning.next_step))
        name = f"{action} {warning.server}".strip()
        act = Button(action, "link", name=name, clicked=lambda: self.acted.emit(warning))
        notice = surface(QWidget(), "bad" if bad else "warn")
        notice.setAccessibleName(words(warning))
        line = row(mark, Label(whose, type="strong"), text, act, gap=6, margins=(10, 3, 10, 3))
        line.setStretch(2, 1)
        notice.setLayout(line)
        return notice

    def _fill(self, menu: QMenu) -> None:
        for warning in self._rest:
            menu.addAction(words(warning).replace("&", "&&"), lambda w=warning: self.chosen.emit(w))
