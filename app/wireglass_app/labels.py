"""Text and icons that are only looked at: plain labels, cut ones, chips, and what an empty pane says."""

import re
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QWidget

from wireglass_app.layouts import column, restyle, row
from wireglass_app.plain import DESCRIPTION_LIMIT, tip, visible
from wireglass_app.theme import set_icon, theme

__all__ = ["Chip", "Elided", "Empty", "IconLabel", "Label"]


_RUN = re.compile(r"[^\s/\\\u1100-\U0010ffff]{40,}")
"""What Qt finds no place in to begin a new line: a key, a digest, a word of a server that means ill."""
_EVERY, _BREAK = 8, "\u200b"


class Label(QLabel):
    """Plain text, always. `tone` is a text colour, `type` a size and weight of the design.

    With `wrap` no word is wider than the label: long runs are painted with places for a new line in them, which neither
    `text` nor the clipboard has.
    """

    _whole_text: str | None = None
    """The text without those places, when it has some."""

    def __init__(self, text: str = "", tone: str = "primary", type: str = "body", *, wrap: bool = False) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("tone", tone)
        self.setProperty("type", type)
        self.setWordWrap(wrap)
        self.setText(text)
        self._heights: dict[int, int] = {}
        self._heights_of: tuple[str, str] = ("", "")
        self._lead()

    def setText(self, text: str) -> None:
        painted = _RUN.sub(_with_breaks, text) if self.wordWrap() and len(text) >= 40 else text
        if self._whole_text is not None:
            self.setAccessibleName("")
        self._whole_text = text if painted != text else None
        super().setText(painted)
        if self._whole_text is not None:
            self.setAccessibleName(text)

    def text(self) -> str:
        return super().text() if self._whole_text is None else self._whole_text

    def selectedText(self) -> str:
        return super().selectedText().replace(_BREAK, "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._whole_text is not None and event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self._whole_text is None or not self.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse:
            super().contextMenuEvent(event)
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy", self._copy).setEnabled(self.hasSelectedText())
        menu.addAction("Select all", lambda: self.setSelection(0, len(QLabel.text(self))))
        menu.popup(event.globalPos())

    def _copy(self) -> None:
        if self.hasSelectedText():
            QGuiApplication.clipboard().setText(self.selectedText())

    def heightForWidth(self, width: int) -> int:
        """As Qt's, which breaks the lines anew at each question; a layout asks half a dozen times, a short text
        takes a tenth of a millisecond, and one of the longest description 4 ms."""
        if self._heights_of != (now := (self.text(), self.font().key())):
            self._heights, self._heights_of = {}, now
        if width not in self._heights:
            self._heights[width] = super().heightForWidth(width)
        return self._heights[width]

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._lead()
        elif event.type() == QEvent.Type.StyleChange:
            self._heights_of = ("", "")  # its padding may be another

    def _lead(self) -> None:
        """Stands at the side where lines begin. Qt asks the text for that: in a layout from right to left it would put
        English words, and a server's names, at the far end of their cell, away from what they belong to."""
        where = self.alignment()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute
        if self.isRightToLeft() and where & Qt.AlignmentFlag.AlignLeft:
            self.setAlignment((where & ~Qt.AlignmentFlag.AlignLeft) | right)
        elif not self.isRightToLeft() and (where & right) == right:
            self.setAlignment((where & ~right) | Qt.AlignmentFlag.AlignLeft)

    def set_tone(self, tone: str) -> None:
        if self.property("tone") != tone:
            restyle(self, tone=tone)

    def selectable(self) -> "Label":
        """Lets people copy from it with mouse and keyboard."""
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        return self


def _with_breaks(run: re.Match[str]) -> str:
    text = run[0]
    return _BREAK.join(text[at : at + _EVERY] for at in range(0, len(text), _EVERY))


class Elided(Label):
    """One line that ends in an ellipsis when it does not fit; then the tooltip has the whole."""

    def __init__(self, text: str = "", tone: str = "primary", type: str = "body", *, middle: bool = False) -> None:
        self._whole = ""
        self._mode = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
        super().__init__(text, tone, type)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        self._whole = visible(text, DESCRIPTION_LIMIT)
        self.setAccessibleName(self._whole)
        self.updateGeometry()
        self._fit()

    def whole(self) -> str:
        """The text before it was cut."""
        return self._whole

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        self.ensurePolished()
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 4, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, self._mode, max(0, self.width()))
        QLabel.setText(self, shown)
        self.setToolTip(tip(self._whole) if shown != self._whole else "")


_CHIP_ICON = 12


class Chip(QLabel):
    """A small fact: kinds are plain, outline, mono, key, ok, warn, bad, info, human."""

    def __init__(self, text: str = "", kind: str = "plain", *, icon: str = "") -> None:
        super().__init__()
        self._icon = icon
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("chip", kind)
        if icon:
            self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # painted by hand
            self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            self.setIndent(theme().px(_CHIP_ICON) + 4)
        self.setText(text)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)

    def set_kind(self, kind: str) -> None:
        restyle(self, chip=kind)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._icon:
            return
        kind, side = str(self.property("chip")), theme().px(_CHIP_ICON)
        ink = {"plain": "text.secondary", "outline": "text.primary"}.get(kind, f"{kind}.text")
        painter = QPainter(self)
        painter.drawPixmap(
            6, (self.height() - side) // 2, theme().pixmap(self._icon, ink, side, self.devicePixelRatioF())
        )

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if self._icon and event.type() == QEvent.Type.FontChange:
            self.setIndent(theme().px(_CHIP_ICON) + 4)


class IconLabel(QLabel):
    """An icon that is not a button. Give it an accessible name when it says something no text beside it says."""

    def __init__(self, icon: str, token: str = "text.secondary", size: int = 16, name: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        set_icon(self, icon, token, size)


class _Centred(Label):
    """Wrapped text as wide as it may be. A layout asks a plain label for its height at the layout's own width."""

    def sizeHint(self) -> QSize:
        self.ensurePolished()
        natural = self.fontMetrics().horizontalAdvance(self.text()) + 4
        width = max(self.minimumWidth(), min(self.maximumWidth(), natural))
        return QSize(width, self.heightForWidth(width))

    def heightForWidth(self, width: int) -> int:
        return super().heightForWidth(min(width, self.maximumWidth()))


_EMPTY_GAPS = 80
"""Margins and gaps of an empty pane."""


class Empty(QWidget):
    """A pane with nothing in it: says why, and offers the next action."""

    def __init__(self, icon: str, title: str, text: str = "", actions: Sequence[QWidget] = ()) -> None:
        super().__init__()
        self.title = _Centred(title, type="strong", wrap=True)
        self.text = _Centred(text, "secondary", wrap=True)
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setMaximumWidth(theme().px(380))
            label.setMinimumWidth(min(theme().px(280), 280))
        layout = column(None, gap=10, margins=(24, 24, 24, 24))
        self._mark = IconLabel(icon, "text.muted", 24)
        layout.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self.title, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self.text, 0, Qt.AlignmentFlag.AlignHCenter)
        if actions:
            layout.addLayout(row(None, *actions, None))
        layout.addStretch(1)
        self.setLayout(layout)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low pane the words have the room of the icon."""
        super().resizeEvent(event)
        words = self.title.sizeHint().height() + self.text.sizeHint().height()
        self._mark.setVisible(event.size().height() >= words + theme().px(24) + _EMPTY_GAPS)
