"""The drawing half of CodeView: rows, their colours, marks and selection, painted where they are seen.

It holds a list of rows and nothing per row; layouts are made for visible rows and forgotten again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from wireglass_app.background import Job
from wireglass_app.controls import left_to_right
from wireglass_app.payloads.highlight import Highlighter, Stretch, json_stretches, reveal, utf16
from wireglass_app.plain import size
from wireglass_app.theme import theme

__all__ = ["LONG", "SHORTENED", "SHOWN", "LineArea", "Mark", "Position"]

LONG = 1_000
"""Rows longer than this are split (text): laying out one row of 5 MB takes minutes."""
SHORTENED = 400
SHOWN = 80
"""JSON rows longer than `SHORTENED` show only their first `SHOWN` characters and their size."""
_CACHED = 300

Position = tuple[int, int]
"""Row and column, in characters."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Rows `first` to `last` shown on a tint, with a few words after the last one."""

    first: int
    last: int
    tint: Literal["bad", "warn", "ok", "info", "human", "gap"] = "bad"
    """"gap": rows that are only on the other side."""
    note: str = ""


class LineArea(QAbstractScrollArea):
    """Paints rows with numbers. Knows where things are, not how they came there."""

    def __init__(self, parent: QWidget | None, *, numbers: bool, name: str) -> None:
        super().__init__(parent)
        left_to_right(self)
        self._rows: Sequence[str] = []
        self._soft: set[int] = set()
        self._highlighter = Highlighter()
        self._colouring: Job | None = None
        self._layouts: dict[int, QTextLayout] = {}
        self._marks: tuple[Mark, ...] = ()
        self._caret: Position = (0, 0)
        self._anchor: Position = (0, 0)
        self._longest = 0
        self._numbers = numbers
        self._shorten = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.verticalScrollBar().valueChanged.connect(self.viewport().update)
        self.horizontalScrollBar().valueChanged.connect(self.viewport().update)
        self._measure()
        theme().changed.connect(self._measure)

    @property
    def loading(self) -> bool:
        """True while rows still come."""
        return False

    def _measure(self) -> None:
        self.setFont(theme().font("mono"))
        metrics = QFontMetricsF(self.font())
        self._cell = metrics.horizontalAdvance("0")
        self._height = round(metrics.height()) + 3
        self._gutter = 10.0
        self._layouts.clear()
        self._update_bars()
        self.viewport().update()

    @property
    def row_height(self) -> int:
        """Pixels."""
        return self._height

    def _page(self) -> int:
        return max(1, self.viewport().height() // self._height)

    def _update_bars(self) -> None:
        digits = max(2, len(str(len(self._rows))))
        self._gutter = self._cell * (digits + 1) + 18 if self._numbers else 10.0
        bar = self.verticalScrollBar()
        bar.setPageStep(self._page())
        bar.setRange(0, max(0, len(self._rows) - self._page()))
        across = self.horizontalScrollBar()
        room = self.viewport().width() - self._gutter
        wide = self._cell * (self._longest + 2)
        across.setPageStep(max(1, int(room)))
        across.setSingleStep(int(self._cell * 4))
        across.setRange(0, max(0, int(wide - room)))

    def _shown(self, row: int) -> str:
        """What is painted for a row: hidden characters marked, long JSON lines cut with their size."""
        text = self._rows[row]
        if self._shorten and len(text) > SHORTENED:
            return reveal(text[:SHOWN]) + f"…  ({size(len(text))})"
        return reveal(text)

    def _width_of(self, row: int) -> int:
        text = self._rows[row]
        return SHOWN if self._shorten and len(text) > SHORTENED else len(text)

    def _layout(self, row: int) -> QTextLayout:
        layout = self._layouts.get(row)
        if layout is not None:
            return layout
        if len(self._layouts) > _CACHED:
            self._layouts.clear()
        text = self._shown(row)
        layout = QTextLayout(text, self.font())
        option = QTextOption()
        option.setTextDirection(Qt.LayoutDirection.LeftToRight)
        option.setTabStopDistance(self._cell * 4)
        option.setWrapMode(QTextOption.WrapMode.NoWrap)
        layout.setTextOption(option)
        layout.setFormats(self._formats(row, text))
        layout.beginLayout()
        layout.createLine()
        layout.endLayout()
        self._layouts[row] = layout
        return layout

    def _formats(self, row: int, text: str) -> list[QTextLayout.FormatRange]:
        ranges: list[QTextLayout.FormatRange] = []
        cut = text is not self._rows[row] and self._shorten
        if not cut and self._highlighter.wants(self._rows, row):
            self._colour_soon(row)
            return []
        stretches = json_stretches(text) if cut else self._highlighter.stretches(self._rows, row)
        for start, length, kind in stretches:
            if start >= len(text):
                break
            piece = QTextLayout.FormatRange()
            piece.start = utf16(text, start)
            piece.length = utf16(text, min(len(text), start + length)) - piece.start
            piece.format.setForeground(theme().color("text.muted" if kind == "comment" else f"syn.{kind}"))
            ranges.append(piece)
        return ranges

    def _set_language(self, language: str) -> None:
        if self._colouring is not None:
            self._colouring.stop()
        self._colouring = None
        self._highlighter = Highlighter(language)
        self._layouts.clear()

    def _colour_soon(self, row: int) -> None:
        """A job colours the rows around this one; until then they are plain."""
        if self._colouring is None:
            rows, highlighter = self._rows, self._highlighter
            self._colouring = Job((highlighter.block(rows, row) for _ in range(1)), self, self._coloured)

    def _coloured(self, found: tuple[int, list[list[Stretch]]]) -> None:
        self._colouring = None
        self._highlighter.learn(*found)
        self._layouts.clear()
        self.viewport().update()

    def _x_of(self, row: int, column: int) -> float:
        line = self._layout(row).lineAt(0)
        x: Any = line.cursorToX(utf16(self._shown(row), column))
        return float(x[0] if isinstance(x, tuple) else x)  # the binding returns the cursor too

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme().color("bg.panel"))
        first = self.verticalScrollBar().value()
        last = min(len(self._rows), first + self._page() + 2)
        for row in range(first, last):
            self._paint_row(painter, row, (row - first) * self._height)
        if not self._rows and not self.loading:
            painter.setPen(theme().color("text.muted"))
            painter.drawText(QRectF(self._gutter, 4, 300, self._height), "Empty")
        if self.hasFocus():
            painter.setPen(theme().color("focus"))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))

    def _paint_row(self, painter: QPainter, row: int, top: int) -> None:
        wide = self.viewport().width()
        mark = next((mark for mark in self._marks if mark.first <= row <= mark.last), None)
        if mark is not None:
            ground = "bg.hover" if mark.tint == "gap" else f"{mark.tint}.bg"
            painter.fillRect(0, top, wide, self._height, theme().color(ground))
            if theme().name.startswith("contrast") and mark.tint != "gap":  # where grounds are all alike, a line
                painter.fillRect(0, top, 3, self._height, theme().color(f"{mark.tint}.text"))
        elif row == self._caret[0] and self.hasFocus():
            painter.fillRect(0, top, wide, self._height, theme().color("bg.hover"))
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setClipRect(QRectF(self._gutter, top, wide - self._gutter, self._height))
        painter.setPen(theme().color("text.primary"))
        x = self._gutter - self.horizontalScrollBar().value()
        layout = self._layout(row)
        layout.draw(painter, QPointF(x, top + 1.5), self._selection(row, x, top, painter))
        if mark is not None and mark.note and row == mark.last:
            self._paint_note(painter, mark, x + layout.lineAt(0).naturalTextWidth() + 3 * self._cell, top)
        if self.hasFocus() and row == self._caret[0]:
            caret = x + self._x_of(row, self._caret[1])
            painter.fillRect(QRectF(caret, top + 1, 1.5, self._height - 2), theme().color("focus"))
        painter.restore()
        if self._numbers:
            self._paint_number(painter, row, top, mark)

    def _paint_note(self, painter: QPainter, mark: Mark, x: float, top: int) -> None:
        painter.setPen(theme().color(f"{mark.tint}.text"))
        painter.setFont(theme().font("small-strong"))
        painter.drawText(QPointF(x, top + self._height - 6), "◂ " + reveal(mark.note))

    def _paint_number(self, painter: QPainter, row: int, top: int, mark: Mark | None) -> None:
        painter.setFont(self.font())
        painter.setPen(theme().color(f"{mark.tint}.text" if mark and mark.tint != "gap" else "text.muted"))
        box = QRectF(0, top, self._gutter - 12, self._height)
        text = "" if row in self._soft else self._number_text(row)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _number_text(self, row: int) -> str:
        if not self._soft:
            return str(row + 1)
        return "" if len(self._soft) > 5_000 else str(row + 1 - sum(1 for soft in self._soft if soft < row))

    def _selection(self, row: int, x: float, top: int, painter: QPainter) -> list[QTextLayout.FormatRange]:
        start, end = sorted((self._anchor, self._caret))
        if start == end or not start[0] <= row <= end[0]:
            return []
        text = self._shown(row)
        from_column = start[1] if row == start[0] else 0
        to_column = end[1] if row == end[0] else len(text)
        if row < end[0]:
            left = x + self._x_of(row, len(text))
            painter.fillRect(QRectF(left, top, self._cell, self._height), theme().color("bg.pressed"))
        piece = QTextLayout.FormatRange()
        piece.start = utf16(text, from_column)
        piece.length = utf16(text, to_column) - piece.start
        piece.format = QTextCharFormat()
        piece.format.setBackground(QColor(theme().color("bg.pressed")))
        return [piece] if piece.length else []

    # -- events ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_bars()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def _position_at(self, x: float, y: float) -> Position:
        row = self.verticalScrollBar().value() + int(y // self._height)
        row = max(0, min(row, len(self._rows) - 1))
        if not self._rows:
            return (0, 0)
        inside = x - self._gutter + self.horizontalScrollBar().value()
        cursor = self._layout(row).lineAt(0).xToCursor(inside)
        return row, min(_from_utf16(self._shown(row), cursor), self._width_of(row))

    def _word_at(self, row: int, column: int) -> tuple[int, int]:
        """Where the word around a place begins and ends."""
        text = self._rows[row][: self._width_of(row)]
        start = end = column
        while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_-."):
            start -= 1
        while end < len(text) and (text[end].isalnum() or text[end] in "_-."):
            end += 1
        return start, max(end, start)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()


def _from_utf16(text: str, units: int) -> int:
    if text.isascii():
        return units
    return len(text.encode("utf-16-le", "surrogatepass")[: units * 2].decode("utf-16-le", "replace"))
