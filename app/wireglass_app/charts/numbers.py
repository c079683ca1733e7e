"""The calls of a range in numbers: percentiles by layer, tool or method, the cache, a histogram, the slowest."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QSizePolicy, QTableView, QWidget

from wireglass.recording.insights import CallTime, cache_hits, statistics
from wireglass_app.controls import Button, Label, Segments, column, row, surface
from wireglass_app.models.call_table import StatisticTable
from wireglass_app.plain import count, duration, visible
from wireglass_app.theme import theme

__all__ = ["NumbersPane"]

_SLOWEST = 5


class NumbersPane(QWidget):
    """`chosen` carries the key of one of the slowest calls."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        surface(self, "panel")
        self._calls: Sequence[CallTime] = ()
        self.grouping = Segments([("layer", "Layers"), ("name", "Tools"), ("method", "Methods")], "Group by")
        self._note = Label("", "muted", "small")
        self.rows = StatisticTable()
        self._table = _statistic_table(self.rows)
        self._cache = Label("", "primary", "small")
        self._histogram = _Histogram()
        self._slowest_keys: list[int] = []
        self._buttons = [Button("", "link", name="Slow call") for _ in range(_SLOWEST)]
        for number, button in enumerate(self._buttons):
            button.clicked.connect(lambda _checked=False, at=number: self.chosen.emit(self._slowest_keys[at]))
        slowest = column(*self._buttons, gap=0, margins=(8, 0, 12, 10))
        heading = Label("Slowest in range", "secondary", "small-strong")
        head = row(self.grouping, None, self._note, margins=(10, 8, 12, 8))
        cache = _inset(self._cache)
        self.setLayout(column(head, self._table, cache, self._histogram, _inset(heading), slowest, gap=4))
        self.grouping.chosen.connect(lambda _key: self._fill())

    def show(self, calls: Sequence[CallTime]) -> None:  # type: ignore[override]  # the verb every pane of ours uses
        """Counts these calls."""
        self._calls = calls
        self._fill()

    def _fill(self) -> None:
        by = self.grouping.current()
        stats = statistics(self._calls, by)  # type: ignore[arg-type]  # the keys above are the groupings
        self.rows.show(stats)
        done = [call for call in self._calls if call.work_ns is not None]
        kind = "self time" if by == "layer" else "work"
        self._note.setText(f"{kind}, ms · {count(len(done))} calls")
        hits, lookups = cache_hits(self._calls)
        share = f"{100 * hits / lookups:.0f} %" if lookups else ""
        self._cache.setText(f"Cache: {hits} hits of {lookups} · {share}" if lookups else "Cache: no look-ups reported")
        self._histogram.show_times([(call.work_ns or 0) / 1e6 for call in done])
        self._fill_slowest(sorted(done, key=lambda call: -(call.work_ns or 0))[:_SLOWEST])

    def _fill_slowest(self, calls: Sequence[CallTime]) -> None:
        self._slowest_keys = [call.key for call in calls]
        for number, button in enumerate(self._buttons):
            button.setVisible(number < len(calls))
            if number < len(calls):
                took = duration((calls[number].work_ns or 0) / 1e6)
                button.setText(f"{visible(calls[number].name, 40)} · {took}".replace("&", "&&"))
                button.setAccessibleName(f"Select {visible(calls[number].name)}, {took}")


class _Histogram(QWidget):
    """How many calls took how long, in equal steps up to the longest."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: list[int] = []
        self._longest = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_times(self, milliseconds: Sequence[float], columns: int = 32) -> None:
        self._longest = max(milliseconds, default=0.0)
        self._counts = [0] * columns
        for time in milliseconds:
            self._counts[min(columns - 1, int(time / (self._longest or 1) * columns))] += 1
        self.setAccessibleName(f"{len(milliseconds)} calls between 0 and {duration(self._longest)}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, 64)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        tallest = max(self._counts, default=0)
        if not tallest:
            return
        width = (self.width() - 24) / len(self._counts)
        for index, number in enumerate(self._counts):
            if number:
                height = max(2.0, 40 * (number / tallest) ** 0.5)
                rect = QRectF(12 + index * width, 44 - height, width - 2, height)
                painter.fillRect(rect, theme().color("bar.blue"))
        painter.setFont(theme().font("caption"))
        painter.setPen(theme().color("text.muted"))
        line = QRectF(12, 46, self.width() - 24, 16)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, "0 ms")
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, duration(self._longest))


def _statistic_table(model: StatisticTable) -> QTableView:
    table = QTableView()
    table.setModel(model)
    table.setAccessibleName("Times by group")
    table.setSelectionMode(QTableView.SelectionMode.NoSelection)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(25)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    table.setMinimumHeight(130)
    return table


def _inset(widget: QWidget) -> QWidget:
    box = QWidget()
    box.setLayout(row(widget, None, margins=(12, 4, 12, 0)))
    return box
