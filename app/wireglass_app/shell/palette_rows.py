"""How the palette's rows look: headings, the letters that were found marked, what the selected row would do."""

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from wireglass_app.controls import key_text
from wireglass_app.models.rows import ROW
from wireglass_app.plain import visible
from wireglass_app.shell.palette_entries import Entry, places
from wireglass_app.theme import theme

__all__ = ["Heading", "PaletteDelegate"]

_MONO = ("tool", "resource", "prompt")
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


@dataclass(frozen=True, slots=True)
class Heading:
    """The name of a group."""

    text: str


class PaletteDelegate(QStyledItemDelegate):
    """`wanted` is what was typed, without its prefix."""

    wanted = ""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, theme().px(27) if isinstance(index.data(ROW), Heading) else theme().row(37))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        one: Entry | Heading = index.data(ROW)
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(one, Heading):
            painter.setFont(theme().font("caption-strong"))
            painter.setPen(theme().color("text.secondary"))
            painter.drawText(option.rect.adjusted(14, 4, -10, 0), int(_LEFT), one.text)
        else:
            self._entry(painter, option.rect, one, bool(option.state & QStyle.StateFlag.State_Selected))
        painter.restore()

    def _entry(self, painter: QPainter, rect: QRect, one: Entry, selected: bool) -> None:
        if selected:
            painter.fillRect(rect, theme().color("bg.selected"))
        ink = "bad.text" if one.icon == "cross-circle" else "accent.text" if selected else "text.secondary"
        side = theme().px(16)
        pixmap = theme().pixmap(one.icon or "box", ink, side, painter.device().devicePixelRatioF())
        painter.drawPixmap(rect.left() + 14, rect.center().y() + 1 - side // 2, pixmap)
        right = self._right(painter, rect.adjusted(0, 0, -14, 0), one, selected)
        self._words(painter, rect.adjusted(26 + side, 0, -right - 16, 0), one)

    def _right(self, painter: QPainter, box: QRect, one: Entry, selected: bool) -> int:
        """The action's key; of the selected row what Enter and Ctrl+Enter do. Returns the width."""
        parts: list[tuple[str, str]] = []
        if selected and not one.key:
            parts = [("⏎", "open")] + ([(key_text("Ctrl+Return"), "run")] if one.start is not None else [])
        elif one.key:
            parts = [(key_text(one.key), "")]
        painter.setFont(theme().font("caption"))
        metrics = painter.fontMetrics()
        x = box.right()
        for key, words in reversed(parts):
            for text, framed in ((words, False), (key, True)):
                if not text:
                    continue
                wide = metrics.horizontalAdvance(text) + (10 if framed else 6)
                place = QRectF(x - wide, box.center().y() - theme().px(8) + 1, wide, theme().px(16))
                if framed:
                    painter.setPen(QPen(theme().color("line.control"), 1))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRoundedRect(place, 3, 3)
                painter.setPen(theme().color("text.secondary"))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
                x -= wide + 4
            x -= 4
        return int(box.right() - x)

    def _words(self, painter: QPainter, box: QRect, one: Entry) -> None:
        painter.setFont(theme().font("mono" if one.kind in _MONO else "body"))
        metrics = painter.fontMetrics()
        text = metrics.elidedText(one.text, Qt.TextElideMode.ElideRight, box.width())
        found = set(places(self.wanted, one.text) or ()) if self.wanted.strip() else set()
        x = float(box.left())
        for at, letter in enumerate(text):
            marked = at in found
            wide = metrics.horizontalAdvance(text[: at + 1]) - metrics.horizontalAdvance(text[:at])
            painter.setPen(theme().color("accent.text" if marked else "text.primary"))
            painter.drawText(QRectF(x, box.top(), wide + 4, box.height()), int(_LEFT), letter)
            if marked:
                under = box.center().y() + metrics.ascent() // 2 + 3
                painter.fillRect(QRectF(x, under, wide, 1.4), theme().color("accent.text"))
            x += wide
        left = int(x) + 12
        painter.setFont(theme().font("caption"))
        painter.setPen(theme().color("text.muted"))
        rest = QRect(left, box.top(), box.right() - left, box.height())
        if rest.width() > 30:
            detail = painter.fontMetrics().elidedText(
                visible(one.detail, 90), Qt.TextElideMode.ElideRight, rest.width()
            )
            painter.drawText(rest, int(_LEFT), detail)
