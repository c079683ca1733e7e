"""The connection of one server, from its start to the state in which it ends."""

import asyncio
from time import perf_counter_ns
from typing import TYPE_CHECKING

from shiboken6 import isValid

from wireglass_app.connection_steps import first_steps
from wireglass_app.era import ListenStream
from wireglass_app.link import Link
from wireglass_app.session_arrivals import SessionArrivals
from wireglass_app.session_calls import SessionCalls
from wireglass_app.session_reaching import SessionReaching
from wireglass_app.session_subscriptions import SessionSubscriptions

if TYPE_CHECKING:
    from wireglass_app.server_session import ServerSession

__all__ = ["SessionLife"]


class SessionLife:
    """Works for its session: gives it a `link` for as long as it is connected, and changes its state."""

    def __init__(
        self,
        session: "ServerSession",
        calls: SessionCalls,
        arrivals: SessionArrivals,
        reaching: SessionReaching,
        subscribed: SessionSubscriptions,
    ) -> None:
        self._session, self._calls, self._arrivals, self._reaching = session, calls, arrivals, reaching
        self._subscribed = subscribed
        self.left_because = ""
        """See `ServerSession.left_because`."""
        self._tap = session.bridge.channel(arrivals.take_frames, session)
        self._events = session.bridge.channel(arrivals.take_events, session)
        self._task: asyncio.Task[None] | None = None
        self.over = False
        """Whether the server was closed for good: nothing begins any more."""

    @property
    def running(self) -> bool:
        """Whether it connects or is connected."""
        return self._task is not None

    def begin(self) -> None:
        """Starts connecting; does nothing while it runs already, nor when it is over."""
        session = self._session
        if self._task is not None or self.over:
            return
        session.failure = None
        self._subscribed.begin()
        self.left_because = ""
        session.stream, session.pings = ListenStream(), []
        session.steps = first_steps(session.target)
        self._arrivals.noise = []
        session.starts += 1
        self._calls.forget_ids()
        session.began_ns = perf_counter_ns()
        self._reaching.begin()
        session.become("connecting")
        answers = session.answers
        session.link = Link(
            session.target,
            session.roots,
            self._tap,
            self._events,
            rules=answers.rules.for_connection(session.connection),
            recorded=answers.recorded,
            endpoint=answers.endpoint,
            log_level=session.log_level,
            token_store=lambda: answers.endpoints.secrets,
        )
        session.sign_in.attach(session.link.sign_in)
        self._task = session.spawn(self._live(session.link))

    async def end(self, why: str = "You disconnected the server while this ran: what it did is unknown.") -> None:
        """Ends the connection and what it started; `why` is for the calls that run."""
        task, link = self._task, self._session.link
        if task is None or link is None:
            return
        self.left_because = why
        if self._session.state == "connecting":
            task.cancel()
        else:
            self._session.bridge.call_soon(link.close)
        await asyncio.wait([task])

    async def _live(self, link: Link) -> None:
        session = self._session
        problem: Exception | None = None
        was_ready = False
        try:
            await session.bridge.run(link.live)
        except asyncio.CancelledError:
            await session.bridge.run(link.wait_ended)
            raise
        except Exception as caught:  # boundary: whatever went wrong becomes a state with an explanation
            problem = caught
            await session.bridge.settled()  # the server's last words are part of the explanation
        finally:
            was_ready = session.state == "ready"
            self._task = session.link = None
            if isValid(session):
                session.sign_in.attach(None)
                self._end_everything(problem, was_ready)

    def _end_everything(self, problem: Exception | None, was_ready: bool) -> None:
        session = self._session
        for question in session.open_questions:
            question.withdraw("gone")
        session.answers.rules.disconnected(session.connection)
        self._calls.cancel_all()
        self._reaching.heard()
        if problem is None:
            session.happened("end", perf_counter_ns(), text="disconnected")
            session.become("closed")
            return
        session.failure = self._reaching.failed(problem, was_ready=was_ready)
        session.happened("end", perf_counter_ns(), text=session.failure.title)
        session.become("crashed" if was_ready else "failed")
