"""Where the time of a call went: one bar and its legend, and the phases as rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from wireglass.protocol.messages import WAITS
from wireglass.recording.entries import Exchange
from wireglass.recording.timing import shares
from wireglass_app.calls import Call
from wireglass_app.controls import left_to_right
from wireglass_app.plain import duration, visible
from wireglass_app.theme import theme

__all__ = ["Part", "Parted", "TimeBar", "parts_of"]

_TONES = {
    "handler": "bar.blue",
    "middleware": "bar.teal",
    "validation": "bar.magenta",
    "dependency": "bar.gold",
    "serialisation": "bar.green",
    "storage": "bar.orange",
    "server": "bar.slate",
    "human": "bar.violet",
    "model": "bar.violet",
    "queue": "bar.orange",
    "wire": "bar.slate",
    "stream": "bar.teal",
    "other": "bar.slate",
}
_LEAST_MS = 0.05
"""Less is told as 0.0 ms."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the bar."""

    name: str
    kind: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Parted:
    """All parts of one call. `server_ms` is None when the server did not report spans."""

    parts: tuple[Part, ...]
    server_ms: float | None
    wire_ms: float | None
    reported: bool

    @property
    def total_ms(self) -> float:
        return sum(part.milliseconds for part in self.parts if part.kind not in WAITS)


def parts_of(call: Call, exchanges: Sequence[Exchange]) -> Parted:
    """What the spans and the stamps of its frames tell. Human time is a part of its own, never counted."""
    spans = [span for exchange in exchanges for span in exchange.spans]
    answered = [exchange.answered_after_ns for exchange in exchanges]
    on_wire = sum(ns for ns in answered if ns is not None) / 1e6 if any(answered) else None
    human = call.waited_ns / 1e6
    if call.ended and not any(on is not None for on in answered):
        return _unanswered(call, human)
    queued = sum(exchange.queued_for_ns for exchange in exchanges) / 1e6
    parts: list[Part] = []
    server: float | None = None
    if spans:
        parts = [Part(visible(one.name, 60), one.kind, one.microseconds / 1000) for one in shares(spans)]
        waits = sum(part.milliseconds for part in parts if part.kind in WAITS)
        server = sum(part.milliseconds for part in parts) - waits
        rest = max(0.0, (on_wire or 0.0) + queued - server - waits)
        queued = min(queued, rest)  # "sent" is stamped after the write: by then the server may have been at work
        if queued >= _LEAST_MS:
            parts.append(Part("queued", "queue", queued))
        parts.append(Part("wire", "wire", rest - queued))
        return Parted(tuple(parts), server, rest - queued, True)
    if queued >= _LEAST_MS:
        parts.append(Part("queued", "queue", queued))
    parts += _phases(exchanges, human)
    if human:
        parts.append(Part("you", "human", human))
    return Parted(tuple(parts), None, None if on_wire is None else max(0.0, on_wire - human), False)


def _unanswered(call: Call, human: float) -> Parted:
    """A call that was stopped, was late or lost its server: all its time was waiting for an answer."""
    parts = [Part("waiting for an answer", "wire", call.milliseconds)]
    if human:
        parts.append(Part("you", "human", human))
    return Parted(tuple(parts), None, None, False)


def _phases(exchanges: Sequence[Exchange], human: float) -> list[Part]:
    """Until the first byte, and from it to the last; in the handshake era a human's time lies inside the first."""
    first = last = 0.0
    for exchange in exchanges:
        whole, byte = exchange.answered_after_ns, exchange.first_byte_after_ns
        if whole is None:
            continue
        first += (byte if byte is not None else whole) / 1e6
        last += (whole - byte) / 1e6 if byte is not None else 0.0
    inside = human if len(exchanges) == 1 else 0.0
    parts = [Part("server and wire", "server", max(0.0, first - inside))]
    if last >= 0.05:
        parts.append(Part("receiving", "stream", last))
    return parts


class TimeBar(QWidget):
    """The bar with its legend below. Enter or a click asks for the Timing tab."""

    opened = Signal()

    def __init__(self) -> None:
        super().__init__()
        left_to_right(self)
        self._parts: tuple[Part, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Where the time went")

    def set_parts(self, parts: Sequence[Part]) -> None:
        self._parts = tuple(part for part in parts if part.milliseconds > 0)
        words = ", ".join(f"{part.name} {duration(part.milliseconds)}" for part in self._parts)
        self.setAccessibleName(f"Where the time went: {words}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, theme().px(34))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = sum(part.milliseconds for part in self._parts)
        if not whole:
            return
        x, height = 1.0, theme().px(11)
        room = self.width() - 2 - 2 * (len(self._parts) - 1)
        for part in self._parts:
            width = max(2.0, part.milliseconds / whole * room)
            self._paint_part(painter, QRectF(x, 1, width, height), part)
            x += width + 2
        self._paint_legend(painter, height + theme().px(5))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().color("focus"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 3, 3)

    def _paint_part(self, painter: QPainter, box: QRectF, part: Part) -> None:
        ink = theme().color(_TONES.get(part.kind, "bar.slate"))
        fill = QBrush(ink)
        if part.kind in WAITS:
            fill.setStyle(Qt.BrushStyle.BDiagPattern)
        elif part.kind == "wire":  # paler than what the server did, of the same colour
            faint = QColor(ink)
            faint.setAlphaF(0.3)
            fill.setColor(faint)
        painter.setPen(QPen(ink, 1) if part.kind in WAITS else Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(box, 2, 2)

    def legend(self, room: int) -> list[Part]:
        """What is told below the bar within `room` pixels: the longest first, the rest in one."""
        ranked = sorted(self._parts, key=lambda part: (part.kind == "other", -part.milliseconds))
        told = [part for part in ranked if part.milliseconds >= _LEAST_MS and part.kind != "other"] or ranked[:1]
        while len(told) > 1 and sum(map(_legend_width, _with_rest(told, ranked))) > room:
            told.pop()
        return _with_rest(told, ranked)

    def _paint_legend(self, painter: QPainter, top: int) -> None:
        x, height = 0, theme().px(17)
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        for part in self.legend(self.width()):
            name, time = part.name + " ", duration(part.milliseconds)
            first, second = _widths(name, time)
            self._paint_part(painter, QRectF(x, top + height / 2 - 4, 8, 8), part)
            painter.setPen(theme().color("text.secondary"))
            painter.setFont(theme().font("small"))
            painter.drawText(QRectF(x + 13, top, first, height), middle, name)
            painter.setPen(theme().color("text.primary"))
            painter.setFont(theme().font("small-strong"))
            painter.drawText(QRectF(x + 13 + first, top, second + 2, height), middle, time)
            x += _legend_width(part)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.opened.emit()


def _with_rest(told: list[Part], ranked: list[Part]) -> list[Part]:
    rest = sum(part.milliseconds for part in ranked[len(told) :])
    return [*told, Part("Other", "other", rest)] if rest >= _LEAST_MS else told


def _widths(name: str, time: str) -> tuple[int, int]:
    return (
        QFontMetrics(theme().font("small")).horizontalAdvance(name),
        QFontMetrics(theme().font("small-strong")).horizontalAdvance(time),
    )


def _legend_width(part: Part) -> int:
    return 27 + sum(_widths(part.name + " ", duration(part.milliseconds)))
