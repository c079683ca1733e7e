"""The Timing tab: the phases of a call as a table, and the server's own chain when it reports one."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from wireglass.recording.entries import Exchange
from wireglass.recording.timing import waterfall
from wireglass_app.controls import Label, column
from wireglass_app.dossier.timebar import Parted
from wireglass_app.plain import duration, visible
from wireglass_app.theme import theme

__all__ = ["TimingPage"]

_ROWS = 500
_WIDTHS = (86, 80, 80)
"""Of the columns with times, in the design's pixels; the names have the rest."""


class TimingPage(QWidget):
    """Rows: what, since the start, how long in all, how long by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.words = Label("", "secondary", "small", wrap=True)
        self.table = QTableWidget(0, 4)
        self.table.setAccessibleName("Phases of this call")
        self.table.setHorizontalHeaderLabels(["Phase", "Starts at", "Total", "Itself"])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        theme().changed.connect(self._rescaled)
        header.setHighlightSections(False)
        for at in range(self.table.columnCount()):
            if (item := self.table.horizontalHeaderItem(at)) is not None:
                side = Qt.AlignmentFlag.AlignRight if at else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(column(self.words, self.table, gap=8, margins=(14, 10, 14, 0)))
        self._rescaled()

    def _rescaled(self) -> None:
        self.table.verticalHeader().setDefaultSectionSize(theme().row(26))
        for at, width in enumerate(_WIDTHS, 1):
            self.table.setColumnWidth(at, theme().px(width))

    def show_parts(self, parted: Parted | None, exchanges: Sequence[Exchange]) -> None:
        """The phases of one call; None clears."""
        rows = _rows(exchanges) if parted is not None else []
        self.words.setText(_words(parted, exchanges))
        self.table.setRowCount(len(rows))
        for at, (name, depth, *times) in enumerate(rows):
            self.table.setItem(at, 0, QTableWidgetItem("    " * depth + visible(name, 120)))
            for place, time in enumerate(times, 1):
                item = QTableWidgetItem("" if time is None else duration(time))
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(at, place, item)


def _words(parted: Parted | None, exchanges: Sequence[Exchange]) -> str:
    if parted is None:
        return "The times are known when the call has ended."
    rounds = f"{len(exchanges)} rounds. " if len(exchanges) > 1 else ""
    if parted.reported:
        return f"{rounds}The server reported its own chain; “Itself” is time that nothing inside it accounts for."
    return f"{rounds}The server does not report its middleware chain, so only the wire's own times are known."


def _rows(exchanges: Sequence[Exchange]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    if not exchanges:
        return found
    zero = exchanges[0].asked_ns
    for number, exchange in enumerate(exchanges, 1):
        begin = (exchange.request.at_ns - zero) / 1e6
        whole = exchange.answered_after_ns
        name = f"Round {number}: {exchange.method}" if len(exchanges) > 1 else exchange.method
        found.append((name, 0, begin, None if whole is None else whole / 1e6, None))
        if exchange.queued_for_ns:
            found.append(
                ("queued before it was sent", 1, (exchange.asked_ns - zero) / 1e6, exchange.queued_for_ns / 1e6, None)
            )
        first = exchange.first_byte_after_ns
        if first is not None and whole is not None:
            found.append(("until the first byte", 1, begin, first / 1e6, None))
            found.append(("receiving", 1, begin + first / 1e6, (whole - first) / 1e6, None))
        for line in waterfall(exchange.spans)[:_ROWS]:
            span = line.span
            found.append(
                (span.name, line.depth + 1, begin + span.start_us / 1000, span.duration_us / 1000, line.self_us / 1000)
            )
    return found
