"""The frame table: numbers of frames in a row, everything else made from the ledger when it is looked at."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal

from wireglass.recording.entries import Entry
from wireglass.recording.filter import Matcher, compile_filter
from wireglass.recording.ledger import Ledger
from wireglass_app.background import Job
from wireglass_app.models.columns import ColumnsModel, Index
from wireglass_app.models.frame_calls import (
    call_counts,
    call_size,
    call_status,
    call_text,
    call_took,
    call_verdict,
    head_of,
    worst,
)
from wireglass_app.models.frame_words import (
    GAP_SPOKEN,
    STATUS_INK,
    judged,
    message_parts,
    message_text,
    status_text,
    verdict_text,
)
from wireglass_app.moments import clock_ms
from wireglass_app.plain import column_size, count, visible
from wireglass_app.theme import theme

__all__ = ["FramesModel"]

Role = Qt.ItemDataRole
_ROOT = QModelIndex()
_DELTA = 2
_STRIDE = 1_500


class FramesModel(ColumnsModel):
    """Frames that pass the filter, in the order of recording. Rows arrive in batches; filters run in the background."""

    columns = ("#", "Time", "\u0394 ms", "", "Server", "Message", "Id", "Status", "Size", "Schema")
    at_right = (0, 2, 8)

    filtered = Signal()
    """Every frame that was there has been looked at."""

    def __init__(self, ledger: Ledger, server: Callable[[str], str] = str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ledger = ledger
        self._server = server
        self.folded = False
        """Calls mode: one row a call."""
        self._rows: array[int] = array("q")
        self._filter: Matcher | None = None
        self._stretch: tuple[int, int] | None = None
        self._text = ""
        self._taken = 0
        self._job: Job | None = None
        self._found: array[int] = array("q")
        self._scanned = 0
        self.partner: int | None = None
        """The frame that belongs to the selected one; tinted."""
        self.after_gap: Callable[[int], bool] = lambda _row: False
        """Whether a server was gone between a row and the one above."""
        self._all()

    # -- rows ------------------------------------------------------------------------------------------------------

    def set_filter(self, text: str) -> None:
        """Takes a filter. Raises FilterError and keeps the last good one. Rows change when all were looked at."""
        matcher = self._within(compile_filter(text, self.ledger, server=self._server))
        self._filter, self._text = matcher, text
        if self._job is not None:
            self._job.stop()
            self._job = None
        if matcher is None and not self.folded:
            self._all()
            self.filtered.emit()
            return
        self._found = array("q")
        self._job = Job(self._matching(matcher), self, self._found.extend, self._take_found)

    def set_stretch(self, stretch: tuple[int, int] | None) -> None:
        """Shows only frames that crossed from one moment to another, on their own clock; None for all."""
        if stretch != self._stretch:
            self._stretch = stretch
            self.set_filter(self._text)

    def _within(self, matcher: Matcher | None) -> Matcher | None:
        if self._stretch is None:
            return matcher
        begin, until = self._stretch
        ledger = self.ledger

        def passes(seq: int) -> bool:
            columns = ledger.columns
            return begin <= columns.at_ns[columns.row(seq)] <= until and (matcher is None or matcher(seq))

        return passes

    def set_folded(self, folded: bool) -> None:
        """One row a call, or one a frame. A call is shown when any of its frames passes the filter."""
        if folded != self.folded:
            self.folded = folded
            self.set_filter(self._text)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    @property
    def filter_text(self) -> str:
        """The last good filter."""
        return self._text

    @property
    def total(self) -> int:
        """All frames in the recording."""
        return len(self.ledger.entries)

    def _end(self) -> int:
        entries = self.ledger.entries
        return entries[-1].seq + 1 if len(entries) else 0

    def _start(self) -> int:
        entries = self.ledger.entries
        return entries[0].seq if len(entries) else 0

    def _all(self) -> None:
        self.beginResetModel()
        self._taken = self._end()
        self._rows = array("q", range(self._start(), self._taken))
        self.endResetModel()

    def _matching(self, matcher: Matcher | None) -> Iterator[list[int]]:
        end = self._end()
        for start in range(self._start(), end, _STRIDE):
            passing = [seq for seq in range(start, min(end, start + _STRIDE)) if _passes(matcher, seq)]
            yield [self._head(seq) for seq in passing] if self.folded else passing
        self._scanned = end

    def _head(self, seq: int) -> int:
        try:
            return head_of(self.ledger.entry(seq))
        except LookupError:
            return seq

    def _take_found(self) -> None:
        self._job = None
        self.beginResetModel()
        found, self._found = array("q", sorted(set(self._found))) if self.folded else self._found, array("q")
        self._rows = found[bisect_left(found, self._start()) :]  # some may have left the ring meanwhile
        self._taken = self._scanned
        self.endResetModel()
        self.take_new()
        self.filtered.emit()

    def take_new(self) -> None:
        """Appends the frames recorded since the last time, but for those that have left the ring already."""
        if self._job is not None:
            return
        end = self._end()
        fresh = range(max(self._taken, self._start()), end)
        passing = [seq for seq in fresh if _passes(self._filter, seq)]
        self._taken = end
        if self.folded:
            self._fold_in(passing)
        elif passing:
            at = len(self._rows)
            self.beginInsertRows(_ROOT, at, at + len(passing) - 1)
            self._rows.extend(passing)
            self.endInsertRows()

    def _fold_in(self, passing: list[int]) -> None:
        """New frames of a call change its row; the first one that passes may put the row between older ones."""
        for head in dict.fromkeys(map(self._head, passing)):
            row = self.row_of(head)
            if row is None:
                at = bisect_left(self._rows, head)
                self.beginInsertRows(_ROOT, at, at)
                self._rows.insert(at, head)
                self.endInsertRows()
            else:
                self.tell_changed(row, row)

    def forget(self) -> None:
        """Lets the rows go whose frames have left the ring."""
        gone = bisect_left(self._rows, self._start())
        if gone:
            self.beginRemoveRows(_ROOT, 0, gone - 1)
            self._rows = self._rows[gone:]
            self.endRemoveRows()

    def judged(self, numbers: list[int]) -> None:
        """Verdicts on these frames have arrived."""
        for seq in numbers:
            row = self.row_for(seq)
            if row is not None:
                self.tell_changed(row, row)

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of all frames shown; in calls mode those that begin the calls."""
        return self._rows

    def seq(self, row: int) -> int:
        """The number of the frame in a row."""
        return self._rows[row]

    def row_of(self, seq: int) -> int | None:
        """The row of a frame, or None when the filter hides it."""
        row = bisect_left(self._rows, seq)
        return row if row < len(self._rows) and self._rows[row] == seq else None

    def row_for(self, seq: int) -> int | None:
        """The row that shows a frame: in calls mode that of its call."""
        return self.row_of(self._head(seq) if self.folded else seq)

    def entry(self, row: int) -> Entry:
        """The frame of a row. Raises LookupError when the recording no longer has it."""
        return self.ledger.entry(self._rows[row])

    def set_partner(self, seq: int | None) -> None:
        """Tints another frame."""
        before, self.partner = self.partner, seq
        for one in (before, seq):
            row = self.row_of(one) if one is not None else None
            if row is not None:
                self.tell_changed(row, row, Role.BackgroundRole)

    # -- Qt's questions --------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if self.folded and section == _DELTA and orientation == Qt.Orientation.Horizontal and role == Role.DisplayRole:
            return "Took ms"
        return super().headerData(section, orientation, role)

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        match role:
            case Role.DisplayRole:
                return self._text_of(index)
            case Role.TextAlignmentRole:
                return self.alignment(index.column())
            case Role.FontRole:
                return theme().font("mono" if index.column() not in (4, 7, 9) else "body")
            case Role.ForegroundRole:
                return theme().color(self.ink(index))
            case Role.BackgroundRole if self.partner == self._rows[index.row()]:
                return theme().color("bg.hover")
            case Role.AccessibleTextRole:
                return self._spoken(index)
            case _:
                return None

    def _text_of(self, index: Index) -> str:
        try:
            cells = _CALL_CELLS if self.folded and index.column() in _CALL_CELLS else None
            if cells is not None:
                return cells[index.column()](self.entry(index.row()))
            return _CELLS[index.column()](self, index.row())
        except LookupError:
            return "" if index.column() else str(self._rows[index.row()])

    def _spoken(self, index: Index) -> str:
        """The line above a row is not seen by who listens: a row's first cell tells of it."""
        if not index.column() and self.after_gap(index.row()):
            return f"{GAP_SPOKEN} {self.columns[0]} {self._text_of(index)}"
        if index.column() == 3:
            return "to the server" if self._text_of(index) == "\u2192" else "from the server"
        return f"{self.columns[index.column()]} {self._text_of(index)}"

    def said(self, row: int) -> tuple[str, str]:
        """The Message column in two parts: what crossed, and what it is about."""
        try:
            head, about = message_parts(self.entry(row))
            counts = call_counts(self.entry(row)) if self.folded else ""
        except LookupError:
            return "", ""
        return head, " · ".join(part for part in (about, counts) if part)

    def ink(self, index: Index) -> str:
        """The colour of a cell, by its token."""
        try:
            entry = self.entry(index.row())
        except LookupError:
            return "text.disabled"
        column = index.column()
        if column == 3:
            if entry.sender == "client":
                return "info.text"
            return "accent.text" if entry.kind in ("result", "error") else "bar.violet"
        if column == 7:
            status = call_status(entry) if self.folded else status_text(entry)
            return STATUS_INK.get(status.split(" ", 1)[0], "text.secondary")
        if column == 9:
            found = worst(entry) if self.folded else judged(entry)
            return {"fail": "bad.text", "warn": "warn.text"}.get(found, "text.muted")
        if entry.kind == "broken":
            return "bad.text"
        return "text.primary" if column in (4, 5) else "text.secondary"

    def _time(self, row: int) -> str:
        return clock_ms(self.ledger.wall_time_ns(self.entry(row).at_ns))

    def _delta(self, row: int) -> str:
        if row == 0:
            return ""
        gap = (self.entry(row).at_ns - self.entry(row - 1).at_ns) / 1e6
        if gap >= 10_000:
            return f"+{count(round(gap / 1000))} s"  # so many digits are cut off, and then read as few
        return f"+{gap:.1f}" if gap < 10 else f"+{count(round(gap))}"


def _passes(matcher: Matcher | None, seq: int) -> bool:
    try:
        return matcher is None or matcher(seq)
    except LookupError:
        return False


_CELLS: tuple[Callable[[FramesModel, int], str], ...] = (
    lambda model, row: str(model._rows[row]),
    FramesModel._time,
    FramesModel._delta,
    lambda model, row: "\u2192" if model.entry(row).sender == "client" else "\u2190",
    lambda model, row: visible(model._server(model.entry(row).connection), 60),
    lambda model, row: message_text(model.entry(row)),
    lambda model, row: visible("" if (found := model.entry(row).id) is None else found, 40),
    lambda model, row: status_text(model.entry(row)),
    lambda model, row: column_size(model.entry(row).size),
    lambda model, row: verdict_text(model.entry(row)),
)

_CALL_CELLS: dict[int, Callable[[Entry], str]] = {
    _DELTA: call_took,
    5: call_text,
    7: call_status,
    8: call_size,
    9: call_verdict,
}
