"""CodeView: read-only lines of any number and length, painted only where they are seen.

What it paints is in `lines`; what is long comes in steps (`row_job`), and its first lines show at once. Knows no server
and no schema.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from wireglass_app.background import Job
from wireglass_app.payloads import json_text
from wireglass_app.payloads.find_bar import FindBar
from wireglass_app.payloads.line_steps import Continued, line_steps
from wireglass_app.payloads.lines import LONG, SHORTENED, SHOWN, LineArea, Mark, Position
from wireglass_app.payloads.row_job import RowJob
from wireglass_app.plain import size

__all__ = ["CodeView", "Mark"]

_SMALL = 3_000
"""JSON values up to this many nodes are formatted at once."""

_LONG_TEXT = 1_000_000
_FAR = 20_000
"""Rows beyond which a pointer is looked up in the background."""


class CodeView(LineArea):
    """Lines with numbers, colours, selection, search and marks. All text is shown as it is, never as markup."""

    loaded = Signal()
    """All rows are there."""

    def __init__(self, parent: QWidget | None = None, *, numbers: bool = True, name: str = "Text") -> None:
        self._coming: RowJob | None = None
        self._find: FindBar | None = None
        super().__init__(parent, numbers=numbers, name=name)
        self._own: list[str] = []
        self._rows = self._own
        self._seeking: Job | None = None
        self._pending_row: int | None = None

    # -- content ---------------------------------------------------------------------------------------------------

    def set_text(self, text: str, language: str = "text") -> None:
        """Shows `text`. Lines over 1 000 characters are continued on the next row."""
        self._begin(language, shorten=language == "json")
        if len(text) > _LONG_TEXT:
            again = partial(self.set_text, text, language)
            self._start(line_steps(text, whole=self._shorten), again, lambda: f"Reading {size(len(text))} of text")
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
            self._start(json_text.format_steps(value), partial(self.set_json, value))

    def set_rows(self, steps: Iterable[list[str]], language: str = "text", *, shorten: bool = False) -> None:
        """Shows rows that a background job takes from `steps`; `shorten` keeps a long one on its row."""
        self._begin(language, shorten=shorten)
        self._start(steps, None)

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
        return self._coming is not None and self._coming.running

    @property
    def rows(self) -> Sequence[str]:
        """Every row that is there, whole."""
        return self._rows

    def text(self) -> str:
        """The whole text."""
        return self._joined(0, len(self._rows) - 1)

    def _start(
        self,
        steps: Iterable[list[str]],
        again: Callable[[], None] | None,
        told: Callable[[], str] | None = None,
    ) -> None:
        if self._coming is None:
            self._coming = RowJob(self, self._append, self._all_came, self.stop_loading)
        self._coming.start(steps, again, told)

    def stop_loading(self) -> None:
        """What has come so far stays, and the line below says that it is not all."""
        if self._coming is None or not self._coming.running:
            return
        self._pending_row = None
        self._coming.stop(len(self._rows))
        self._rows_changed()

    def _begin(self, language: str, *, shorten: bool) -> None:
        if self._coming is not None:
            self._coming.forget()
        if self._seeking is not None:
            self._seeking.stop()
            self._seeking = None
        self._own = []
        self._rows, self._soft, self._longest, self._marks = self._own, set(), 0, ()
        self._caret = self._anchor = (0, 0)
        self._pending_row = None
        self._shorten = shorten
        self._set_language(language)
        self.verticalScrollBar().setValue(0)
        self.horizontalScrollBar().setValue(0)
        self._rows_changed()

    def _append(self, lines: list[str]) -> None:
        first = len(self._rows)
        if self._shorten or (max(map(len, lines), default=0) <= LONG and not isinstance(lines, Continued)):
            self._own.extend(lines)
        else:
            self._append_split(lines)
        lengths = [len(one) for one in self._own[first:]]
        shown = (SHOWN + 16 if length > SHORTENED else length for length in lengths) if self._shorten else lengths
        self._longest = max(self._longest, min(max(shown, default=0), LONG))
        self._rows_changed()
        if self._pending_row is not None and self._pending_row < len(self._rows):
            self.show_row(self._pending_row)

    def _append_split(self, lines: list[str]) -> None:
        if isinstance(lines, Continued):
            self._soft.add(len(self._own))
        for line in lines:
            for start in range(0, max(len(line), 1), LONG):
                if start:
                    self._soft.add(len(self._own))
                self._own.append(line[start : start + LONG])

    def _all_came(self) -> None:
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

            self._seeking = Job(steps, self, show)
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

    # -- events ----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_find()
        if self._coming is not None:
            self._coming.place()

    def _place_find(self) -> None:
        if self._find is not None:
            self._find.place(self.viewport().width())

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
            start, end = self._word_at(row, column)
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
