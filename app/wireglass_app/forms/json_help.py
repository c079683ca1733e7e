"""What a schema knows, while JSON is typed: completion of names and values, and what is wrong marked at its place."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QStringListModel, Qt
from PySide6.QtGui import QColor, QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QAbstractItemView, QCompleter, QPlainTextEdit, QTextEdit

from wireglass.protocol.schema import Node
from wireglass_app.completing import close_with_window
from wireglass_app.forms.json_places import Caret, Suggestion, caret_in, places, suggestions
from wireglass_app.plain import visible
from wireglass_app.theme import theme

__all__ = ["JsonHelp"]

_LIMIT = 200_000
"""Characters up to which a text is looked through at every key."""
_PICK = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


class JsonHelp(QObject):
    """Ctrl+Space opens the suggestions; typing a name or a value does too. Enter takes one, Esc closes them."""

    def __init__(self, edit: QPlainTextEdit, node: Node) -> None:
        super().__init__(edit)
        self._edit = edit
        self._node = node
        self._marks: list[tuple[int, int, str]] = []
        self.first_words = ""
        """The first verdict with its line, for the line below the text."""
        self.offered: list[Suggestion] = []
        self._caret: Caret | None = None
        self._model = QStringListModel(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setWidget(edit)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.activated[str].connect(self._take)  # type: ignore[index]  # the overload with the text
        popup = self._completer.popup()
        assert popup is not None
        popup.setAccessibleName("Suggestions from the schema")
        close_with_window(self._completer)
        self._list: QAbstractItemView = popup

    # completion

    def take_key(self, event: QKeyEvent) -> bool:
        """Before the editor sees a key: True when it was for the suggestions."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and event.key() == Qt.Key.Key_Space:
            self.offer(always=True)
            return True
        if not self._list.isVisible():
            return False
        if event.key() in _PICK and not control:
            index = self._list.currentIndex()
            if not index.isValid():
                index = self._first()
            self._list.hide()
            self._take(str(index.data()))
            return True
        if event.key() == Qt.Key.Key_Escape:
            self._list.hide()
            return True
        return False

    def typed(self, event: QKeyEvent) -> None:
        """After the editor took a key: names and values that fit are offered, anything else closes the list."""
        text = event.text()
        opened = self._list.isVisible()
        if text and (text.isalnum() or text in '"_-:' or opened):
            self.offer()
        elif opened and event.key() not in (Qt.Key.Key_Shift, Qt.Key.Key_Control):
            self._list.hide()

    def offer(self, *, always: bool = False) -> None:
        """Shows what fits at the caret; unless `always`, only while something is being typed there."""
        text = self._edit.toPlainText()
        popup = self._list
        if len(text) > _LIMIT:
            return
        caret = caret_in(text, self._edit.textCursor().position())
        found = suggestions(self._node, caret) if caret.typed or always else []
        if [one.text for one in found] == [caret.typed]:
            found = []  # it stands there already
        self.offered, self._caret = found, caret
        if not found:
            popup.hide()
            return
        self._model.setStringList([_line(one) for one in found])
        box = self._edit.cursorRect()
        box.setWidth(theme().px(300))
        theme().dress(popup)
        self._completer.complete(box)
        popup.setCurrentIndex(self._first())

    def _first(self) -> QModelIndex:
        return self._list.model().index(0, 0)

    def _take(self, line: str) -> None:
        caret = self._caret
        chosen = next((one for one in self.offered if _line(one) == line), None)
        if caret is None or chosen is None:
            return
        cursor = self._edit.textCursor()
        cursor.setPosition(caret.start)
        cursor.setPosition(caret.start + len(caret.typed), QTextCursor.MoveMode.KeepAnchor)
        after = self._edit.toPlainText()[caret.start + len(caret.typed) :]
        if caret.typed.startswith('"') and after.startswith('"'):
            cursor.setPosition(cursor.position() + 1, QTextCursor.MoveMode.KeepAnchor)  # the quote of an empty pair
            after = after[1:]
        colon = ": " if caret.wants == "key" and not after.lstrip().startswith(":") else ""
        cursor.insertText(chosen.text + colon)
        if chosen.text in ('""', "{}", "[]"):
            cursor.movePosition(QTextCursor.MoveOperation.PreviousCharacter)
        self._edit.setTextCursor(cursor)

    # verdicts

    def show_verdicts(self, verdicts: Sequence[tuple[str, str]]) -> None:
        """Marks the place of each (pointer, message); of something missing, the object that lacks it."""
        text = self._edit.toPlainText()
        known = places(text) if verdicts and len(text) <= _LIMIT else {}
        self._marks = []
        for path, message in verdicts:
            place = known.get(path)
            while place is None and path:
                path = path.rpartition("/")[0]
                place = known.get(path)
            if place is not None:
                self._marks.append((*place, message))
        self._edit.setExtraSelections([self._selection(start, end) for start, end, _ in self._marks[:200]])
        self.first_words = ""
        if self._marks:
            start, _, message = self._marks[0]
            line = text.count("\n", 0, start) + 1
            more = f" (and {len(self._marks) - 1} more)" if len(self._marks) > 1 else ""
            self.first_words = f"Line {line}: {visible(message, 300)}{more}"

    def forget(self) -> None:
        """The text is another one: nothing is known of it."""
        self._marks, self.first_words = [], ""

    def words_at(self, position: int) -> str:
        """What is wrong at a position of the text; the innermost place counts."""
        found = [(end - start, message) for start, end, message in self._marks if start <= position <= end]
        return visible(min(found)[1], 600) if found else ""

    def _selection(self, start: int, end: int) -> QTextEdit.ExtraSelection:
        mark: Any = QTextEdit.ExtraSelection()
        mark.cursor = QTextCursor(self._edit.document())
        mark.cursor.setPosition(start)
        first_line_end = self._edit.document().findBlock(start)
        last = min(end, first_line_end.position() + first_line_end.length() - 1)
        mark.cursor.setPosition(max(start, last), QTextCursor.MoveMode.KeepAnchor)
        mark.format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        mark.format.setUnderlineColor(QColor(theme().color("bad.text")))
        mark.format.setBackground(theme().color("bad.bg"))
        return mark


def _line(one: Suggestion) -> str:
    shown = visible(one.text, 200)
    return f"{shown}    {visible(one.detail, 120)}" if one.detail else shown
