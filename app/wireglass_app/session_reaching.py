"""Why one server cannot be reached: its steps as far as they went, then each tried by itself, and the failure."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wireglass.errors import RequestTimeout, SignInError, TransportError
from wireglass_app.connection_steps import step_of
from wireglass_app.failures import Failure, explain
from wireglass_app.reaching import check_http

if TYPE_CHECKING:
    from wireglass_app.server_session import ServerSession

__all__ = ["SessionReaching"]

_CHECKED = (TransportError, RequestTimeout)
"""After these, each step of reaching the server is tried by itself."""


class SessionReaching:
    """Works for its session: ends its `steps`, and adds those of the check."""

    def __init__(self, session: "ServerSession") -> None:
        self._session = session
        self.changing = False
        """Whether it connects anew in another mode."""

    def failed(self, problem: Exception, noise: list[str], *, was_ready: bool) -> Failure:
        """The connection ended by `problem`. `noise` is what the server wrote that is no message."""
        session = self._session
        # Once it has told its name, people know it by that.
        target = replace(session.target, name=session.name)
        found = explain(target, problem, session.steps, noise, session.stderr, was_ready=was_ready)
        for step in session.steps:
            if step.state == "running":  # what waited for a sign-in did not fail itself
                step.state = "skipped" if isinstance(problem, SignInError) else "failed"
        reachable = isinstance(problem, SignInError)  # its own steps say more than a check could
        if session.target.kind != "stdio" and not was_ready and not reachable and isinstance(problem, _CHECKED):
            session.spawn(self.check())
        return found

    def reconnect_as(self, mode: str) -> None:
        """See `ServerSession.reconnect_as`."""
        session, before = self._session, self._session.target.mode
        if mode == before:
            return

        def settled() -> None:
            if session.state in ("ready", "failed"):
                self.changing = False
                session.state_changed.disconnect(settled)
                if session.state == "failed":
                    session.target = replace(session.target, mode=before)

        self.changing = True
        session.target = replace(session.target, mode=mode)
        session.state_changed.connect(settled)
        session.spawn(session.restart())

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
