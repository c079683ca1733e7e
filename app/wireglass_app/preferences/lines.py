"""What the Settings page is made of: groups of cards of lines, each of which can be found by its words."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QSizePolicy, QVBoxLayout, QWidget

from wireglass_app.controls import Button, Label, Rule, column, row, surface
from wireglass_app.layouts import clear
from wireglass_app.preferences.index import SETTINGS
from wireglass_app.theme import theme

__all__ = ["Card", "Group", "Line", "Stack"]

_TITLE_WIDE = 170
_NARROW = 600
"""Below this width (pixels of the design) there is no room beside a title."""


class Line(QWidget):
    """The title of a setting, what sets it, and a sentence about it. Large ones stand below their title."""

    def __init__(self, key: str, *controls: QWidget | None, note: str = "", below: bool = False) -> None:
        """`key` is one of `index.SETTINGS`; None among `controls` takes the room that is left."""
        super().__init__()
        self.fact = next(fact for fact in SETTINGS if fact.key == key)
        self.title = Label(self.fact.title, "secondary", "medium" if below else "body")
        self.note = Label(note, "muted", "small", wrap=True)
        first = next((one for one in controls if one is not None), None)
        if first is not None:
            self.title.setBuddy(first)
            if note and not first.accessibleDescription():
                first.setAccessibleDescription(note)
        self.main = first
        self._words = row(*(controls if not below else ()), None, gap=8)
        self.setLayout(self._below(controls) if below else self._beside())
        self.note.setHidden(not note)  # shown before it has a parent it would be a window of its own
        theme().changed.connect(self._sized)
        self._sized()

    def _beside(self) -> QBoxLayout:
        layout = row(self.title, column(self._words, self.note, gap=2), gap=12)
        layout.setAlignment(self.title, Qt.AlignmentFlag.AlignTop)
        layout.setStretch(1, 1)
        self._beside_title = True
        return layout

    def _below(self, controls: Sequence[QWidget | None]) -> QBoxLayout:
        self._beside_title = False
        return column(self.title, self.note, *(one for one in controls if one is not None), gap=6)

    def _sized(self) -> None:
        layout = self.layout()
        if not self._beside_title or not isinstance(layout, QBoxLayout):
            return
        narrow = self.width() < theme().px(_NARROW)
        layout.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self.title.setFixedWidth(theme().px(_TITLE_WIDE * (2 if narrow else 1)))
        self.title.setMinimumHeight(0 if narrow else theme().row(28))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._sized()

    def minimumSizeHint(self) -> QSize:
        """As narrow as its controls let it be, for the title can stand above them."""
        least = super().minimumSizeHint()
        return QSize(self._words.minimumSize().width(), least.height()) if self._beside_title else least

    def matches(self, text: str) -> bool:
        """Whether someone who looks for `text` means this line."""
        shown = " ".join(label.text() for label in self.findChildren(Label))
        shown += " ".join(button.text() for button in self.findChildren(Button))
        return text.lower() in f"{self.fact.title} {self.fact.words} {shown}".lower()

    def focus(self) -> None:
        """The first control, or the first in it, takes the focus."""
        candidates = [self.main, *(self.main.findChildren(QWidget) if self.main is not None else ())]
        for one in candidates:
            if one is not None and one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus:
                one.setFocus(Qt.FocusReason.OtherFocusReason)
                return


class Card(QFrame):
    """Lines with a thin rule between them."""

    def __init__(self, *lines: Line) -> None:
        super().__init__()
        surface(self, "card")
        self.lines = lines
        self._rules = [Rule() for _ in lines[1:]]
        layout = column(gap=10, margins=(16, 12, 16, 12))
        for at, line in enumerate(lines):
            if at:
                layout.addWidget(self._rules[at - 1])
            layout.addWidget(line)
        self.setLayout(layout)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def filter(self, text: str) -> int:
        """Shows the lines that match; returns how many do."""
        shown = [not text or line.matches(text) for line in self.lines]
        for line, on in zip(self.lines, shown, strict=True):
            line.setVisible(on)
        for at, rule in enumerate(self._rules):
            rule.setVisible(shown[at + 1] and any(shown[: at + 1]))
        self.setVisible(any(shown))
        return sum(shown)


class Group(QWidget):
    """A heading over cards."""

    def __init__(self, key: str, title: str, *cards: Card) -> None:
        super().__init__()
        self.key, self.title, self.cards = key, title, cards
        self.setAccessibleName(title)
        self.setLayout(column(Label(title, type="title"), *cards, gap=8))

    @property
    def lines(self) -> list[Line]:
        return [line for card in self.cards for line in card.lines]

    def filter(self, text: str) -> int:
        """Shows what matches, all of it when the heading does; returns how many lines are left."""
        whole = bool(text) and text.lower() in self.title.lower()
        found = sum(card.filter("" if whole else text) for card in self.cards)
        self.setVisible(found > 0)
        return found


class Stack(QWidget):
    """Widgets below each other that are made anew from time to time."""

    def __init__(self, gap: int = 6) -> None:
        super().__init__()
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(gap)

    def fill(self, widgets: Sequence[QWidget]) -> None:
        """These in place of the ones before."""
        clear(self._lines)
        for widget in widgets:
            self._lines.addWidget(widget)
            if self.isVisible():
                widget.show()  # now, not in the next turn of the loop: one of them may be given the focus
