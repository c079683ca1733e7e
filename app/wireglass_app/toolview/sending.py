"""How a tool is run: asked about first where it may destroy something, sent once or as a series, stopped again."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from wireglass.protocol.spans import TRACE_KEY
from wireglass_app.calls import Call
from wireglass_app.dossier.confirm import Confirm
from wireglass_app.dossier.series import Series
from wireglass_app.layouts import Pages
from wireglass_app.server_session import ServerSession
from wireglass_app.toolview.hints import hint, is_destructive
from wireglass_app.toolview.tool_forms import ToolForms

__all__ = ["Sender"]


@dataclass(frozen=True, slots=True)
class _Wanted:
    session: ServerSession
    name: str
    arguments: dict[str, Any]
    timeout: float | None
    total: int
    at_once: int


class Sender(QObject):
    """Starts calls with the request options below the form, and shows nothing but its question."""

    asking = Signal()
    """The question is the page in sight."""
    kept = Signal()
    """The user said no."""
    sent = Signal(object)
    """A `Call` is on its way."""
    series_begun = Signal()
    series_changed = Signal(object)
    """A `Series`, after one of its calls ended."""

    def __init__(self, forms: ToolForms, pages: Pages, result: QWidget) -> None:
        """The question is a page of `pages`, and gives way to `result`."""
        super().__init__(pages)
        self._forms, self._options = forms, forms.options
        self._pages, self._result = pages, result
        self._wanted: _Wanted | None = None
        """What is asked about."""
        self._agreed_before: set[tuple[ServerSession, int, str]] = set()
        """Tools that need no confirmation any more: of a server, since one of its starts."""
        self._series: Series | None = None

    @cached_property
    def confirm(self) -> Confirm:
        """Built when a tool first asks before it runs."""
        page = Confirm()
        page.agreed.connect(self._agreed)
        page.kept.connect(self._kept)
        self._pages.addWidget(page)
        return page

    def enter(self) -> bool:
        """Ctrl+Enter while the question is in sight; False when it is not."""
        if "confirm" not in self.__dict__ or self._pages.currentWidget() is not self.confirm:
            return False
        self.confirm.enter()
        return True

    def begin(
        self,
        session: ServerSession,
        tool: dict[str, Any],
        arguments: dict[str, Any],
        timeout: float | None,
        total: int = 1,
        at_once: int = 1,
    ) -> None:
        """Runs `total` times, `at_once` of them together, each with `timeout` seconds; asks first where needed."""
        name = str(tool.get("name"))
        wanted = _Wanted(session, name, arguments, timeout, total, at_once)
        if not is_destructive(tool) or (session, session.starts, name) in self._agreed_before:
            self._run(wanted)
            return
        self._wanted = wanted
        self.confirm.ask(name, arguments, repeatable=hint(tool, "idempotentHint"), times=total)
        self._pages.setCurrentWidget(self.confirm)
        self.asking.emit()
        self.confirm.keep.setFocus(Qt.FocusReason.OtherFocusReason)

    def forget(self) -> None:
        """Nothing is asked about any more: another tool is in sight, or none."""
        self._wanted = None
        self._pages.setCurrentWidget(self._result)

    def _agreed(self, always: bool) -> None:
        wanted = self._wanted
        self.forget()
        if wanted is None:
            return
        if always:
            self._agreed_before.add((wanted.session, wanted.session.starts, wanted.name))
        self._run(wanted)

    def _kept(self) -> None:
        self.forget()
        self.kept.emit()

    def _run(self, wanted: _Wanted) -> None:
        if wanted.total == 1:
            self._send(wanted)
            return
        series = Series(lambda: self._send(wanted), wanted.total, wanted.at_once, self)
        self._series = series
        series.changed.connect(lambda: self.series_changed.emit(series))
        series.start()
        self.series_begun.emit()

    def _send(self, wanted: _Wanted) -> Call | None:
        session, options = wanted.session, self._options
        if not session.usable:
            return None
        meta = dict(options.meta)
        if options.trace:
            meta.setdefault(TRACE_KEY, True)
        call = session.call_tool(
            wanted.name,
            wanted.arguments,
            task=options.task,
            timeout=wanted.timeout,
            meta=meta or None,
            log_level=options.log_level,
            progress=options.progress,
        )
        self._forms.sent(session, wanted.name, wanted.arguments)
        self.sent.emit(call)
        return call

    def stop(self) -> list[Call]:
        """Sends no more of a series; returns its calls that still run, which the caller may cancel."""
        return self._series.stop() if self._series is not None else []

    def call_changed(self, call: Call) -> None:
        """Tells of a change of any call: a series goes on when one of its own ended."""
        if self._series is not None:
            self._series.call_changed(call)

    def series_of(self, call: Call | None) -> Series | None:
        """The last series, when the call is one of it."""
        series = self._series
        return series if series is not None and call in series.calls else None
