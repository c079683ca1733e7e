"""Many runs of one tool: how many in all, how many at once, and what their times say. Calls go through `send`."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from wireglass.recording.timing import median
from wireglass_app.calls import Call
from wireglass_app.plain import short_duration

__all__ = ["Series"]


class Series(QObject):
    """Starts a call as soon as one ends, until all were sent. `changed` after each end; `ended` once."""

    changed = Signal()
    ended = Signal()

    def __init__(
        self, send: Callable[[], Call | None], total: int, at_once: int, parent: QObject | None = None
    ) -> None:
        """`send` starts one call, or returns None when none can be started any more."""
        super().__init__(parent)
        self._send = send
        self.total = total
        self._at_once = at_once
        self._stopped = False
        self.calls: list[Call] = []
        self._done: set[Call] = set()

    def start(self) -> None:
        """Sends the first ones."""
        self._fill()

    def stop(self) -> list[Call]:
        """Sends no more; returns those that still run, which the caller may cancel."""
        self._stopped = True
        self.total = len(self.calls)
        return [call for call in self.calls if not call.ended]

    @property
    def running(self) -> bool:
        return len(self._done) < len(self.calls) or (not self._stopped and len(self.calls) < self.total)

    def call_changed(self, call: Call) -> None:
        """Tells of a change of any call; those of others are passed over."""
        if call not in self.calls or not call.ended or call in self._done:
            return
        self._done.add(call)
        if call.state == "lost":  # the server is gone: the rest would only fail the same way
            self.stop()
        self._fill()
        self.changed.emit()
        if not self.running:
            self.ended.emit()

    def _fill(self) -> None:
        while not self._stopped and len(self.calls) < self.total and len(self.calls) - len(self._done) < self._at_once:
            call = self._send()
            if call is None:
                self.stop()
                return
            self.calls.append(call)
            if call.ended:
                self._done.add(call)

    @property
    def words(self) -> str:
        """ "7 of 10 runs · p50 12 ms · p95 30 ms · 1 failed"."""
        times = sorted(call.milliseconds for call in self._done if call.state == "done")
        failed = sum(1 for call in self._done if call.failed)
        parts = [f"{len(self._done)} of {self.total} runs"]
        if times:
            late = times[min(len(times) - 1, int(len(times) * 0.95))]
            parts += [f"p50 {short_duration(median(times) or 0)}", f"p95 {short_duration(late)}"]
        if failed:
            parts.append(f"{failed} failed")
        return " · ".join(parts)
