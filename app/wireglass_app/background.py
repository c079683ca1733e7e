"""Long work in a thread of its own, cut into small steps, so that the window never waits for it.

A job walks an iterator. Each step should take a few milliseconds; between steps the thread sleeps for a moment, because
Python runs one thread at a time and the UI thread must get its turn at once, and on while the UI thread is at work.
"""

import atexit
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, SignalInstance
from shiboken6 import isValid

from wireglass_app.courtesy import give_way

__all__ = ["Job"]

_DRAIN_NS = 6_000_000
_PATIENCE_NS = 500_000_000


class _Mailbox(QObject):
    """Carries results to the UI thread. One posted event at a time, drained for a few milliseconds, then re-posted:
    a flood of results must not become one long turn of the event loop."""

    _arrived = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._letters: deque[tuple[Job, Callable[..., None], tuple[Any, ...]]] = deque()
        self._posted_ns = 0
        """When a drain was last asked for; 0 when none is due."""
        self._lock = threading.Lock()
        self._arrived.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    def post(self, job: "Job", call: Callable[..., None], *values: Any) -> None:
        now = time.perf_counter_ns()
        with self._lock:
            self._letters.append((job, call, values))
            # An event loop that closes can take a posted event with it: after a while the next letter asks again.
            if self._posted_ns and now - self._posted_ns < _PATIENCE_NS:
                return
            self._posted_ns = now
        signal: SignalInstance = self._arrived
        signal.emit()

    def _drain(self) -> None:
        until = time.perf_counter_ns() + _DRAIN_NS
        while True:
            with self._lock:
                if not self._letters:
                    self._posted_ns = 0
                    return
                job, call, values = self._letters.popleft()
            try:
                if not job.stopped and isValid(job.owner):
                    call(*values)
            except BaseException:
                self._go_on()  # one view's fault must not keep the letters of all others
                raise
            if time.perf_counter_ns() > until:
                self._go_on()
                return

    def _go_on(self) -> None:
        with self._lock:
            self._posted_ns = time.perf_counter_ns()
        QTimer.singleShot(0, self._drain)


_mailbox: _Mailbox | None = None
_running: set["Job"] = set()


def _the_mailbox() -> _Mailbox:
    global _mailbox
    if _mailbox is None:
        _mailbox = _Mailbox()
    return _mailbox


class Job:
    """Walks `steps` in a thread and hands each value to `on_step` on the UI thread; then `on_done`, or `on_error` with
    the exception. Make it on the UI thread. After `stop()` no callback runs any more, nor when `owner`, which they
    touch, was deleted; what it does goes on, for it may be writing a file."""

    def __init__(
        self,
        steps: Iterable[Any],
        owner: QObject,
        on_step: Callable[[Any], None],
        on_done: Callable[[], None] | None = None,
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        self.stopped = False
        self.finished = False
        self.owner = owner
        self._steps = steps
        self._on_step = on_step
        self._on_done = on_done
        self._on_error = on_error
        self._mailbox = _the_mailbox()
        self._thread = threading.Thread(target=self._walk, name="wireglass-job", daemon=True)
        _running.add(self)
        self._thread.start()

    def stop(self) -> None:
        """Ends the job at its next step. Safe to call at any time, from the UI thread."""
        self.stopped = True

    def _walk(self) -> None:
        try:
            for value in self._steps:
                if self.stopped:
                    return
                self._mailbox.post(self, self._on_step, value)
                give_way()
            self._mailbox.post(self, self._finish)
        except Exception as error:  # the boundary of the thread: whatever failed is shown where the work was asked for
            self._mailbox.post(self, self._fail, error)
        finally:
            _running.discard(self)

    def _finish(self) -> None:
        self.finished = True
        if self._on_done is not None:
            self._on_done()

    def _fail(self, error: Exception) -> None:
        self.finished = True
        if self._on_error is None:
            raise error
        self._on_error(error)


@atexit.register
def _stop_all() -> None:
    """A thread that outlives the interpreter would post into a Qt that is gone."""
    for job in tuple(_running):
        job.stop()
        job._thread.join(1.0)
