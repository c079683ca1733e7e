"""Buttons: with words and the key that does the same, or with an icon alone."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyle, QStyleOptionButton, QStylePainter, QToolButton

from wireglass_app.key_hints import key_names, key_text
from wireglass_app.layouts import as_written, unmarked
from wireglass_app.plain import tip
from wireglass_app.theme import set_icon, theme

__all__ = ["Button", "ToolButton", "tool_button"]

_LONG_AGO_MS = 10**9


def _follows(event: QMouseEvent, pressed_ms: int) -> bool:
    """Whether the first half of a double-click was for the same button, pressed at `pressed_ms`, too: what has only
    just come below the pointer, as Stop does where Run stood, was not meant."""
    return event.timestamp() - pressed_ms <= QGuiApplication.styleHints().mouseDoubleClickInterval()


class Button(QPushButton):
    """A push button that shows its key in a small frame. Kinds: "", primary, destroy, ghost, link."""

    def __init__(
        self,
        text: str,
        kind: str = "",
        *,
        icon: str = "",
        key: str = "",
        name: str = "",
        large: bool = False,
        clicked: Callable[[], Any] | None = None,
    ) -> None:
        self._has_icon = bool(icon)
        super().__init__()
        self.setText(text)
        self._key = ""
        self._default_key = ""
        self._pressed_ms = -_LONG_AGO_MS
        self.setProperty("kind", kind)
        if large:
            self.setProperty("large", "true")  # not "size": every widget has one of its own
        self.setAutoDefault(False)
        self.setAccessibleName(name or text)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        if icon:
            ink = {"primary": "accent.on", "destroy": "bad.on", "link": "accent.text"}.get(kind, "text.primary")
            set_icon(self, icon, ink)
        self.set_key(key)
        if clicked is not None:
            self.clicked.connect(lambda: clicked())

    def setText(self, text: str) -> None:
        """Plain text; the style leaves too little room between icon and text."""
        super().setText(as_written((" " if self._has_icon else "") + text.replace("&", "&&")))

    def text(self) -> str:
        return unmarked(super().text())

    def set_key(self, key: str) -> None:
        """Shows a key of the action table; it does not bind it."""
        if key and not self._default_key:
            key_names().changed.connect(self._keys_changed)
        self._default_key = key
        self._keys_changed()

    def _keys_changed(self) -> None:
        key = self._default_key
        self._key = key_text(key) if key else ""
        self.setAccessibleDescription(f"Key: {QKeySequence(key_names().now(key)).toString()}" if self._key else "")
        self.updateGeometry()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus, as Space does: without this it does nothing in the window, and
        in a dialog it would press the default button instead of the one that looks chosen."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            if not event.isAutoRepeat():
                self.click()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_ms = event.timestamp()
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if _follows(event, self._pressed_ms):
            super().mouseDoubleClickEvent(event)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width() + self._key_width(), hint.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._key:
            super().paintEvent(event)
            return
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        painter.drawControl(QStyle.ControlElement.CE_PushButtonBevel, option)
        extra = self._key_width()
        option.rect = option.rect.adjusted(0, 0, -extra, 0)
        painter.drawControl(QStyle.ControlElement.CE_PushButtonLabel, option)
        self._paint_key(painter, extra)

    def _key_font_width(self) -> int:
        return QFontMetrics(theme().font("caption")).horizontalAdvance(self._key)

    def _key_width(self) -> int:
        return self._key_font_width() + 16 if self._key else 0

    def _paint_key(self, painter: QPainter, extra: int) -> None:
        margin = 9
        height = min(self.height() - 10, theme().px(16))
        box = QRectF(self.width() - extra - margin + 6, (self.height() - height) / 2, extra - 6, height)
        token = {"primary": "accent.on", "destroy": "bad.on"}.get(str(self.property("kind")), "text.secondary")
        ink = theme().color(token if self.isEnabled() else "text.disabled")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = ink if self.property("kind") in ("primary", "destroy") else theme().color("line.default")
        painter.setPen(QPen(line, 1))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setPen(ink)
        painter.setFont(theme().font("caption"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._key)


class ToolButton(QToolButton):
    """Takes the second half of a double-click as a `Button` does; with `once`, it is no second click at all."""

    def __init__(self, *, once: bool = False) -> None:
        super().__init__()
        self._once = once
        self._pressed_ms = -_LONG_AGO_MS

    def setText(self, text: str) -> None:
        super().setText(as_written(text))

    def text(self) -> str:
        return unmarked(super().text())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_ms = event.timestamp()
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._once and _follows(event, self._pressed_ms):
            super().mouseDoubleClickEvent(event)


def tool_button(
    icon: str,
    name: str,
    *,
    key: str = "",
    checkable: bool = False,
    once: bool = False,
    clicked: Callable[[], Any] | None = None,
) -> ToolButton:
    """An icon-only button with a name and a tooltip. `once`: a double-click on it is one click, for what takes
    something away and then stands for the next."""
    button = ToolButton(once=once)
    button.setAccessibleName(name)
    button.setToolTip(tip(f"{name} ({key_text(key)})" if key else name))
    button.setCheckable(checkable)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    set_icon(button, icon)
    if clicked is not None:
        button.clicked.connect(lambda: clicked())
    return button
