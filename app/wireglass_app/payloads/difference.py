"""Two JSON values side by side with what differs tinted; F8 steps from one difference to the next."""

from bisect import bisect_left
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QSplitter, QStackedWidget, QWidget

from wireglass.recording.json_diff import Difference, Place, Row
from wireglass_app.controls import Elided, Empty, Label, column, row, surface, tool_button
from wireglass_app.payloads.code import CodeView, Mark
from wireglass_app.plain import counted, visible
from wireglass_app.theme import theme

__all__ = ["DifferenceView"]

_FOLD_FROM = 200
"""Rows from which equal stretches are folded at first."""
_LONG, _AROUND = 60, 16
"""Letters from which a row is cut off where it stands, and how many are shown beside a change."""
_TINTS = {"changed": ("bad", "ok"), "gone": ("bad", "gap"), "new": ("gap", "ok")}
_WORDS = {"changed": "changed", "gone": "only on the left", "new": "only on the right"}


class _Side(CodeView):
    """One side: its numbers count the lines of its own JSON, whatever stands beside them."""

    def __init__(self, name: str) -> None:
        self.lines: list[int] = []
        """The number of each row's line; 0 for a row that this side does not have."""
        super().__init__(name=name)

    def _number_text(self, row: int) -> str:
        number = self.lines[row] if row < len(self.lines) else 0
        return str(number) if number else ""


class DifferenceView(QWidget):
    """Shows a `Difference`; comparing is not its work, because it may take long."""

    moved = Signal(str)
    """The path of the difference that is shown now."""

    def __init__(self, left: str = "Before", right: str = "After") -> None:
        super().__init__()
        self._found: Difference | None = None
        self._shown: Difference | None = None
        self._at = -1
        self.words = Label("", "secondary", "small")
        self.path = Elided("", "muted", "mono-small")
        self.previous = tool_button(
            "chevron-up", "Previous difference", key="Shift+F8", clicked=lambda: self.step(False)
        )
        self.next = tool_button("chevron-down", "Next difference", key="F8", clicked=lambda: self.step(True))
        self.fold = QCheckBox("Only what differs")
        self.fold.toggled.connect(lambda _on: self._fill())
        self.left, self.right = _Side(left), _Side(right)
        self.left_title, self.right_title = (
            Elided(left, "secondary", "small-strong"),
            Elided(right, "secondary", "small-strong"),
        )
        for one, other in ((self.left, self.right), (self.right, self.left)):
            one.verticalScrollBar().valueChanged.connect(other.verticalScrollBar().setValue)
            one.horizontalScrollBar().valueChanged.connect(other.horizontalScrollBar().setValue)
        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.setHandleWidth(1)
        sides.setChildrenCollapsible(False)
        for title, view in ((self.left_title, self.left), (self.right_title, self.right)):
            side = QWidget()
            named = surface(QWidget(), "panel", "bottom")
            named.setLayout(row(title, margins=(14, 6, 8, 6)))
            side.setLayout(column(named, view, gap=0))
            sides.addWidget(side)
        self.same = Empty("check-circle", "No difference", "Both sides say the same.")
        self.stack = QStackedWidget()
        self.stack.addWidget(sides)
        self.stack.addWidget(self.same)
        self._sides = sides
        head = surface(QWidget(), "sunken", "bottom")
        line = row(self.words, self.path, self.fold, self.previous, self.next, margins=(14, 3, 8, 3))
        line.setStretchFactor(self.path, 1)
        head.setLayout(line)
        self.change = Elided("", "primary", "mono-small")
        self._changed = QWidget()
        self._changed.setLayout(row(self.change, margins=(14, 4, 14, 4)))
        lines = column(head, self._changed, self.stack, gap=0)
        lines.setStretch(2, 1)
        self.setLayout(lines)
        self._changed.hide()

    def show_difference(self, found: Difference | None, words: str = "") -> None:
        """Shows what was found; None while nothing is compared, with `words` saying why."""
        self._found, self._at = found, -1
        self.words.setText(words)
        self.path.setText("")
        self._changed.hide()
        if found is None:
            self.left.clear()
            self.right.clear()
            self.stack.setCurrentWidget(self._sides)
        else:
            number = len(found.places)
            self.words.setText(counted(number, "difference"))
            self.stack.setCurrentWidget(self._sides if number else self.same)
            self.fold.blockSignals(True)
            self.fold.setChecked(len(found.rows) > _FOLD_FROM)
            self.fold.blockSignals(False)
            self._fill()
        for widget in (self.previous, self.next, self.fold):
            widget.setEnabled(found is not None and bool(found.places))
        if found is not None and found.places:
            self.step(True)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the sides differ."""
        return self._found.places if self._found is not None else ()

    @property
    def at_end(self) -> tuple[bool, bool]:
        """Whether the difference that is shown is the first one, and whether it is the last."""
        number = len(self._shown.places) if self._shown is not None else 0
        return self._at <= 0, self._at >= number - 1

    def step(self, forward: bool) -> None:
        """To the next or the previous difference, round the end."""
        shown = self._shown
        if shown is None or not shown.places:
            return
        start = -1 if forward else 0
        self._show_place(((self._at if self._at >= 0 else start) + (1 if forward else -1)) % len(shown.places))

    def show_path(self, path: str) -> None:
        """To the difference at a JSON Pointer, if there is one."""
        for at, place in enumerate(self._shown.places if self._shown is not None else ()):
            if place.path == path:
                self._show_place(at)
                return

    def _show_place(self, at: int) -> None:
        assert self._shown is not None
        self._at = at
        shown, place = self._shown, self._shown.places[at]
        for view in (self.left, self.right):
            view.show_row(place.first)
        first = shown.rows[place.first]
        long = place.kind == "changed" and max(len(first.left), len(first.right)) > _LONG
        self.change.setText(_excerpts(first.left, first.right) if long else "")
        self._changed.setVisible(long)
        text = f"{self._at + 1} of {len(shown.places)}: {place.path or 'the whole value'} {_WORDS[place.kind]}"
        self.path.setText(visible(text, 300))
        self.moved.emit(place.path)

    def _fill(self) -> None:
        if self._found is None:
            return
        shown = self._shown = self._found.folded() if self.fold.isChecked() else self._found
        for at, view in enumerate((self.left, self.right)):
            view.lines = _numbers(shown.rows, at)
            view.set_rows(_batches([one.right if at else one.left for one in shown.rows]), "json", shorten=True)
            view.set_marks(
                [Mark(one.first, one.last, _TINTS[one.kind][at]) for one in shown.places]  # type: ignore[arg-type]  # a literal of the table
            )

    def minimumSizeHint(self) -> Any:
        hint = super().minimumSizeHint()
        hint.setWidth(theme().px(240))
        return hint


def _excerpts(left: str, right: str) -> str:
    """What changed inside of two long rows, with a little of what stands around it."""
    lengths = range(1, min(len(left), len(right)) + 1)
    same = bisect_left(lengths, True, key=lambda length: left[:length] != right[:length])
    return visible(" → ".join(_excerpt(text, same) for text in (left, right)), 400)


def _excerpt(text: str, at: int) -> str:
    start, end = max(0, at - _AROUND), at + _AROUND
    return f"{'…' if start else ''}{text[start:end].strip()}{'…' if len(text) > end else ''}"


def _numbers(rows: tuple[Row, ...], side: int) -> list[int]:
    """The number of each row's line on one side; 0 where the side has none."""
    found: list[int] = []
    at = 0
    for one in rows:
        if one.folded:
            at += one.folded
            found.append(0)
        elif (one.right if side else one.left) == "":
            found.append(0)
        else:
            at += 1
            found.append(at)
    return found


def _batches(rows: list[str], size: int = 4000) -> Any:
    for at in range(0, max(1, len(rows)), size):
        yield rows[at : at + size]
