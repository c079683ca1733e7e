"""The pane of numbers beside the waterfall: percentiles by group, the cache's share, a histogram, the slowest calls."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QScrollArea,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from wireglass.recording.insights import CallTime, Statistic
from wireglass_app.background import Job
from wireglass_app.charts.waterfall import span_color
from wireglass_app.controls import Button, Elided, Label, Rule, Segments, column, row, surface
from wireglass_app.models.call_columns import CallColumns
from wireglass_app.models.call_table import StatisticTable
from wireglass_app.models.range_numbers import AT_ONCE, MOST_SPANS_READ, RangeNumbers, measure
from wireglass_app.plain import count, counted, duration, short_duration, visible
from wireglass_app.theme import theme

__all__ = ["NumbersPane"]

_SLOWEST = 3
_FINDINGS = 3
_GROUPS = (("layer", "Middleware"), ("name", "Tools"), ("method", "Methods"), ("server", "Servers"))
_SELF = {"layer": "self time"}
_NOT_LATENCY = ("human",)
"""Shown apart, and never counted into latency."""


class NumbersPane(QWidget):
    """`chosen` carries the key of one of the slowest calls; `counted` that `numbers` are new."""

    chosen = Signal(int)
    counted = Signal()

    def __init__(self, title_of: Callable[[str], str] = str) -> None:
        """`title_of` names the server of a connection as it is called now."""
        super().__init__()
        surface(self, "panel")
        self._title_of = title_of
        self.numbers = RangeNumbers()
        self._calls: CallColumns | None = None
        self._rows: Sequence[int] = ()
        self._selected: int | None = None
        self._job: Job | None = None
        self._again = False
        self.grouping = Segments(_GROUPS, "Group by")
        self.grouping.remember_as = "choice"
        self._note = Elided("", "muted", "small")
        self.rows = StatisticTable()
        self._table = _statistic_table(self.rows)
        self._cache = _CacheShare()
        self._histogram = _Histogram()
        self._slowest_keys: list[int] = []
        self._slowest = [_SlowCall() for _ in range(_SLOWEST)]
        for number, line in enumerate(self._slowest):
            line.button.clicked.connect(lambda _checked=False, at=number: self.chosen.emit(self._slowest_keys[at]))
        slowest = column(*self._slowest, gap=0, margins=(0, 0, 0, 6))
        heading = row(Label("Slowest in range", "secondary", "small-strong"), margins=(14, 4, 14, 4))
        head = column(self.grouping, self._note, gap=4, margins=(12, 8, 14, 6))
        lines = column(head, Rule(), self._table, self._cache, self._histogram, Rule(), heading, slowest, gap=0)
        lines.setStretch(2, 1)
        inner = surface(QWidget(), "panel")
        inner.setLayout(lines)
        area = QScrollArea()  # a low pane must not squeeze what is in it
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        self._inner, self._area = inner, area
        self.setLayout(column(area, gap=0))
        self.grouping.chosen.connect(lambda _key: self._count())

    def minimumSizeHint(self) -> QSize:
        bar = self._area.verticalScrollBar().sizeHint().width()
        return QSize(self._inner.minimumSizeHint().width() + bar, theme().px(120))

    def show_calls(self, calls: CallColumns, rows: Sequence[int], selected: int | None) -> None:
        """Counts these rows; many of them in the background, and then `counted` comes later."""
        self._calls, self._rows, self._selected = calls, rows, selected
        self._count()

    def _count(self) -> None:
        calls = self._calls
        if calls is None:
            return
        by: Any = self.grouping.current()
        if len(self._rows) <= AT_ONCE:
            self._take(measure(calls, self._rows, by, self._selected, _FINDINGS))
            return
        if self._job is not None and not self._job.finished:
            self._again = True  # what is wanted by then is counted next, and nothing in between
            return
        rows, selected = self._rows, self._selected

        def work() -> Iterator[RangeNumbers]:
            yield measure(calls, rows, by, selected, _FINDINGS)

        self._job = Job(work(), self, self._take, self._counted)

    def _counted(self) -> None:
        if self._again:
            self._again = False
            self._count()

    def _take(self, numbers: RangeNumbers) -> None:
        self.numbers = numbers
        by = self.grouping.current()
        groups = [one for one in numbers.statistics if by != "layer" or one.kind not in _NOT_LATENCY]
        self.rows.show([replace(one, label=self._title_of(one.label)) for one in groups] if by == "server" else groups)
        of = f" of the newest {count(MOST_SPANS_READ)}" if by == "layer" and numbers.count > MOST_SPANS_READ else ""
        calls = f"{counted(numbers.count, 'call')} in range"
        self._note.setText(f"{_SELF.get(by, 'work')}{of} · {calls}")
        self._cache.show_share(numbers.hits, numbers.lookups)
        self._histogram.show_counts(numbers)
        self._slowest_keys = [call.key for call in numbers.slowest]
        for number, line in enumerate(self._slowest):
            line.setVisible(number < len(numbers.slowest))
            if number < len(numbers.slowest):
                call = numbers.slowest[number]
                server = self._title_of(call.server)
                line.show_call(call, server, selected=call.key == self._selected)
        self.updateGeometry()  # longer names need more room
        self.counted.emit()


class _SlowCall(QWidget):
    """One of the slowest: its name, what it was, how long."""

    def __init__(self) -> None:
        super().__init__()
        self.button = Button("", "link", name="Slow call")
        self._what = Elided("", "secondary", "small")
        self._took = Label("", type="mono-strong")
        line = row(self.button, self._what, self._took, gap=10, margins=(6, 1, 12, 1))
        line.setStretch(1, 1)
        self.setLayout(line)

    def show_call(self, call: CallTime, server: str, *, selected: bool) -> None:
        took = duration((call.work_ns or 0) / 1e6)
        self.button.setText(visible(call.name, 32).replace("&", "&&"))
        self.button.setAccessibleName(f"Select {visible(call.name)}, {took}")
        running = call.end_ns is None
        self._what.setText("still running" if running else "failed" if call.failed else _what_of(call, server))
        self._took.setText(took)
        surface(self, "selected" if selected else "panel")
        self.style().unpolish(self)
        self.style().polish(self)


def _what_of(call: CallTime, server: str) -> str:
    told = call.method != "tools/call" and call.method != call.name
    return visible(call.method if told else server, 40)


class _CacheShare(QWidget):
    """ "Cache 14 hits of 38", a bar, and the share."""

    def __init__(self) -> None:
        super().__init__()
        self._title = Label("Cache", type="strong")
        self._words = Label("", "secondary", "small")
        self._bar = _Bar()
        self._share = Label("", type="strong")
        line = row(self._title, self._words, self._bar, self._share, margins=(12, 6, 12, 2))
        line.setStretch(2, 1)
        self.setLayout(line)

    def show_share(self, hits: int, lookups: int) -> None:
        self._bar.set_share(hits / lookups if lookups else 0.0)
        self._words.setText(f"{counted(hits, 'hit')} of {count(lookups)}" if lookups else "no look-ups reported")
        self._share.setText(f"{100 * hits / lookups:.0f} %" if lookups else "")
        self.setAccessibleName(f"Cache: {self._words.text()} {self._share.text()}")


class _Bar(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._share = 0.0
        self.setFixedHeight(theme().px(8))
        self.setMinimumWidth(40)

    def set_share(self, share: float) -> None:
        self._share = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect()).adjusted(0, 0.5, 0, -0.5)
        painter.setBrush(theme().color("bg.pressed"))
        painter.drawRoundedRect(whole, 3, 3)
        if self._share:
            painter.setBrush(theme().color("bar.teal"))
            whole.setWidth(whole.width() * self._share)
            painter.drawRoundedRect(whole, 3, 3)


class _Histogram(QWidget):
    """How many calls took how long, in equal steps up to the longest; failed ones stand out in colour and in words."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = RangeNumbers()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_counts(self, numbers: RangeNumbers) -> None:
        self._numbers = numbers
        failed = f", {count(sum(numbers.failed))} failed" if sum(numbers.failed) else ""
        self.setAccessibleName(f"{counted(numbers.count, 'call')} between 0 and {duration(numbers.longest_ms)}{failed}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, theme().px(52))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, counts = QPainter(self), self._numbers.histogram
        tallest = max(counts, default=0)
        if not tallest:
            return
        side, bottom = theme().px(76), self.height() - 6
        width = (self.width() - 24 - side) / len(counts)
        for index, number in enumerate(counts):
            if not number:
                continue
            height = max(2.0, (bottom - 4) * (number / tallest) ** 0.5)
            painter.fillRect(QRectF(12 + index * width, bottom - height, width - 2, height), theme().color("bar.blue"))
            bad = self._numbers.failed[index]
            if bad:
                part = max(2.0, height * bad / number)
                box = QRectF(12 + index * width, bottom - part, width - 2, part)
                painter.fillRect(box, theme().color("bad.fill"))
        painter.setFont(theme().font("caption"))
        painter.setPen(theme().color("text.muted"))
        words = f"all calls\n0 to {short_duration(self._numbers.longest_ms)}"
        box = QRectF(self.width() - side - 8, 2, side, self.height() - 4)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)


class _LayerDelegate(QStyledItemDelegate):
    """A square in the colour that the waterfall gives the layer."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        statistic = index.data(StatisticTable.ROW_ROLE)
        if not isinstance(statistic, Statistic):
            super().paint(painter, option, index)
            return
        box = option.rect  # type: ignore[attr-defined]  # the stubs lack the option's rect
        left = box.left() + theme().px(10)
        if statistic.kind != "group":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color(span_color(statistic.label, statistic.kind)))
            painter.drawRoundedRect(QRectF(left, box.center().y() - 4, 9, 9), 2, 2)
            left += theme().px(17)
        painter.setPen(theme().color("text.primary"))
        painter.setFont(theme().font("body"))
        room = box.right() - left - 4
        text = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, room)
        painter.drawText(box.adjusted(left - box.left(), 0, -4, 0), Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(theme().color("line.subtle"))
        painter.drawLine(box.bottomLeft(), box.bottomRight())


def _statistic_table(model: StatisticTable) -> QTableView:
    table = QTableView()
    table.setModel(model)
    table.setItemDelegateForColumn(0, _LayerDelegate(table))
    table.setAccessibleName("Times by group, in milliseconds")
    table.setSelectionMode(QTableView.SelectionMode.NoSelection)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(theme().px(25))
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    table.setMinimumHeight(theme().px(64))
    return table
