"""The lines of the navigation: what each says, how it is drawn, and what keys and the mouse do on it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from wireglass_app.controls import left_to_right, paint_badge
from wireglass_app.models.rows import ROW
from wireglass_app.plain import tip, visible
from wireglass_app.server_session import ServerSession
from wireglass_app.shell.marks import paint_mark, state_words
from wireglass_app.theme import theme

__all__ = ["NARROW_WIDTH", "NavDelegate", "NavList", "NavRow"]

NARROW_WIDTH = 52
"""Pixels of the navigation when it shows icons alone."""
_BADGES = {"inbox": "human.text", "frames": "bad.fill"}


@dataclass(frozen=True, slots=True)
class NavRow:
    """A line of the navigation."""

    kind: Literal["heading", "server", "panel", "entry", "note"]
    text: str
    panel: str = ""
    icon: str = ""
    session: ServerSession | None = None
    opened: bool = False
    count: int = 0

    @property
    def spoken(self) -> str:
        if self.kind == "server" and self.session is not None:
            return f"{self.text}, server, {state_words(self.session)}, {'expanded' if self.opened else 'collapsed'}"
        return f"{self.text}, {self.count}" if self.count else self.text


class NavList(QListView):
    """Enter, Space and a click pick; Left and Right fold a server."""

    picked = Signal(object)
    fold = Signal(object, object)
    menu_wanted = Signal(object, QPoint)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "window")
        self.setAccessibleName("Servers and views")
        left_to_right(self)
        self.delegate = NavDelegate(self)
        self.setItemDelegate(self.delegate)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        one = self.currentIndex().data(ROW) if self.currentIndex().isValid() else None
        key = event.key()
        if one is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.picked.emit(one)
        elif one is not None and key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and one.session is not None:
            self.fold.emit(one, key == Qt.Key.Key_Right)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Right click, or the Menu key on the current row."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        one: NavRow | None = index.data(ROW) if index.isValid() else None
        if one is not None and one.session is not None:
            at = self.visualRect(index).center() if by_key else event.pos()
            self.menu_wanted.emit(one.session, self.viewport().mapToGlobal(at))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        one = index.data(ROW) if index.isValid() else None
        if one is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if one.kind == "server" and event.position().x() < theme().px(34):
            self.fold.emit(one, None)
        else:
            self.picked.emit(one)


class NavDelegate(QStyledItemDelegate):
    """Paints a line of the navigation as in the design: rows of 27, headings of 36."""

    narrow = False

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(NARROW_WIDTH if self.narrow else 100, self.height(index.data(ROW).kind))

    def height(self, kind: str) -> int:
        """Of a row of this kind, in pixels."""
        if self.narrow:
            return theme().px(17) if kind == "heading" else theme().row(29)
        fixed = {"heading": 42, "note": 40}.get(kind)
        return theme().px(fixed) if fixed is not None else theme().row(27)

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        one: NavRow | None = index.data(ROW) if index.isValid() else None
        if not self.narrow or one is None or one.kind == "heading":
            return super().helpEvent(event, view, option, index)
        who = f"{visible(one.session.name, 60)}: " if one.session is not None and one.kind == "panel" else ""
        QToolTip.showText(event.globalPos(), tip(who + one.spoken), view)
        return True

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        one: NavRow = index.data(ROW)
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._background(painter, option, one)
        (NavDelegate._icon_only if self.narrow else _PAINTERS[one.kind])(self, painter, option.rect, one)
        painter.restore()

    def _background(self, painter: QPainter, option: QStyleOptionViewItem, one: NavRow) -> None:
        if one.kind in ("heading", "note"):
            return
        box = QRectF(option.rect).adjusted(8, 0.5, -8, -0.5)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hover = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.setPen(Qt.PenStyle.NoPen)
        if selected or hover:
            painter.setBrush(theme().color("bg.selected" if selected else "bg.hover"))
            painter.drawRoundedRect(box, 6, 6)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().color("focus"), 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5)

    def _icon_only(self, painter: QPainter, rect: QRect, one: NavRow) -> None:
        middle = rect.center()
        if one.kind == "heading":
            painter.setPen(QPen(theme().color("line.default"), 1))
            painter.drawLine(rect.left() + 12, middle.y(), rect.right() - 12, middle.y())
        elif one.kind == "server" and one.session is not None:
            paint_mark(painter, rect.left() + 16, middle.y() + 1, one.session)
            painter.setFont(theme().font("strong"))
            painter.setPen(theme().color("text.primary"))
            first = one.text[:1].upper() or "?"
            painter.drawText(rect.adjusted(18, 0, 0, 0), int(Qt.AlignmentFlag.AlignCenter), first)
        elif one.icon:
            size = theme().px(16)
            pixmap = theme().pixmap(one.icon, "text.secondary", size, painter.device().devicePixelRatioF())
            painter.drawPixmap(middle.x() - size // 2 + 1, middle.y() - size // 2 + 1, pixmap)
            if one.count and one.panel in _BADGES:
                box = QRect(middle.x() + 4, rect.top() + 2, theme().px(15), theme().px(14))
                paint_badge(painter, box, str(one.count) if one.count < 10 else "9+", _BADGES[one.panel])

    def _heading(self, painter: QPainter, rect: QRect, one: NavRow) -> None:
        painter.setFont(theme().font("small-strong"))
        painter.setPen(theme().color("text.secondary"))
        box = rect.adjusted(16, 0, -16, -theme().px(6))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft), one.text)

    def _note(self, painter: QPainter, rect: QRect, one: NavRow) -> None:
        painter.setFont(theme().font("small"))
        painter.setPen(theme().color("text.secondary"))
        painter.drawText(rect.adjusted(16, 4, -8, 0), int(Qt.AlignmentFlag.AlignLeft), one.text)

    def _server(self, painter: QPainter, rect: QRect, one: NavRow) -> None:
        session = one.session
        if session is None:
            return
        chevron = "chevron-down" if one.opened else "chevron-right"
        self._icon(painter, rect, 16, chevron, 14)
        paint_mark(painter, rect.left() + theme().px(42), rect.center().y() + 1, session)
        right = self._right(painter, rect, one)
        self._text(painter, rect, 54, right, one.text, "strong", "text.primary")

    def _right(self, painter: QPainter, rect: QRect, one: NavRow) -> int:
        """Era chip or state word; returns the width it takes."""
        session = one.session
        if session is None:
            return 16
        if session.era and session.sign_in.asking is None and not session.unreached:
            painter.setFont(theme().font("mono-small"))
            width = painter.fontMetrics().horizontalAdvance(session.era) + 10
            box = QRectF(rect.right() - 16 - width, rect.center().y() - theme().px(7), width, theme().px(16))
            painter.setPen(QPen(theme().color("line.default"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(theme().color("text.secondary"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, session.era)
            return int(width) + 22
        word = {"connecting": "starting", "failed": "failed", "crashed": "stopped"}.get(session.state, "")
        ink = "bad.text" if session.state in ("failed", "crashed") else "text.muted"
        if session.unreached:
            word, ink = "no answer", "bad.text"
        if session.silence is not None:
            word, ink = "no answer", "warn.text"
        if session.sign_in.asking is not None:
            word, ink = "Sign in", "warn.text"
        painter.setFont(theme().font("caption"))
        painter.setPen(theme().color(ink))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(rect.adjusted(0, 0, -16, 0), int(right), word)
        return painter.fontMetrics().horizontalAdvance(word) + 22

    def _panel(self, painter: QPainter, rect: QRect, one: NavRow) -> None:
        self._line(painter, rect, one, icon_at=40, text_at=62)

    def _entry(self, painter: QPainter, rect: QRect, one: NavRow) -> None:
        self._line(painter, rect, one, icon_at=16, text_at=40)

    def _line(self, painter: QPainter, rect: QRect, one: NavRow, *, icon_at: int, text_at: int) -> None:
        selected = self._is_current(rect)
        self._icon(painter, rect, icon_at, one.icon, 16)
        self._text(painter, rect, text_at, 40, one.text, "strong" if selected else "body", "text.primary")
        if one.count and one.panel in _BADGES:
            painter.setFont(theme().font("caption-strong"))
            text, side = str(one.count) if one.count < 1000 else "999+", theme().px(16)
            width = max(side, painter.fontMetrics().horizontalAdvance(text) + 8)
            box = QRect(rect.right() - 16 - width, rect.center().y() - side // 2 + 1, width, side)
            paint_badge(painter, box, text, _BADGES[one.panel])
        elif one.count:
            painter.setFont(theme().font("small"))
            painter.setPen(theme().color("text.secondary"))
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(rect.adjusted(0, 0, -16, 0), int(right), str(one.count))

    def _is_current(self, rect: QRect) -> bool:
        view = self.parent()
        return (
            isinstance(view, QListView)
            and view.visualRect(view.currentIndex()) == rect
            and bool(view.selectedIndexes())
        )

    def _icon(self, painter: QPainter, rect: QRect, x: int, name: str, size: int) -> None:
        ratio, size = painter.device().devicePixelRatioF(), theme().px(size)
        pixmap = theme().pixmap(name, "text.secondary", size, ratio)
        painter.drawPixmap(rect.left() + theme().px(x), rect.center().y() - size // 2 + 1, pixmap)

    def _text(self, painter: QPainter, rect: QRect, x: int, right: int, text: str, role: str, token: str) -> None:
        painter.setFont(theme().font(role))
        painter.setPen(theme().color(token))
        box = rect.adjusted(theme().px(x), 0, -right, 0)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)


_PAINTERS: dict[str, Callable[[NavDelegate, QPainter, QRect, NavRow], None]] = {
    "heading": NavDelegate._heading,
    "note": NavDelegate._note,
    "server": NavDelegate._server,
    "panel": NavDelegate._panel,
    "entry": NavDelegate._entry,
}
