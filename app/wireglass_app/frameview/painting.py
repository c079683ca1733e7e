"""How a row of the frame table is painted: words in two inks, signs as icons, a line where a server went away."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from wireglass_app.frameview.gaps import Gaps, paint_gap
from wireglass_app.models.frames import FramesModel
from wireglass_app.theme import theme

__all__ = ["FrameDelegate"]

Index = QModelIndex | QPersistentModelIndex
_WAY, _MESSAGE, _STATUS, _SCHEMA = 3, 5, 7, 9
_OWN = (_WAY, _MESSAGE, _STATUS, _SCHEMA)
_LOUD = ("bad.text", "human.text", "warn.text")
_SIGNS = {"✓": ("check", "text.secondary"), "⊗": ("cross-circle", "bad.text"), "△": ("warning", "warn.text")}
_PAD, _SIGN = 6, 14


class FrameDelegate(QStyledItemDelegate):
    """A tint is painted first: a style sheet with item borders drops it."""

    def __init__(self, model: FramesModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._gaps = Gaps(model.ledger)
        model.after_gap = self._after_gap

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        if index.column() not in _OWN:
            super().initStyleOption(option, index)
            return
        # What is painted below needs no text, font and colour, which Qt would ask for in seven questions a cell.
        option.index = index  # type: ignore[attr-defined]  # members of the option that the stubs leave out
        shown: str = index.data() or "" if index.column() == _SCHEMA else ""
        if shown[:1] in _SIGNS:
            icon, token = _SIGNS[shown[:1]]
            option.icon = theme().icon(icon, token, 14)  # type: ignore[attr-defined]  # likewise
            option.decorationSize = QSize(14, 14)  # type: ignore[attr-defined]  # likewise
            option.features |= QStyleOptionViewItem.ViewItemFeature.HasDecoration  # type: ignore[attr-defined]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect  # type: ignore[attr-defined]  # likewise
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # as the table itself; a painter has the program's
        tint = index.data(Qt.ItemDataRole.BackgroundRole)
        if tint is not None:
            painter.fillRect(rect, tint)
        super().paint(painter, option, index)
        if index.column() == _MESSAGE:
            self._message(painter, rect, index)
        elif index.column() in _OWN:
            self._word(painter, rect, index)
        if self._after_gap(index.row()):
            paint_gap(painter, rect)

    def _after_gap(self, row: int) -> bool:
        if not row:
            return False
        try:
            return self._gaps.within(self._model.entry(row - 1).at_ns, self._model.entry(row).at_ns)
        except LookupError:
            return False

    def _word(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """A word in the ink of its meaning, beside its sign if it has one."""
        text: str = index.data() or ""
        ink = self._model.ink(index)
        if index.column() == _WAY:
            self._arrow(painter, rect, ink, leftward=text == "\u2190")
            return
        if text[:1] in _SIGNS:
            text, rect = text[2:], rect.adjusted(_SIGN + _PAD, 0, 0, 0)
        painter.save()
        painter.setFont(theme().font("medium" if ink in _LOUD else "body"))
        painter.setPen(theme().color(ink))
        box = rect.adjusted(_PAD + 3, 0, -2, 0)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        painter.restore()

    def _arrow(self, painter: QPainter, rect: QRect, ink: str, *, leftward: bool) -> None:
        side = theme().px(_SIGN)
        drawn = theme().pixmap("arrow-right", ink, side, painter.device().devicePixelRatioF())
        painter.save()
        painter.translate(rect.left() + _PAD + 3 + (side if leftward else 0), rect.center().y() + 1 - side // 2)
        painter.scale(-1 if leftward else 1, 1)
        painter.drawPixmap(0, 0, drawn)
        painter.restore()

    def _message(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """The method in full ink, what it is about and what is counted in a lighter one."""
        head, about = self._model.said(index.row())
        painter.save()
        box = rect.adjusted(_PAD + 3, 0, -4, 0)  # Qt's own text stands three pixels further in than the padding
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.setFont(theme().font("mono"))
        painter.setPen(theme().color(self._model.ink(index)))
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(head, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, flags, shown)
        used = metrics.horizontalAdvance(shown + " ")
        if about and used < box.width():
            rest = box.adjusted(used, 0, 0, 0)
            painter.setPen(theme().color("text.secondary"))
            painter.drawText(rest, flags, metrics.elidedText(about, Qt.TextElideMode.ElideRight, rest.width()))
        painter.restore()
