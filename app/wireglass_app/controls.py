"""Small widgets every view is made of: plain labels, chips, buttons with their key, segments, notices, empty states."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from wireglass_app.buttons import Button, ToolButton, tool_button
from wireglass_app.key_hints import KeyChip, KeyNames, key_names, key_text
from wireglass_app.labels import Chip, Elided, Empty, IconLabel, Label
from wireglass_app.layouts import Pages, column, left_to_right, restyle, row, surface
from wireglass_app.plain import tip
from wireglass_app.theme import set_icon, theme

__all__ = [
    "Badge",
    "Button",
    "Chip",
    "Elided",
    "Empty",
    "Fold",
    "IconField",
    "IconLabel",
    "KeyChip",
    "KeyNames",
    "Label",
    "Notice",
    "Pages",
    "Rule",
    "SearchField",
    "Segments",
    "column",
    "joined",
    "key_names",
    "key_text",
    "left_to_right",
    "paint_badge",
    "restyle",
    "row",
    "surface",
    "tool_button",
]


class Badge(QWidget):
    """A count in a filled pill; hidden at zero. Kinds: human, bad, warn."""

    INK = {"human": "human.text", "bad": "bad.fill", "warn": "warn.text"}

    def __init__(self, kind: str = "human") -> None:
        super().__init__()
        self._count = 0
        self._token = self.INK[kind]
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_count(self, number: int) -> None:
        self._count = number
        self.setAccessibleName(f"{number} waiting" if number else "")
        self.setVisible(number > 0)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        side = theme().px(16)
        return QSize(max(side, metrics.horizontalAdvance(str(self._count)) + 8), side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_badge(painter, self.rect(), str(self._count), self._token)


def paint_badge(painter: QPainter, rect: QRect, text: str, token: str) -> None:
    """Paints a count; also used by delegates."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color(token))
    painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    painter.setPen(theme().color("bg.panel"))
    painter.setFont(theme().font("caption-strong"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


class Segments(QWidget):
    """A few exclusive choices side by side. `chosen` carries the key of the new one."""

    chosen = Signal(str)
    remember_as = ""
    """Set it, and a view remembers what was chosen (`shell.memory`)."""

    def __init__(self, choices: Sequence[tuple[str, str]], name: str, *, pills: bool = False) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        self._pills = pills
        self._layout = row(gap=6 if pills else 0)
        self.setLayout(self._layout)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group.buttonClicked.connect(self._clicked)
        self.set_choices(choices)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Replaces the choices (key, text); keeps the current one if it is still there."""
        if list(self._buttons) != [key for key, _ in choices]:
            self._rebuild(choices)
        for key, text in choices:
            self._buttons[key].setText(text)
            self._buttons[key].setAccessibleName(f"{self.accessibleName()}: {text}")

    def current(self) -> str:
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def set_current(self, key: str) -> None:
        """Checks one choice without a signal."""
        if key in self._buttons:
            self._buttons[key].setChecked(True)

    def button(self, key: str) -> QToolButton:
        return self._buttons[key]

    def kept(self) -> str:
        """What is remembered: another choice than the first."""
        current = self.current()
        return "" if current == next(iter(self._buttons), "") else current

    def restore(self, kept: object) -> None:
        """Chooses what was remembered, as if it had been clicked."""
        if isinstance(kept, str) and kept in self._buttons:
            self._buttons[kept].click()

    @property
    def kept_changed(self) -> SignalInstance:
        """The signal after which `kept` is another."""
        return self.chosen

    def _rebuild(self, choices: Sequence[tuple[str, str]]) -> None:
        current = self.current()
        for button in self._buttons.values():
            self._group.removeButton(button)
            button.deleteLater()
        self._buttons = {}
        for index, (key, _) in enumerate(choices):
            self._buttons[key] = self._make(index, len(choices))
        self.set_current(current if current in self._buttons else next(iter(self._buttons), ""))

    def _make(self, index: int, total: int) -> QToolButton:
        button = ToolButton()
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        if self._pills:
            button.setProperty("pill", "true")
        else:
            place = "only" if total == 1 else "first" if index == 0 else "last" if index == total - 1 else "middle"
            button.setProperty("segment", place)
        self._group.addButton(button)
        self._layout.addWidget(button)
        return button

    def _clicked(self, button: QAbstractButton) -> None:
        self.chosen.emit(next(key for key, mine in self._buttons.items() if mine is button))


def joined(*parts: tuple[str, str, Callable[[], Any]]) -> QWidget:
    """Buttons of one purpose, in one frame: the text of each, its name, and what it does."""
    group = QWidget()
    made: list[QWidget] = []
    for at, (text, name, clicked) in enumerate(parts):
        button = QToolButton()
        button.setText(text)
        button.setAccessibleName(name)
        button.setToolTip(tip(name))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setProperty("segment", "first" if at == 0 else "last" if at == len(parts) - 1 else "middle")
        button.clicked.connect(lambda _checked=False, act=clicked: act())
        made.append(button)
    group.setLayout(row(*made, gap=0))
    group.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return group


class Rule(QFrame):
    """A line. Kinds: true (subtle), strong, vertical."""

    def __init__(self, kind: str = "true") -> None:
        super().__init__()
        self.setProperty("rule", kind)


class Notice(QFrame):
    """A tinted block with a line at its side: what happened, in words. Kinds: ok, warn, bad, info, human."""

    def __init__(self, kind: str, text: str = "", *, icon: str = "", quiet: bool = False) -> None:
        """`quiet` has no line at its side: standing advice, nothing that has happened."""
        super().__init__()
        self.setProperty("notice", kind)
        self.setProperty("quiet", quiet)
        self.text = Label(text, "primary", wrap=True).selectable()
        self.lines = row(margins=(12, 8, 12, 8))
        self._icon = IconLabel(icon, f"{kind}.text") if icon else None
        if self._icon is not None:
            self.lines.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self.lines.addWidget(self.text, 1)
        self.setLayout(self.lines)

    def set_kind(self, kind: str, icon: str) -> None:
        """Another kind, with another icon where it has one."""
        restyle(self, notice=kind)
        if self._icon is not None:
            set_icon(self._icon, icon, f"{kind}.text")


class IconField(QLineEdit):
    """A line edit with an icon painted at its start: decoration, not a button."""

    def __init__(self, icon: str, token: str = "text.secondary") -> None:
        super().__init__()
        self._icon, self._token = icon, token
        self._make_room()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        side = theme().px(16)
        pixmap = theme().pixmap(self._icon, self._token, side, self.devicePixelRatioF())
        painter.drawPixmap(9, (self.height() - side) // 2, pixmap)

    def set_mark(self, icon: str) -> None:
        """Another icon."""
        self._icon = icon
        self.update()

    def _make_room(self) -> None:
        self.setTextMargins(theme().px(16) + 6, 0, 0, 0)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._make_room()


class SearchField(IconField):
    """A filter field with a glass; Esc clears it, then leaves."""

    left = Signal()
    """Esc in an empty field, or Down: the list may take the focus."""
    remember_as = "filter"
    """What is typed is there again after a restart; "" where a search is over when the view is left."""

    def __init__(self, placeholder: str, key: str = "") -> None:
        super().__init__("search")
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self._hint = KeyChip(key) if key else None
        if self._hint is not None:
            self._hint.setParent(self)
            self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self.textChanged.connect(lambda _text: self._show_hint())

    def kept(self) -> str:
        """What is remembered."""
        return self.text()

    def restore(self, kept: object) -> None:
        """Types what was remembered."""
        if isinstance(kept, str):
            self.setText(kept)

    @property
    def kept_changed(self) -> Any:
        """The signal after which `kept` is another."""
        return self.textChanged

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._hint is not None:
            self._hint.adjustSize()
            self._hint.move(self.width() - self._hint.width() - 6, (self.height() - self._hint.height()) // 2)
            self._show_hint()

    def _show_hint(self) -> None:
        """Beside what is typed there is no room for the key, nor where the words would run into it."""
        if self._hint is not None:
            words = self.fontMetrics().horizontalAdvance(self.placeholderText()) + self.textMargins().left() + 20
            self._hint.setVisible(not self.text() and self.width() >= words + self._hint.width())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Down):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class Fold(QWidget):
    """A heading that shows or hides what is below it."""

    toggled = Signal(bool)

    def __init__(self, title: str, body: QWidget, *, opened: bool = True, note: str = "", indent: int = 0) -> None:
        """`indent`: how far the heading stands from an edge that the body reaches."""
        super().__init__()
        self.head = ToolButton()
        self.head.setProperty("fold", "true")
        self.head.setText(title)
        self.head.setAccessibleName(title)
        self.head.setCheckable(True)
        self.head.setChecked(opened)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.head.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.note = Elided(note, "muted", "caption")
        self.body = body
        line = row(self.head, self.note, gap=6, margins=(indent, 0, 0, 0))
        line.setStretch(1, 1)
        self.setLayout(column(line, body, gap=4))
        self.head.toggled.connect(self._toggle)
        self._toggle(opened)

    def _toggle(self, opened: bool) -> None:
        set_icon(self.head, "chevron-down" if opened else "chevron-right", size=12)
        self.body.setVisible(opened)
        self.toggled.emit(opened)
