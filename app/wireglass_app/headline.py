"""The head of a view or pane: its title, what belongs to it, and buttons at the end. On one line where there is room,
else on several, so that nothing is cut with large text or in a narrow pane."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from wireglass_app.layouts import column, row
from wireglass_app.theme import theme

__all__ = ["HeadLine"]

_GAP = 8


class HeadLine(QWidget):
    """`wrapped(lines)` when it takes another number of lines."""

    wrapped = Signal(int)

    def __init__(
        self,
        title: QWidget,
        middle: Sequence[QWidget],
        end: Sequence[QWidget],
        *,
        grows: QWidget | None = None,
        least: int = 0,
        margins: tuple[int, int, int, int] = (14, 7, 14, 7),
    ) -> None:
        """`grows` takes the room that is left; it wants at least `least` pixels of the design."""
        super().__init__()
        self._title, self._middle, self._end = title, tuple(middle), tuple(end)
        self._grows, self._least = grows, least
        self._rows: list[QHBoxLayout] = []
        self._plan: list[list[QWidget]] = []
        self._column = column(gap=7, margins=margins)
        self.setLayout(self._column)
        self._wrap()

    @property
    def lines(self) -> int:
        """How many lines it takes now."""
        return len(self._plan)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._wrap()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # something in it has other words now
            self._wrap()
        return super().event(event)

    def minimumSizeHint(self) -> QSize:
        """As wide as its widest part: the lines are broken before anything is cut."""
        margins = self._column.contentsMargins()
        parts = [one for one in (self._title, *self._middle, *self._end) if not one.isHidden()]
        widest = max(one.minimumWidth() or max(0, one.minimumSizeHint().width()) for one in parts)
        return QSize(widest + margins.left() + margins.right(), super().minimumSizeHint().height())

    def _wrap(self) -> None:
        margins = self._column.contentsMargins()
        room = self.width() - margins.left() - margins.right()
        plan = self._planned(room)
        if plan != self._plan:
            before, self._plan = len(self._plan), plan
            self._place()
            if before != len(plan):
                self.wrapped.emit(len(plan))

    def _planned(self, room: int) -> list[list[QWidget]]:
        """What stands on each line."""
        title, middle, end = [self._title], list(self._middle), list(self._end)
        if self._needs(title + middle + end) <= room:
            return [title + middle + end]
        if self._needs(title + end) <= room:
            return [title + end, *self._broken(middle, room)]
        return [title, *self._broken(middle, room), *self._broken(end, room)]

    def _broken(self, group: list[QWidget], room: int) -> list[list[QWidget]]:
        lines: list[list[QWidget]] = []
        for one in group:
            if lines and self._needs([*lines[-1], one]) <= room:
                lines[-1].append(one)
            else:
                lines.append([one])
        return lines

    def _place(self) -> None:
        for layout in self._rows:
            while layout.count():
                layout.takeAt(0)
        while len(self._rows) < len(self._plan):
            self._rows.append(row(gap=_GAP))
            self._column.addLayout(self._rows[-1])
        for layout, line in zip(self._rows, self._plan, strict=False):
            first_of_end = next((one for one in line if one in self._end), None)
            for one in line:
                if one is first_of_end and self._grows not in line and one is not line[0]:
                    layout.addStretch(1)
                layout.addWidget(one, 1 if one is self._grows else 0)
            if self._grows not in line and (first_of_end is None or first_of_end is line[0]):
                layout.addStretch(1)

    def _needs(self, line: Sequence[QWidget]) -> int:
        return sum(self._wanted(one) + _GAP for one in line if not one.isHidden()) - _GAP

    def _wanted(self, one: QWidget) -> int:
        if one is self._grows:
            return max(theme().px(self._least), one.minimumSizeHint().width())
        return max(one.sizeHint().width(), one.minimumWidth())
