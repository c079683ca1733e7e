"""The list of what differs: a chip for how much it hurts, the name, the reason; headings between sections."""

from array import array
from itertools import accumulate

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from wireglass_app.compare.items import KINDS, Heading, Item
from wireglass_app.models.rows import ROW, RowsModel
from wireglass_app.plain import visible
from wireglass_app.row_ground import paint_ground
from wireglass_app.tables import for_many_rows
from wireglass_app.theme import theme

__all__ = ["ChangeList"]

_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
_ROW, _HEADING = 48, 26
_CHIP = 62


class ChangeList(QListView):
    """Arrows and F8 move; headings cannot be chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: RowsModel[Heading | Item] = RowsModel(
            _spoken, selectable=lambda one: isinstance(one, Item), parent=self
        )
        self._numbers: array[int] = array("q")
        """How many items stand above each row; one more at the end."""
        self.setModel(self.rows)
        self.setItemDelegate(_Delegate(self))
        self.setProperty("surface", "sunken")
        self.setAccessibleName("Changes")
        for_many_rows(self)

    @property
    def item(self) -> Item | None:
        """What is chosen."""
        found = self.currentIndex().data(ROW) if self.currentIndex().isValid() else None
        return found if isinstance(found, Item) else None

    def show_rows(self, rows: tuple[Heading | Item, ...]) -> None:
        """Another list. What was chosen stays chosen if something of its kind and name is still there."""
        before = self.item
        self._numbers = array("q", accumulate((isinstance(one, Item) for one in rows), initial=0))
        self.rows.replace(rows)
        wanted = (before.what, before.title, before.part, before.path) if before is not None else None
        index = self.rows.find(
            lambda one: isinstance(one, Item) and (one.what, one.title, one.part, one.path) == wanted
        )
        if not index.isValid():
            index = self.rows.find(lambda one: isinstance(one, Item))
        self.setCurrentIndex(QModelIndex())
        if index.isValid():
            self.setCurrentIndex(index)

    def step(self, forward: bool) -> bool:
        """To the next or previous item; False at the end."""
        at = self.currentIndex().row() + (1 if forward else -1)
        while 0 <= at < self.rows.rowCount():
            if isinstance(self.rows.rows[at], Item):
                self.setCurrentIndex(self.rows.index(at))
                return True
            at += 1 if forward else -1
        return False

    def place(self) -> tuple[int, int]:
        """Which of the items is chosen, from 1, and how many there are."""
        here = self.currentIndex().row()
        number = self._numbers[here + 1] if 0 <= here < len(self._numbers) - 1 else 0
        return number, (self._numbers[-1] if len(self._numbers) else 0)


def _spoken(one: Heading | Item) -> str:
    if isinstance(one, Heading):
        return f"{one.text}, {one.note}"
    parts = (one.what, visible(one.title, 120), visible(one.detail, 300), one.note)
    return ", ".join(part for part in parts if part)


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, theme().px(_HEADING if isinstance(index.data(ROW), Heading) else _ROW))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        one: Heading | Item = index.data(ROW)
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(one, Heading):
            self._heading(painter, option.rect, one)
        else:
            paint_ground(painter, option)
            self._item(painter, option.rect, one)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(theme().color("line.default"))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        painter.restore()

    def _heading(self, painter: QPainter, rect: QRect, one: Heading) -> None:
        painter.setFont(theme().font("small-strong"))
        painter.setPen(theme().color("text.secondary"))
        painter.drawText(rect.adjusted(14, 0, -90, 0), _LEFT, one.text)
        painter.drawText(rect.adjusted(90, 0, -12, 0), _RIGHT, one.note)

    def _item(self, painter: QPainter, rect: QRect, one: Item) -> None:
        self._chip(painter, rect, one.what)
        left = theme().px(_CHIP) + 22
        box = rect.adjusted(left, theme().px(6), -12, 0)
        box.setHeight(theme().px(18))
        used = 0
        if one.note:
            painter.setFont(theme().font("mono-small"))
            painter.setPen(theme().color("text.muted" if one.tone == "muted" else f"{one.tone}.text"))
            used = painter.fontMetrics().horizontalAdvance(one.note) + 10
            painter.drawText(box, _RIGHT, one.note)
        title = box.adjusted(0, 0, -used, 0)
        self._text(painter, title, visible(one.title, 200), "mono-strong", "text.primary", Qt.TextElideMode.ElideMiddle)
        below = box.translated(0, theme().px(18))
        self._text(painter, below, visible(one.detail, 400), "small", "text.secondary", Qt.TextElideMode.ElideRight)

    def _text(self, painter: QPainter, box: QRect, text: str, role: str, token: str, mode: Qt.TextElideMode) -> None:
        painter.setFont(theme().font(role))
        painter.setPen(theme().color(token))
        painter.drawText(box, _LEFT, painter.fontMetrics().elidedText(text, mode, box.width()))

    def _chip(self, painter: QPainter, rect: QRect, what: str) -> None:
        kind = KINDS[what]
        height = theme().px(20)
        box = QRectF(rect.left() + 12, rect.center().y() - height / 2 + 1, theme().px(_CHIP), height)
        painter.setPen(theme().color("line.default") if theme().name.startswith("contrast") else Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("bg.hover" if kind == "plain" else f"{kind}.bg"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setFont(theme().font("small"))
        painter.setPen(theme().color("text.secondary" if kind == "plain" else f"{kind}.text"))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), what)
