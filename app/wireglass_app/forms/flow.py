"""Layouts of forms: things side by side like words, and short fields in pairs."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

__all__ = ["FlowLayout", "PairsLayout"]


class _Flowing(QLayout):
    """Holds the items of a layout whose height follows from its width; `_arrange` says where they go."""

    def __init__(self, gap: int) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]  # Qt asks beyond the end and wants None
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]  # as above
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        """Places the items, if `move`, and returns the height they take."""
        raise NotImplementedError


class FlowLayout(_Flowing):
    """Items in reading order, on the middle of their line."""

    def __init__(self, gap: int = 6) -> None:
        super().__init__(gap)

    def move_to(self, widget: QWidget, index: int) -> None:
        """Puts a widget that is already in the layout at another place."""
        old = next(number for number, item in enumerate(self._items) if item.widget() is widget)
        self._items.insert(index, self._items.pop(old))
        self.invalidate()

    def drop(self, widgets: Iterable[QWidget]) -> None:
        """Takes widgets out, for good."""
        for widget in widgets:
            self.removeWidget(widget)
            widget.hide()
            widget.deleteLater()

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize(0, 0)
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        margins = self.contentsMargins()
        left, right = rect.x() + margins.left(), rect.x() + rect.width() - margins.right()
        y = rect.y() + margins.top()
        for line in self._lines(right - left):
            tallest, x = max(size.height() for _, size in line), left
            for item, size in line:
                if move:
                    lower = (tallest - size.height()) // 2
                    item.setGeometry(QRect(x, y + lower, min(size.width(), right - left), size.height()))
                x += size.width() + self._gap
            y += tallest + self._gap
        return max(0, y - self._gap - rect.y()) + margins.bottom()

    def _lines(self, width: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        lines: list[list[tuple[QLayoutItem, QSize]]] = []
        used = 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if not lines or used + size.width() > width:
                lines.append([])
                used = 0
            lines[-1].append((item, size))
            used += size.width() + self._gap
        return lines


class PairsLayout(_Flowing):
    """Items below each other; two neighbours that are short share a line where there is room for both.

    `needs` tells how wide an item is at least, to be read."""

    def __init__(
        self, gap: int = 10, narrowest: int = 210, *, needs: Callable[[QWidget], int] = lambda _widget: 0
    ) -> None:
        super().__init__(gap)
        self._needs = needs
        self._narrowest = narrowest

    def sizeHint(self) -> QSize:
        return self._stacked([item.sizeHint() for item in self._items if not item.isEmpty()])

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._items if not item.isEmpty()]
        return QSize(max((size.width() for size in sizes), default=0), 0)

    def _stacked(self, sizes: list[QSize]) -> QSize:
        wide = max((size.width() for size in sizes), default=0)
        return QSize(wide, sum(size.height() + self._gap for size in sizes))

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        y = rect.y()
        column = (rect.width() - 2 * self._gap) // 2
        for line in self._lines(column):
            width = rect.width() if len(line) == 1 else column
            height = max(_height(item, width) for item in line)
            for at, item in enumerate(line):
                if move:
                    item.setGeometry(QRect(rect.x() + at * (column + 2 * self._gap), y, width, _height(item, width)))
            y += height + self._gap
        return max(0, y - self._gap - rect.y())

    def _lines(self, column: int) -> list[list[QLayoutItem]]:
        paired = column >= self._narrowest
        lines: list[list[QLayoutItem]] = []
        waiting = False
        for item in self._items:
            if item.isEmpty():
                continue
            widget = item.widget()
            short = paired and widget is not None and bool(widget.property("short")) and self._needs(widget) <= column
            if short and waiting:
                lines[-1].append(item)
                waiting = False
            else:
                lines.append([item])
                waiting = short
        return lines


def _height(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
