"""The frame table: numbers of frames in a row, everything else made from the ledger when it is looked at."""

from array import array
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from wireglass.recording.entries import Entry
from wireglass.recording.filter import Matcher, compile_filter
from wireglass.recording.ledger import Ledger
from wireglass_app.background import Job
from wireglass_app.plain import count, size, visible
from wireglass_app.theme import theme

__all__ = ["COLUMNS", "FramesModel", "message_text", "status_text", "verdict_text"]

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_ROOT = QModelIndex()
COLUMNS = ("#", "Time UTC", "\u0394 ms", "", "Server", "Message", "Id", "Status", "Size", "Schema")
_RIGHT = (0, 2, 8)
_STRIDE = 1_500


class FramesModel(QAbstractTableModel):
    """Frames that pass the filter, in the order of recording. Rows arrive in batches; filters run in the background."""

    filtered = Signal()
    """Every frame that was there has been looked at."""

    def __init__(self, ledger: Ledger, server: Callable[[str], str] = str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ledger = ledger
        self._server = server
        self._rows: array[int] = array("q")
        self._filter: Matcher | None = None
        self._text = ""
        self._taken = 0
        self._job: Job | None = None
        self._found: array[int] = array("q")
        self._scanned = 0
        self.partner: int | None = None
        """The frame that belongs to the selected one; tinted."""
        self._all()

    # -- rows ------------------------------------------------------------------------------------------------------

    def set_filter(self, text: str) -> None:
        """Takes a filter. Raises FilterError and keeps the last good one. Rows change when all were looked at."""
        matcher = compile_filter(text, self.ledger, server=self._server)
        self._filter, self._text = matcher, text
        if self._job is not None:
            self._job.stop()
            self._job = None
        if matcher is None:
            self._all()
            self.filtered.emit()
            return
        self._found = array("q")
        self._job = Job(self._matching(matcher), self._found.extend, self._take_found)

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

    def _matching(self, matcher: Matcher) -> Iterator[list[int]]:
        end = self._end()
        for start in range(self._start(), end, _STRIDE):
            yield [seq for seq in range(start, min(end, start + _STRIDE)) if _passes(matcher, seq)]
        self._scanned = end

    def _take_found(self) -> None:
        self._job = None
        self.beginResetModel()
        self._rows, self._found = self._found, array("q")
        self._taken = self._scanned
        self.endResetModel()
        self.take_new()
        self.filtered.emit()

    def take_new(self) -> None:
        """Appends the frames recorded since the last time."""
        if self._job is not None:
            return
        end = self._end()
        fresh = range(self._taken, end)
        passing = [seq for seq in fresh if self._filter is None or _passes(self._filter, seq)]
        self._taken = end
        if passing:
            at = len(self._rows)
            self.beginInsertRows(_ROOT, at, at + len(passing) - 1)
            self._rows.extend(passing)
            self.endInsertRows()

    def judged(self, numbers: list[int]) -> None:
        """Verdicts on these frames have arrived."""
        for seq in numbers:
            row = self.row_of(seq)
            if row is not None:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1))

    def seq(self, row: int) -> int:
        """The number of the frame in a row."""
        return self._rows[row]

    def row_of(self, seq: int) -> int | None:
        """The row of a frame, or None when the filter hides it."""
        from bisect import bisect_left

        row = bisect_left(self._rows, seq)
        return row if row < len(self._rows) and self._rows[row] == seq else None

    def entry(self, row: int) -> Entry:
        """The frame of a row. Raises LookupError when the recording no longer has it."""
        return self.ledger.entry(self._rows[row])

    def set_partner(self, seq: int | None) -> None:
        """Tints another frame."""
        before, self.partner = self.partner, seq
        for one in (before, seq):
            row = self.row_of(one) if one is not None else None
            if row is not None:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(COLUMNS) - 1), [Role.BackgroundRole])

    # -- Qt's questions --------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Role.DisplayRole:
            return COLUMNS[section]
        return _alignment(section) if role == Role.TextAlignmentRole else None

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        match role:
            case Role.DisplayRole:
                return self._text_of(index)
            case Role.TextAlignmentRole:
                return _alignment(index.column())
            case Role.FontRole:
                return theme().font("mono" if index.column() not in (4, 7, 9) else "body")
            case Role.ForegroundRole:
                return theme().color(self._token(index))
            case Role.BackgroundRole if self.partner == self._rows[index.row()]:
                return theme().color("bg.hover")
            case Role.AccessibleTextRole:
                return self._spoken(index)
            case _:
                return None

    def _text_of(self, index: Index) -> str:
        try:
            return _CELLS[index.column()](self, index.row())
        except LookupError:
            return "" if index.column() else str(self._rows[index.row()])

    def _spoken(self, index: Index) -> str:
        if index.column() == 3:
            return "to the server" if self._text_of(index) == "\u2192" else "from the server"
        return f"{COLUMNS[index.column()]} {self._text_of(index)}"

    def _token(self, index: Index) -> str:
        try:
            entry = self.entry(index.row())
        except LookupError:
            return "text.disabled"
        column = index.column()
        if column == 3:
            return "info.text" if entry.sender == "client" else "ok.text"
        if column == 7:
            return _STATUS_INK.get(status_text(entry).split(" ", 1)[0], "text.secondary")
        if column == 9:
            return {"fail": "bad.text", "warn": "warn.text"}.get(_judged(entry), "text.muted")
        if entry.kind == "broken":
            return "bad.text"
        return "text.primary" if column in (4, 5) else "text.secondary"

    def _time(self, row: int) -> str:
        moment = datetime.fromtimestamp(self.ledger.wall_time_ns(self.entry(row).at_ns) / 1e9, UTC)
        return moment.strftime("%H:%M:%S.") + f"{moment.microsecond // 1000:03}"

    def _delta(self, row: int) -> str:
        if row == 0:
            return ""
        gap = (self.entry(row).at_ns - self.entry(row - 1).at_ns) / 1e6
        return f"+{gap:.1f}" if gap < 10 else f"+{count(round(gap))}"


def _passes(matcher: Matcher, seq: int) -> bool:
    try:
        return matcher(seq)
    except LookupError:
        return False


def _alignment(column: int) -> int:
    side = Qt.AlignmentFlag.AlignRight if column in _RIGHT else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def message_text(entry: Entry) -> str:
    """What a frame is, in a few words: "result of tools/call quote_shipment"."""
    about = f" {visible(entry.name, 120)}" if entry.name else ""
    method = visible(entry.method or "an unknown request", 80)
    match entry.kind:
        case "request" | "notification":
            return f"{method}{about}"
        case "result":
            return f"result of {method}{about}"
        case "error":
            return f"error for {method}{about}"
        case "batch":
            return "batch"
        case _:
            return f"not a message: {visible(entry.raw[:200], 120)}"


def status_text(entry: Entry) -> str:
    """How an answer turned out; empty for anything else."""
    exchange = entry.exchange
    if entry.note:
        return entry.note
    if entry.kind == "error":
        body = entry.message.get("error") if isinstance(entry.message, dict) else None
        code = body.get("code") if isinstance(body, dict) else None
        return f"error {visible(code, 20)}" if code is not None else "error"
    if entry.kind == "result" and exchange is not None:
        return "complete" if exchange.status == "ok" else exchange.status
    if entry.kind == "request" and exchange is not None and exchange.status in ("open", "cancelled"):
        return exchange.status
    return ""


_STATUS_INK = {
    "error": "bad.text",
    "tool": "bad.text",
    "input": "human.text",
    "second": "warn.text",
    "answer": "warn.text",
}


def _judged(entry: Entry) -> str:
    if entry.violations:
        return "fail" if any(one.severity == "error" for one in entry.violations) else "warn"
    return "fail" if entry.kind == "broken" else "ok"


def verdict_text(entry: Entry) -> str:
    """The schema column: a tick, or how many violations, with a sign of their weight."""
    found = entry.violations
    if not found:
        return "\u2297 not JSON-RPC" if entry.kind == "broken" else "\u2713"
    sign, word = ("\u2297", "violation") if _judged(entry) == "fail" else ("\u25b3", "warning")
    return f"{sign} {count(len(found))} {word}{'' if len(found) == 1 else 's'}"


_CELLS: tuple[Callable[[FramesModel, int], str], ...] = (
    lambda model, row: str(model._rows[row]),
    FramesModel._time,
    FramesModel._delta,
    lambda model, row: "\u2192" if model.entry(row).sender == "client" else "\u2190",
    lambda model, row: visible(model._server(model.entry(row).connection), 60),
    lambda model, row: message_text(model.entry(row)),
    lambda model, row: visible("" if (found := model.entry(row).id) is None else found, 40),
    lambda model, row: status_text(model.entry(row)),
    lambda model, row: size(model.entry(row).size),
    lambda model, row: verdict_text(model.entry(row)),
)
