"""Why one server cannot be reached: its steps as far as they went, then each tried by itself, and the failure."""

from collections.abc import Callable
from dataclasses import replace
from time import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer

from wireglass.errors import OlderTransport, RequestTimeout, SignInError, TransportError
from wireglass_app.calls import Target
from wireglass_app.connection_steps import end_waiting, step_of
from wireglass_app.failures import Failure, explain, silent
from wireglass_app.plain import span_words
from wireglass_app.reaching import check_http

if TYPE_CHECKING:
    from wireglass_app.server_session import ServerSession

__all__ = ["SessionReaching"]

_CHECKED = (TransportError, RequestTimeout)
"""After these, each step of reaching the server is tried by itself."""


class SessionReaching:
    """Works for its session: ends its `steps`, and adds those of the check."""

    def __init__(self, session: "ServerSession", noise: Callable[[], list[str]]) -> None:
        """`noise` gives what the server wrote that is no message."""
        self._session = session
        self.changing = False
        """Whether it connects anew in another mode."""
        self._mode_before = session.target.mode
        self.silence: Failure | None = None
        """What is said of a process that runs and has not answered for too long."""
        self._waited = 0.0
        self._patience = QTimer(session, singleShot=True)
        self._patience.timeout.connect(self._report_silence)
        session.logs_added.connect(self._renew_silence)
        self._noise = noise

    def _named(self) -> Target:
        """Once it has told its name, people know it by that."""
        return replace(self._session.target, name=self._session.name)

    def begin(self) -> None:
        """A start began: a process that says nothing is reported after a while."""
        self.silence, self._waited = None, 0.0
        if self._session.target.kind == "stdio":
            self._patience.start(round(self._session.target.start_timeout * 1000))

    def heard(self) -> None:
        """It is ready, or over: nobody waits any more."""
        self._patience.stop()
        self.silence = None

    def keep_waiting(self) -> None:
        """The report is put away; it comes again after the same time."""
        if self.silence is not None:
            self.silence = None
            self._patience.start()
            self._session.state_changed.emit()

    def _report_silence(self) -> None:
        session = self._session
        self._waited += self._patience.interval() / 1000
        if session.state != "connecting":
            return
        self.silence = self._silence()
        session.state_changed.emit()

    def _renew_silence(self) -> None:
        """What it writes while the report stands is told there too: it may be the reason."""
        if self.silence is not None and (found := self._silence()) != self.silence:
            self.silence = found
            self._session.steps_changed.emit()

    def _silence(self) -> Failure:
        session = self._session
        waits = next((step.text.split(" ")[0] for step in session.steps if step.state == "running"), "anything")
        return silent(self._named(), waits, self._waited, self._noise(), session.stderr)

    def failed(self, problem: Exception, *, was_ready: bool) -> Failure:
        """The connection ended by `problem`."""
        session = self._session
        self.heard()
        found = explain(self._named(), problem, session.steps, self._noise(), session.stderr, was_ready=was_ready)
        if was_ready and session.connected_at is not None:
            since = f"{span_words(max(0.0, time() - session.connected_at))} after the " + (
                "reload" if session.starts > 1 else "start"
            )
            found = replace(found, fact=", ".join(part for part in (found.fact, since) if part))
        # what waited for a sign-in did not fail itself
        end_waiting(session.steps, failed=not isinstance(problem, SignInError))
        reachable = isinstance(problem, SignInError | OlderTransport)  # they say more than a check could
        if session.target.kind != "stdio" and not was_ready and not reachable and isinstance(problem, _CHECKED):
            session.spawn(self.check())
        return found

    def reconnect_as(self, mode: str) -> None:
        """See `ServerSession.reconnect_as`."""
        session = self._session
        if self.changing or mode == session.target.mode:
            return
        self._mode_before = session.target.mode
        self.changing = True
        session.target = replace(session.target, mode=mode)
        session.state_changed.connect(self._mode_tried)
        session.spawn(session.restart())

    def _mode_tried(self) -> None:
        session = self._session
        if session.state not in ("ready", "failed"):
            return
        self.changing = False
        session.state_changed.disconnect(self._mode_tried)
        if session.state == "failed":
            session.target = replace(session.target, mode=self._mode_before)

    async def check(self) -> None:
        """Tries each step of reaching an HTTP server by itself; `steps` fill as they are done."""
        session = self._session
        if session.target.kind == "stdio" or session.state == "connecting":
            return
        session.steps = [step for step in session.steps if not step.check]

        def checked(checks: list[Any]) -> None:
            for one in checks:
                session.steps.append(step_of(one))
            session.steps_changed.emit()

        await session.bridge.run(check_http, session.target, session.bridge.channel(checked, session))
        await session.bridge.settled()
        failed = next((step for step in session.steps if step.check and step.state == "failed"), None)
        if failed is not None and session.failure is not None and failed.remedy:
            session.failure = replace(session.failure, text=failed.detail, next_step="")
            session.state_changed.emit()
