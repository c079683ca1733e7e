"""CodeView: read-only lines of any number and length, painted only where they are seen.

It holds a list of rows and nothing per row; layouts and colours are made for visible rows and forgotten again. JSON is
formatted by a background job whose first lines show at once. Knows no server and no schema.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QMenu, QWidget

from wireglass_app.background import Job
from wireglass_app.payloads import json_text
from wireglass_app.payloads.find_bar import FindBar
from wireglass_app.payloads.highlight import Highlighter, json_stretches, reveal, utf16
from wireglass_app.plain import size
from wireglass_app.theme import theme

__all__ = ["CodeView", "Mark"]

_LONG = 1_000
"""Rows longer than this are split (text): laying out one row of 5 MB takes minutes."""
_SHORTENED = 400
_SHOWN = 160
"""JSON rows longer than `_SHORTENED` show only their first `_SHOWN` characters and their size."""
_CACHED = 300
_SMALL = 3_000
"""JSON values up to this many nodes are formatted at once."""

_LONG_TEXT = 1_000_000
_PIECE = 200_000
_FAR = 20_000
"""Rows beyond which a pointer is looked up in the background."""

Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """Rows `first` to `last` shown on a tint, with a few words after the last one."""

    first: int
    last: int
    tint: Literal["bad", "warn", "ok", "info", "human"] = "bad"
    note: str = ""


class CodeView(QAbstractScrollArea):
    """Lines with numbers, colours, selection, search and marks. All text is shown as it is, never as markup."""

    caret_moved = Signal(int)
    """The row the caret is on."""
    loaded = Signal()
    """All rows are there."""

    def __init__(self, parent: QWidget | None = None, *, numbers: bool = True, name: str = "Text") -> None:
        super().__init__(parent)
        self._rows: Sequence[str] = []
        self._own: list[str] = []
        self._soft: set[int] = set()
        self._highlighter = Highlighter()
        self._layouts: dict[int, QTextLayout] = {}
        self._marks: tuple[Mark, ...] = ()
        self._caret: Position = (0, 0)
        self._anchor: Position = (0, 0)
        self._longest = 0
        self._job: Job | None = None
        self._seeking: Job | None = None
        self._numbers = numbers
        self._shorten = False
        self._find: FindBar | None = None
        self._pending_row: int | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.verticalScrollBar().valueChanged.connect(self.viewport().update)
        self.horizontalScrollBar().valueChanged.connect(self.viewport().update)
        self._measure()

    # -- content ---------------------------------------------------------------------------------------------------

    def set_text(self, text: str, language: str = "text") -> None:
        """Shows `text`. Lines over 1 000 characters are continued on the next row."""
        self._begin(language, shorten=language == "json")
        if len(text) > _LONG_TEXT:
            self._job = Job(_line_steps(text), self._append, self._job_done)
            return
        self._append(text.split("\n"))
        self.loaded.emit()

    def set_json(self, value: Any) -> None:
        """Shows `value` as indented JSON. Large values arrive in batches; `loaded` tells when the last one is in."""
        self._begin("json", shorten=True)
        if json_text.count_nodes(value, _SMALL) <= _SMALL:
            self._append(json_text.format_lines(value))
            self.loaded.emit()
        else:
            self._job = Job(json_text.format_steps(value), self._append, self._job_done)

    def set_rows(self, steps: Iterable[list[str]], language: str = "text") -> None:
        """Shows rows that a background job takes from `steps`."""
        self._begin(language, shorten=False)
        self._job = Job(steps, self._append, self._job_done)

    def set_source(self, rows: Sequence[str], language: str = "text") -> None:
        """Shows rows that are made when they are asked for; `rows` must not change. All are taken to be as long as the
        first."""
        self._begin(language, shorten=False)
        self._rows = rows
        self._longest = len(rows[0]) if rows else 0
        self._rows_changed()
        self.loaded.emit()

    def clear(self) -> None:
        """Shows nothing."""
        self._begin("text", shorten=False)

    @property
    def loading(self) -> bool:
        """True while a background job still brings rows."""
        return self._job is not None

    @property
    def rows(self) -> Sequence[str]:
        """Every row that is there, whole."""
        return self._rows

    def text(self) -> str:
        """The whole text."""
        return self._joined(0, len(self._rows) - 1)

    def _begin(self, language: str, *, shorten: bool) -> None:
        for job in (self._job, self._seeking):
            if job is not None:
                job.stop()
        self._job = self._seeking = None
        self._own = []
        self._rows, self._soft, self._longest, self._marks = self._own, set(), 0, ()
        self._caret = self._anchor = (0, 0)
        self._pending_row = None
        self._shorten = shorten
        self._highlighter = Highlighter(language)
        self._layouts.clear()
        self.verticalScrollBar().setValue(0)
        self.horizontalScrollBar().setValue(0)
        self._rows_changed()

    def _append(self, lines: list[str]) -> None:
        first = len(self._rows)
        if self._shorten or max(map(len, lines), default=0) <= _LONG:
            self._own.extend(lines)
        else:
            self._append_split(lines)
        lengths = map(len, self._own[first:])
        shown = (_SHOWN + 16 if length > _SHORTENED else length for length in lengths) if self._shorten else lengths
        self._longest = max(self._longest, min(max(shown, default=0), _LONG))
        self._rows_changed()
        if self._pending_row is not None and self._pending_row < len(self._rows):
            self.show_row(self._pending_row)

    def _append_split(self, lines: list[str]) -> None:
        for line in lines:
            for start in range(0, max(len(line), 1), _LONG):
                if start:
                    self._soft.add(len(self._own))
                self._own.append(line[start : start + _LONG])

    def _job_done(self) -> None:
        self._job = None
        self._rows_changed()
        self.loaded.emit()

    def _rows_changed(self) -> None:
        self._update_bars()
        self.viewport().update()

    # -- marks and places ------------------------------------------------------------------------------------------

    def set_marks(self, marks: Sequence[Mark]) -> None:
        """Tints rows; replaces earlier marks."""
        self._marks = tuple(marks)
        self.viewport().update()

    def show_row(self, row: int, *, select: bool = True) -> None:
        """Scrolls `row` into the upper third and puts the caret there. A row not loaded yet is shown when it comes."""
        if row >= len(self._rows) and self.loading:
            self._pending_row = row
            return
        self._pending_row = None
        row = max(0, min(row, len(self._rows) - 1))
        bar = self.verticalScrollBar()
        if not bar.value() <= row < bar.value() + self._page():
            bar.setValue(row - self._page() // 3)
        if select:
            self._move_caret((row, 0), keep=False)

    def show_pointer(self, pointer: str, *, note: str = "", tint: Literal["bad", "info"] = "bad") -> bool:
        """Marks and shows the value at a JSON Pointer, or its nearest parent that is there. False if nothing is.

        Among many rows it is looked up in the background; then True means no more than that.
        """
        if self._seeking is not None:
            self._seeking.stop()
        if len(self._rows) > _FAR:
            rows = self._rows
            steps = (json_text.nearest_range(rows, pointer) for _ in range(1))

            def show(found: tuple[int, int] | None) -> None:
                self._show_range(found, note, tint)

            self._seeking = Job(steps, show)
            return True
        return self._show_range(json_text.nearest_range(self._rows, pointer), note, tint)

    def _show_range(self, found: tuple[int, int] | None, note: str, tint: Literal["bad", "info"]) -> bool:
        if found is None:
            return False
        self.set_marks([Mark(found[0], found[1], tint, note)])
        self.show_row(found[0])
        return True

    def pointer(self) -> str:
        """The JSON Pointer of the row that the caret is on."""
        return json_text.pointer_at(self._rows, self._caret[0]) if self._rows else ""

    # -- selection -------------------------------------------------------------------------------------------------

    @property
    def caret(self) -> Position:
        """Row and column of the caret."""
        return self._caret

    def select(self, start: Position, end: Position) -> None:
        """Selects from `start` to `end`; the caret stands at `end`."""
        self._anchor = start
        self._move_caret(end, keep=True)

    def select_all(self) -> None:
        """Selects every row."""
        if self._rows:
            self.select((0, 0), (len(self._rows) - 1, self._width_of(len(self._rows) - 1)))

    def selected_text(self) -> str:
        """What is selected, with shortened rows whole when they are selected to their end."""
        (row, column), (last, end) = sorted((self._anchor, self._caret))
        if not self._rows:
            return ""
        tail = self._rows[last] if end >= self._width_of(last) else self._rows[last][:end]
        if row == last:
            return tail[column:]
        middle = self._joined(row + 1, last - 1)
        parts = [self._rows[row][column:], self._break(row + 1)]
        if row + 1 <= last - 1:
            parts += [middle, self._break(last)]
        return "".join([*parts, tail])

    def copy(self) -> None:
        """Puts the selection, or without one the row of the caret, on the clipboard."""
        text = self.selected_text() or (self._rows[self._caret[0]] if self._rows else "")
        QGuiApplication.clipboard().setText(text)

    def _break(self, row: int) -> str:
        return "" if row in self._soft else "\n"

    def _joined(self, first: int, last: int) -> str:
        if not self._soft:
            return "\n".join(self._rows[first : last + 1])
        pieces: list[str] = []
        for row in range(first, last + 1):
            if row > first:
                pieces.append(self._break(row))
            pieces.append(self._rows[row])
        return "".join(pieces)

    def _move_caret(self, position: Position, *, keep: bool) -> None:
        if not self._rows:
            return
        row = max(0, min(position[0], len(self._rows) - 1))
        column = max(0, min(position[1], self._width_of(row)))
        self._caret = (row, column)
        if not keep:
            self._anchor = self._caret
        self._keep_in_view()
        self.setAccessibleDescription(f"Line {row + 1} of {len(self._rows)}: {self._shown(row)}")
        self.viewport().update()
        self.caret_moved.emit(row)

    def _keep_in_view(self) -> None:
        row, column = self._caret
        bar = self.verticalScrollBar()
        if row < bar.value():
            bar.setValue(row)
        elif row >= bar.value() + self._page():
            bar.setValue(row - self._page() + 1)
        across = self.horizontalScrollBar()
        x, room = self._x_of(row, column), self.viewport().width() - self._gutter - self._cell
        if x < across.value():
            across.setValue(int(x))
        elif x > across.value() + room:
            across.setValue(int(x - room))

    # -- find ------------------------------------------------------------------------------------------------------

    def open_find(self) -> None:
        """Shows the find bar and gives it the focus."""
        if self._find is None:
            self._find = FindBar(self)
            self._place_find()
        self._find.open(self.selected_text() if self._anchor[0] == self._caret[0] else "")

    # -- drawing ---------------------------------------------------------------------------------------------------

    def _measure(self) -> None:
        self.setFont(theme().font("mono"))
        metrics = QFontMetricsF(self.font())
        self._cell = metrics.horizontalAdvance("0")
        self._height = round(metrics.height()) + 3
        self._gutter = 10.0
        self._layouts.clear()
        if hasattr(self, "_rows"):
            self._update_bars()

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
        if self._shorten and len(text) > _SHORTENED:
            return reveal(text[:_SHOWN]) + f"…  ({size(len(text))})"
        return reveal(text)

    def _width_of(self, row: int) -> int:
        text = self._rows[row]
        return _SHOWN if self._shorten and len(text) > _SHORTENED else len(text)

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
            painter.fillRect(0, top, wide, self._height, theme().color(f"{mark.tint}.bg"))
        elif row == self._caret[0] and self.hasFocus():
            painter.fillRect(0, top, wide, self._height, theme().color("bg.hover"))
        painter.save()
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
        painter.setPen(theme().color(f"{mark.tint}.text" if mark else "text.muted"))
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
        self._place_find()

    def _place_find(self) -> None:
        if self._find is not None:
            self._find.place(self.viewport().width())

    def changeEvent(self, event: Any) -> None:
        super().changeEvent(event)
        if event.type() in (event.Type.PaletteChange, event.Type.StyleChange, event.Type.ApplicationFontChange):
            self._layouts.clear()
            self.viewport().update()
        if event.type() == event.Type.ApplicationFontChange:
            self._measure()

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

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            keep = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._move_caret(self._position_at(event.position().x(), event.position().y()), keep=keep)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move_caret(self._position_at(event.position().x(), event.position().y()), keep=True)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        row, column = self._position_at(event.position().x(), event.position().y())
        if self._rows:
            start, end = _word_at(self._rows[row][: self._width_of(row)], column)
            self.select((row, start), (row, end))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy", self.copy)
        menu.addAction("Select all", self.select_all)
        menu.addAction("Find in this text", self.open_find)
        if self._highlighter.language == "json":
            menu.addAction("Copy path", lambda: QGuiApplication.clipboard().setText(self.pointer()))
        menu.popup(event.globalPos())

    def event(self, event: Any) -> bool:
        if event.type() == event.Type.ShortcutOverride and self._own_key(event):
            event.accept()
            return True
        return super().event(event)

    def _own_key(self, event: QKeyEvent) -> bool:
        keys = QKeySequence.StandardKey
        return any(event.matches(key) for key in (keys.Copy, keys.SelectAll, keys.Find, keys.FindNext))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = QKeySequence.StandardKey
        commands = (
            (keys.Copy, self.copy),
            (keys.SelectAll, self.select_all),
            (keys.Find, self.open_find),
            (keys.FindNext, self._find_next),
        )
        for key, command in commands:
            if event.matches(key):
                command()
                return
        if not self._move_by_key(event):
            super().keyPressEvent(event)

    def _find_next(self) -> None:
        if self._find is None:
            self.open_find()
        else:
            self._find.step(1)

    def _move_by_key(self, event: QKeyEvent) -> bool:
        row, column = self._caret
        last = len(self._rows) - 1
        whole = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return False
        here = self._width_of(row) if self._rows else 0
        targets: dict[int, Position] = {
            Qt.Key.Key_Up: (row - 1, column),
            Qt.Key.Key_Down: (row + 1, column),
            Qt.Key.Key_Left: (row, column - 1) if column else (row - 1, 1 << 30),
            Qt.Key.Key_Right: (row, column + 1) if column < here else (min(row + 1, last), 0 if row < last else here),
            Qt.Key.Key_PageUp: (row - self._page(), column),
            Qt.Key.Key_PageDown: (row + self._page(), column),
            Qt.Key.Key_Home: (0, 0) if whole else (row, 0),
            Qt.Key.Key_End: (last, 1 << 30) if whole else (row, 1 << 30),
        }
        target = targets.get(event.key())
        if target is None or not self._rows:
            return False
        self._move_caret(target, keep=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        return True

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self.viewport().update()


def _line_steps(text: str) -> Iterator[list[str]]:
    """The lines of a long text, some hundred kilobytes at a time."""
    start = 0
    while start <= len(text):
        end = text.find("\n", start + _PIECE)
        end = len(text) if end < 0 else end
        yield text[start:end].split("\n")
        start = end + 1


def _from_utf16(text: str, units: int) -> int:
    if text.isascii():
        return units
    return len(text.encode("utf-16-le", "surrogatepass")[: units * 2].decode("utf-16-le", "replace"))


def _word_at(text: str, column: int) -> tuple[int, int]:
    start = end = column
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_-."):
        start -= 1
    while end < len(text) and (text[end].isalnum() or text[end] in "_-."):
        end += 1
    return start, max(end, start)
