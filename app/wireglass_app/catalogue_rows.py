"""The rows of a catalogue's list: how they are drawn, and what keys and the mouse do on them."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from wireglass_app import motion
from wireglass_app.given_icon import GivenIcons
from wireglass_app.models.catalogue import CHANGE_TONES, Heading, ItemRow
from wireglass_app.models.rows import ROW
from wireglass_app.plain import count, counted
from wireglass_app.row_ground import paint_ground
from wireglass_app.tables import for_many_rows
from wireglass_app.theme import theme

__all__ = ["RowDelegate", "RowsView"]

_CONTROL = Qt.KeyboardModifier.ControlModifier


class RowsView(QListView):
    """Arrows move, Enter opens, a click on a heading folds it."""

    picked = Signal(object)

    def __init__(self, what: str) -> None:
        super().__init__()
        self.setProperty("surface", "sunken")
        self.setAccessibleName(what.capitalize())
        self.delegate = RowDelegate(self)
        self.setItemDelegate(self.delegate)
        for_many_rows(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & _CONTROL:
            self._pick(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and isinstance(index.data(ROW), Heading):
            self._pick(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and isinstance(index.data(ROW), ItemRow):
            self._pick(index)

    def _pick(self, index: QModelIndex) -> None:
        if index.isValid():
            self.picked.emit(index.data(ROW))


class RowDelegate(QStyledItemDelegate):
    """Two lines, 44 high: name and description; marks and a note at the right."""

    _ink = ("text.primary", "text.secondary")
    _opacity = 1.0

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._new: set[str] = set()
        self.arriving = motion.Once(motion.INSERT_MS, self)
        self.arriving.moved.connect(view.viewport().update)
        self.icons = GivenIcons(self)
        """Those that the server's items carry with them."""
        self.icons.drawn.connect(view.viewport().update)
        self.with_icons = False
        """Whether an item has one: then every row keeps the room for it."""

    def greet(self, names: set[str]) -> None:
        """Rows that were not there before come up within 120 ms; they have their place at once."""
        self._new = names
        if names:
            self.arriving.start()

    def fade(self, kind: str) -> None:
        """Stale rows are grey and can be read; rows that are being read anew stand back."""
        self._ink = ("text.muted", "text.muted") if kind == "stale" else ("text.primary", "text.secondary")
        self._opacity = 0.6 if kind == "loading" else 1.0

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, theme().row(24 if isinstance(index.data(ROW), Heading) else 44))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        one: ItemRow | Heading = index.data(ROW)
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(self._opacity)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if isinstance(one, Heading):
            self._heading(painter, option.rect, one, focused)
        else:
            if one.name in self._new:
                painter.setOpacity(self._opacity * self.arriving.at)
            paint_ground(painter, option)
            self._item(painter, option.rect, one)
        painter.restore()

    def _heading(self, painter: QPainter, rect: QRect, one: Heading, focused: bool) -> None:
        chevron = "chevron-down" if one.opened else "chevron-right"
        side = theme().px(12)
        pixmap = theme().pixmap(chevron, "text.secondary", side, painter.device().devicePixelRatioF())
        painter.drawPixmap(rect.left() + 14, rect.center().y() + 1 - side // 2, pixmap)
        painter.setFont(theme().font("small-strong"))
        painter.setPen(theme().color(self._ink[1]))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect.adjusted(18 + side, 0, -60, 0), int(middle | Qt.AlignmentFlag.AlignLeft), one.text)
        painter.setFont(theme().font("small"))
        painter.drawText(rect.adjusted(0, 0, -13, 0), int(middle | Qt.AlignmentFlag.AlignRight), count(one.count))
        if focused:
            painter.setPen(QPen(theme().color("focus"), 2))
            painter.drawRoundedRect(QRectF(rect).adjusted(5, 1, -5, -1), 4, 4)

    def _item(self, painter: QPainter, rect: QRect, one: ItemRow) -> None:
        left = 14
        if one.icon or self.with_icons:
            side = theme().px(16)
            ratio = painter.device().devicePixelRatioF()
            given = self.icons.picture(one.raw, side, ratio)
            pixmap = given or theme().pixmap(one.icon or "tools", "text.secondary", side, ratio)
            painter.drawPixmap(rect.left() + 14, rect.center().y() - side // 2, pixmap)
            left = 22 + side
        top = rect.adjusted(left, (rect.height() - theme().px(34)) // 2, -13, 0)
        top.setHeight(theme().px(18))
        used = self._right_side(painter, top, one)
        self._name(painter, top.adjusted(0, 0, -used, 0), one)
        below = QRect(top.left(), top.bottom() + 1, rect.right() - 12 - top.left(), theme().px(16))
        painter.setFont(theme().font("small"))
        painter.setPen(theme().color(self._ink[1]))
        text = painter.fontMetrics().elidedText(one.text, Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)

    def _right_side(self, painter: QPainter, box: QRect, one: ItemRow) -> int:
        painter.setFont(theme().font("small"))
        painter.setPen(theme().color(self._ink[1]))
        width = painter.fontMetrics().horizontalAdvance(one.note) if one.note else 0
        if one.note:
            right = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
            painter.drawText(box, right, one.note)
            width += 6
        for icon, token, _words in reversed(one.marks):
            side = theme().px(14)
            pixmap = theme().pixmap(icon, token, side, painter.device().devicePixelRatioF())
            painter.drawPixmap(box.right() - width + 1 - side, box.center().y() + 1 - side // 2, pixmap)
            width += side + 5
        return width + 4

    def _name(self, painter: QPainter, box: QRect, one: ItemRow) -> None:
        chips = []
        if one.change:
            chips.append((one.change, CHANGE_TONES.get(one.change, "info")))
        if one.hidden:
            chips.append((counted(one.hidden, "hidden character"), "warn"))
        painter.setFont(theme().font("caption-strong"))
        room = box.width() - sum(painter.fontMetrics().horizontalAdvance(text) + 16 for text, _ in chips)
        painter.setFont(theme().font("mono"))
        painter.setPen(theme().color(self._ink[0]))
        name = painter.fontMetrics().elidedText(one.shown, Qt.TextElideMode.ElideMiddle, max(40, room))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), name)
        x = box.left() + painter.fontMetrics().horizontalAdvance(name) + 8
        painter.setFont(theme().font("caption-strong"))
        for text, kind in chips:
            width = painter.fontMetrics().horizontalAdvance(text) + 10
            chip = QRectF(x, box.top() + 1, width, box.height() - 3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color(f"{kind}.bg"))
            painter.drawRoundedRect(chip, 4, 4)
            painter.setPen(theme().color(f"{kind}.text"))
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)
            x += width + 6
