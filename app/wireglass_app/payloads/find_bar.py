"""The find bar of a CodeView: searches every row in the background, steps through the hits."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from wireglass_app.background import Job
from wireglass_app.theme import set_icon

__all__ = ["FindBar", "search_steps"]

_STRIDE = 8_000


class _Searchable(Protocol):
    @property
    def rows(self) -> Sequence[str]: ...
    @property
    def caret(self) -> tuple[int, int]: ...
    def select(self, start: tuple[int, int], end: tuple[int, int]) -> None: ...
    def setFocus(self) -> None: ...


def search_steps(rows: Sequence[str], needle: str) -> Iterator[list[tuple[int, int]]]:
    """Row and column of every place where `needle` stands, ignoring case unless it has capitals."""
    exact = needle != needle.lower()
    for start in range(0, len(rows), _STRIDE):
        hits: list[tuple[int, int]] = []
        for offset, row in enumerate(rows[start : start + _STRIDE]):
            text = row if exact else row.lower()
            column = text.find(needle)
            while column >= 0:
                hits.append((start + offset, column))
                column = text.find(needle, column + len(needle))
        yield hits


class FindBar(QFrame):
    """Sits in the upper right corner of its view. Enter and Shift+Enter step, Esc closes."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view: _Searchable = view  # type: ignore[assignment]  # a widget that is also searchable
        self._hits: list[tuple[int, int]] = []
        self._job: Job | None = None
        self._pending_step = False
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Find")
        self.field.setAccessibleName("Find in this text")
        self.field.setMinimumWidth(180)
        self.count = QLabel("", self)
        self.count.setTextFormat(Qt.TextFormat.PlainText)
        self.count.setMinimumWidth(74)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.addWidget(self.field)
        layout.addWidget(self.count)
        for icon, name, step in (("chevron-up", "Previous match", -1), ("chevron-down", "Next match", 1)):
            layout.addWidget(self._button(icon, name, lambda _=False, by=step: self.step(by)))
        layout.addWidget(self._button("close", "Close find", lambda _=False: self.close_bar()))
        self.field.textChanged.connect(self._search)
        self.hide()

    def _button(self, icon: str, name: str, call: object) -> QToolButton:
        button = QToolButton(self)
        set_icon(button, icon)
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setAutoRaise(True)
        button.setMinimumSize(24, 24)
        button.clicked.connect(call)
        return button

    def open(self, text: str) -> None:
        """Shows the bar, with `text` to look for if it is not empty."""
        if text:
            self.field.setText(text)
        self.show()
        self.raise_()
        self.field.setFocus()
        self.field.selectAll()
        self._search(self.field.text())

    def close_bar(self) -> None:
        """Hides the bar and gives the focus back to the view."""
        if self._job is not None:
            self._job.stop()
        self.hide()
        self._view.setFocus()

    def place(self, width: int) -> None:
        """Puts the bar in the corner of a view `width` pixels wide."""
        size = self.sizeHint()
        self.setGeometry(max(0, width - size.width() - 12), 8, min(size.width(), width), size.height())

    def step(self, by: int) -> None:
        """Selects the next (1) or previous (-1) hit from the caret, round the ends."""
        if not self._hits:
            self._pending_step = True
            return
        row, column = self._view.caret
        length = len(self.field.text())
        here = (row, column - length)
        if by > 0:
            index = next((i for i, hit in enumerate(self._hits) if hit > here), 0)
        else:
            earlier = [i for i, hit in enumerate(self._hits) if hit < here]
            index = earlier[-1] if earlier else len(self._hits) - 1
        self._select(index)

    def _select(self, index: int) -> None:
        row, column = self._hits[index]
        self._view.select((row, column), (row, column + len(self.field.text())))
        self.count.setText(f"{index + 1} of {len(self._hits)}")

    def _search(self, text: str) -> None:
        if self._job is not None:
            self._job.stop()
        self._hits = []
        self.count.setText("")
        self._pending_step = bool(text)
        if text:
            self._job = Job(search_steps(self._view.rows, text), self, self._found, self._searched)

    def _found(self, hits: list[tuple[int, int]]) -> None:
        self._hits.extend(hits)
        self.count.setText(f"{len(self._hits)} found")
        if self._pending_step and self._hits:
            self._pending_step = False
            self._select(0)

    def _searched(self) -> None:
        if not self._hits:
            self.count.setText("Not found")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            super().keyPressEvent(event)
