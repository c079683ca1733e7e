"""The session strip: the calls of the last minutes, always in sight. Requests above, human waits below, then ticks."""

from dataclasses import dataclass
from time import perf_counter_ns, time_ns

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QBrush, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from wireglass.recording.entries import Entry
from wireglass_app.calls import Call
from wireglass_app.controls import Label, column, left_to_right, row, surface
from wireglass_app.moments import clock
from wireglass_app.plain import counted, duration, short_duration, tip, visible
from wireglass_app.server_session import ServerSession
from wireglass_app.shell.navigation import WIDTH as NAV_WIDTH
from wireglass_app.theme import theme
from wireglass_app.workbench import Workbench

__all__ = ["SessionStrip"]

HEIGHT = 50
_WINDOW_NS = 6 * 60 * 10**9
_LEAST_NS = 60 * 10**9
_CALLS_KEPT = 4000
_STEPS = (10, 30, 60, 120, 300, 900)
"""Seconds from one time to the next."""
_TICKS_KEPT = 8000
_STATES = {
    "done": "complete",
    "running": "running",
    "waiting": "waiting for you",
    "cancelled": "stopped",
    "tool-error": "the tool reported an error",
    "refused": "refused",
    "timeout": "timed out",
    "lost": "connection lost",
    "fault": "failed inside Wireglass",
}


@dataclass(slots=True)
class _Spot:
    session: ServerSession
    call: Call


class SessionStrip(QWidget):
    """`picked(session, call)` when the user chooses a bar."""

    picked = Signal(object, object)

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        surface(self, "sunken", "top")
        self._workbench = workbench
        self.setAccessibleName("Session timeline")
        self._title = Label("Session timeline", "secondary", "small-strong")
        self._facts = Label("No session", "secondary", "caption")
        self._numbers = Label("", "secondary", "caption")
        self._slow = Label("", "secondary", "caption")
        self.lane = StripLane(workbench)
        self.lane.picked.connect(self.picked)
        left = surface(QWidget(), "sunken", "right")
        left.setLayout(column(None, self._title, self._facts, None, gap=2, margins=(16, 0, 8, 0)))
        right = surface(QWidget(), "sunken", "left")
        right.setLayout(column(None, self._numbers, self._slow, None, gap=2, margins=(12, 0, 8, 0)))
        self._sides = (left, right)
        self.setLayout(row(left, self.lane, right, gap=0, margins=(0, 1, 0, 0)))
        self._timer = QTimer(self, interval=500)
        self._timer.timeout.connect(self._tick)
        workbench.call_changed.connect(self._changed)
        workbench.entries_added.connect(self._entries)
        theme().changed.connect(self._sized)
        self._sized()
        if len(workbench.ledger.entries):
            self.lane.catch_up()
            self._wake()

    def _sized(self) -> None:
        self.setFixedHeight(theme().px(HEIGHT))
        self._sides[0].setFixedWidth(theme().px(NAV_WIDTH))
        self._sides[1].setFixedWidth(theme().px(150))

    def _changed(self, session: ServerSession, call: Call) -> None:
        self.lane.take(session, call)
        self._wake()

    def _entries(self, _session: ServerSession, entries: list[Entry]) -> None:
        self.lane.take_entries(entries)
        self._wake()

    def _wake(self) -> None:
        if not self._timer.isActive():
            self._timer.start()
            self._tick()

    def _tick(self) -> None:
        calls = [spot.call for spot in self.lane.spots]
        failed = sum(1 for call in calls if call.failed)
        times = sorted(call.milliseconds for call in calls if call.ended)
        self._facts.setText(f"{_clock(self.lane.span_ns)} · {counted(len(self._workbench.ledger.entries), 'frame')}")
        self._numbers.setText(f"{counted(len(calls), 'call')} · {failed} failed" if calls else "")
        self._slow.setText(f"p95 {short_duration(times[int(len(times) * 0.95)])}" if times else "")
        self.lane.update()
        if not any(not call.ended for call in calls) and self.lane.quiet:
            self._timer.stop()


class StripLane(QWidget):
    """One focusable picture; Left and Right move between calls, Enter opens one."""

    picked = Signal(object, object)

    def __init__(self, workbench: Workbench) -> None:
        super().__init__()
        left_to_right(self)
        self._workbench = workbench
        self.spots: list[_Spot] = []
        self._known: set[Call] = set()
        self._ticks: list[tuple[int, str]] = []
        self._first_ns: int | None = None
        self._last_ns = 0
        self._current: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Calls of the last minutes: no calls yet")
        self.setMouseTracking(True)

    @property
    def span_ns(self) -> int:
        """From the first frame to now, or to the last frame when all is quiet."""
        return 0 if self._first_ns is None else max(0, self._end() - self._first_ns)

    @property
    def quiet(self) -> bool:
        """Nothing crossed the wire for a while, so the picture stands still."""
        return perf_counter_ns() - self._last_ns > 3 * 10**9

    def take(self, session: ServerSession, call: Call) -> None:
        self._last_ns = perf_counter_ns()
        self._first_ns = self._first_ns or call.started_ns
        if call not in self._known:
            self._known.add(call)
            self.spots.append(_Spot(session, call))
            if len(self.spots) > _CALLS_KEPT:
                self._known.discard(self.spots.pop(0).call)
        self._describe()

    def take_entries(self, entries: list[Entry]) -> None:
        for entry in entries:
            self._last_ns = max(self._last_ns, entry.at_ns)
            self._first_ns = self._first_ns or entry.at_ns
            if entry.kind in ("notification", "broken"):
                self._ticks.append((entry.at_ns, "bad" if entry.kind == "broken" else ""))
        del self._ticks[:-_TICKS_KEPT]

    def catch_up(self) -> None:
        """What happened before this window was opened."""
        ledger = self._workbench.ledger
        calls = [(session, call) for session in self._workbench.sessions for call in session.calls]
        for session, call in sorted(calls, key=lambda pair: pair[1].started_ns)[-_CALLS_KEPT:]:
            self.take(session, call)
        first, last = ledger.entries[0], ledger.entries[-1]
        self._first_ns, self._last_ns = first.at_ns, last.at_ns
        self.take_entries([ledger.entry(seq) for seq in range(max(first.seq, last.seq - _TICKS_KEPT), last.seq + 1)])

    # the window of time

    def _end(self) -> int:
        running = any(not spot.call.ended for spot in self.spots[-50:])
        return perf_counter_ns() if running or not self.quiet else self._last_ns + 10**9

    def _range(self) -> tuple[int, int]:
        end = self._end()
        first = self._first_ns if self._first_ns is not None else end
        span = min(_WINDOW_NS, max(_LEAST_NS, int((end - first) * 1.1)))
        return max(first, end - span), max(first, end - span) + span

    def _x(self, at_ns: int, begin: int, until: int) -> float:
        return 8 + (at_ns - begin) / (until - begin) * (self.width() - 16)

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._first_ns is None:
            painter.setPen(theme().color("text.muted"))
            painter.setFont(theme().font("small"))
            left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
            room = self.rect().adjusted(14, 0, -8, 0)
            words = "Calls will draw themselves here as they happen."
            words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, left, words)
        else:
            self._paint_all(painter)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().color("focus"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_all(self, painter: QPainter) -> None:
        begin, until = self._range()
        self._paint_ruler(painter, begin, until)
        for spot in self.spots:
            call = spot.call
            if (call.ended_ns or until) >= begin:
                self._paint_call(painter, call, begin, until)
        self._paint_ticks(painter, begin, until)
        if self._current is not None and self._current < len(self.spots):
            self._paint_current(painter, self.spots[self._current].call, begin, until)

    def _paint_ruler(self, painter: QPainter, begin: int, until: int) -> None:
        wall = time_ns() - perf_counter_ns()
        painter.setFont(theme().font("caption"))
        widest = painter.fontMetrics().horizontalAdvance("00:00:00") + 16
        most = min(8, max(1, self.width() // widest))
        step = next(s for s in _STEPS if (until - begin) / (s * 10**9) <= most or s == _STEPS[-1]) * 10**9
        painter.setPen(theme().color("text.muted"))
        mark = begin - (begin + wall) % step + step
        while mark < until:
            text = clock((mark + wall) / 1e9)[: 8 if step < 60 * 10**9 else 5]
            x = self._x(mark, begin, until)
            half = painter.fontMetrics().horizontalAdvance(text) / 2
            if x + half > self.width() - 4:
                break
            if x >= half:
                painter.drawText(QPointF(x - half, self.height() - 4), text)
            mark += step

    def _paint_call(self, painter: QPainter, call: Call, begin: int, until: int) -> None:
        end = call.ended_ns or perf_counter_ns()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color(_tone(call)))
        painter.drawRoundedRect(self._bar(call.started_ns, end, 6, begin, until), 2, 2)
        for question in call.questions:
            if question.rule or question.by == "roots":
                continue  # nobody was kept waiting
            ink = theme().color("bar.violet")
            painter.setPen(QPen(ink, 1))
            painter.setBrush(QBrush(ink, Qt.BrushStyle.BDiagPattern))
            painter.drawRoundedRect(self._bar(question.asked_ns, question.ended_ns or end, 18, begin, until), 2, 2)

    def _bar(self, start: int, end: int, y: int, begin: int, until: int) -> QRectF:
        left = self._x(max(start, begin), begin, until)
        return QRectF(left, theme().px(y), max(2.5, self._x(min(end, until), begin, until) - left), theme().px(8))

    def _paint_ticks(self, painter: QPainter, begin: int, until: int) -> None:
        painter.setPen(QPen(theme().color("bar.slate"), 1.2))
        drawn = -1
        top, bottom = theme().px(29), theme().px(35)
        for at_ns, kind in self._ticks:
            x = int(self._x(at_ns, begin, until))
            if at_ns < begin or (x == drawn and not kind):
                continue
            drawn = x
            if kind:
                painter.setBrush(theme().color("bad.fill"))
                painter.drawPolygon(QPolygonF([QPointF(x - 4, bottom), QPointF(x + 4, bottom), QPointF(x, top)]))
            else:
                painter.drawLine(QPointF(x + 0.5, top), QPointF(x + 0.5, bottom))

    def _paint_current(self, painter: QPainter, call: Call, begin: int, until: int) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme().color("focus"), 2))
        bar = self._bar(call.started_ns, call.ended_ns or perf_counter_ns(), 6, begin, until)
        painter.drawRoundedRect(bar.adjusted(-2, -2, 2, 2), 4, 4)

    # keyboard, mouse, words

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self.spots:
            start = len(self.spots) if self._current is None else self._current
            step = -1 if key == Qt.Key.Key_Left else 1
            self._current = min(len(self.spots) - 1, max(0, start + step))
            self._describe()
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._current is not None:
            spot = self.spots[self._current]
            self.picked.emit(spot.session, spot.call)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position().x())
        if found is not None:
            self._current = found
            self._describe()
            self.picked.emit(self.spots[found].session, self.spots[found].call)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            found = self._at(event.pos().x())
            QToolTip.showText(event.globalPos(), tip(self._words(self.spots[found])) if found is not None else "", self)
            return True
        return super().event(event)

    def _at(self, x: float) -> int | None:
        if not self.spots:
            return None
        begin, until = self._range()
        at = begin + (x - 8) / max(1, self.width() - 16) * (until - begin)
        slack = (until - begin) / max(1, self.width()) * 4
        hits = [
            index
            for index, spot in enumerate(self.spots)
            if spot.call.started_ns - slack <= at <= (spot.call.ended_ns or until) + slack
        ]
        return hits[-1] if hits else None

    def _words(self, spot: _Spot) -> str:
        call = spot.call
        what = f"{visible(call.name)} of {visible(spot.session.name)}"
        return f"{what}, run {call.number}, {_STATES[call.state]}, {duration(call.milliseconds)}"

    def _describe(self) -> None:
        if not self.spots:
            return
        index = len(self.spots) - 1 if self._current is None else min(self._current, len(self.spots) - 1)
        self.setAccessibleName(f"Call {index + 1} of {len(self.spots)}: {self._words(self.spots[index])}")


def _tone(call: Call) -> str:
    if call.failed:
        return "bad.fill"
    return "bar.slate" if call.state == "cancelled" else "bar.blue"


def _clock(nanoseconds: int) -> str:
    seconds = nanoseconds // 10**9
    return f"{seconds // 60:02d}:{seconds % 60:02d}"
