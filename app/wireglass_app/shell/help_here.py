"""Help here: beside the work, never over the focus. It follows the view that is shown, until F1 or Esc closes it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from wireglass_app.actions import Actions
from wireglass_app.controls import Button, Chip, Label, column, key_names, key_text, row, surface
from wireglass_app.layouts import scrolling
from wireglass_app.shell.help_words import HELP, Help
from wireglass_app.theme import theme

__all__ = ["HelpHere"]

_WIDE = 360
_BELOW_HEADER = 54
_MARGIN = 14


class HelpHere(QFrame):
    """A child of the window, in its upper right corner; takes no focus when it opens."""

    def __init__(self, window: QWidget, actions: Actions) -> None:
        super().__init__(window)
        self._actions = actions
        self._shown = ("", "")
        surface(self, "popup")
        self.setAccessibleName("Help here")
        self.title = Label("", type="title", wrap=True)
        self.words = Label("", "secondary", wrap=True).selectable()
        self.words.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._keys = QWidget()
        body = surface(QWidget(), "raised")
        body.setLayout(column(self.words, self._keys, None, gap=12, margins=(0, 0, 8, 0)))
        self._body = body
        self._area = scrolling(body, sideways=False)
        self.close_button = Button("Close", key="F1", name="Close help", clicked=self.hide)
        every = Button("All keys", "link", clicked=lambda: actions.trigger("keys"))
        foot = row(every, None, self.close_button)
        self.setLayout(column(self.title, self._area, foot, gap=10, margins=(16, 14, 8, 12)))
        self.hide()
        key_names().changed.connect(self._refill)
        theme().changed.connect(self.place)

    def show_view(self, key: str, title: str) -> str:
        """Help on a view; returns its words, for screen readers."""
        self._shown = (key, title)
        help = HELP.get(key, Help("There is no help on this view yet."))
        self.title.setText(title)
        self.words.setText(help.words)
        self.words.setAccessibleName(f"Help on {title}: {help.words}")
        self._refill()
        return f"{title}. {help.words}"

    def _refill(self) -> None:
        help = HELP.get(self._shown[0], Help(""))
        fresh = QWidget()
        grid = QGridLayout(fresh)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for at, (key, text) in enumerate(self._lines(help)):
            grid.addWidget(Chip(key, "key"), at, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(Label(text, wrap=True), at, 1)
        old = self._body.layout()
        if old is not None:
            old.replaceWidget(self._keys, fresh)
        self._keys.hide()
        self._keys.deleteLater()
        self._keys = fresh
        self.place()

    def _lines(self, help: Help) -> list[tuple[str, str]]:
        """Actions with the keys they have now, then the keys of the view itself."""
        found: list[tuple[str, str]] = []
        for action in help.actions:
            keys = self._actions.keys.of(action)
            found.append((key_text(keys[0]) if keys else "no key", self._actions.specs[action].text))
        return found + list(help.also)

    def place(self) -> None:
        """In its corner, as tall as it needs and the window allows."""
        window = self.parentWidget()
        if window is None:
            return
        width = min(theme().px(_WIDE), window.width() - 2 * _MARGIN)
        room = window.height() - theme().px(_BELOW_HEADER) - 110
        inner = width - 34
        layout = self._body.layout()
        needed = layout.heightForWidth(inner) if layout is not None and layout.hasHeightForWidth() else 300
        tall = self.title.heightForWidth(inner) + needed + self.close_button.sizeHint().height() + 50
        left = window.width() - width - _MARGIN
        if window.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            left = _MARGIN
        self.setGeometry(left, theme().px(_BELOW_HEADER), width, max(160, min(tall, room)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)
