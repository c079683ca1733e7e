"""Who wants to hear of changes: sessions that subscribed (handshake eras) and open listen streams (2026-07-28)."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from wireglass.protocol.versions import META_SUBSCRIPTION_ID
from wireglass.session.scope import RequestScope, SessionFacts

__all__ = ["Outbox", "Subscriptions", "Watch"]

log = logging.getLogger(__name__)

TaskState = Callable[[], dict[str, Any]]
"""How a task stands, as `notifications/tasks` says it."""
_LIST_FLAGS = {"tool": "toolsListChanged", "prompt": "promptsListChanged", "resource": "resourcesListChanged"}


News = Callable[[], dict[str, Any] | None]
"""The params of a notification, made when it is sent."""
Watch = Callable[[dict[str, Any], Callable[[str], None], Callable[[str], None]], AbstractAsyncContextManager[None]]
"""Hears of changes elsewhere for as long as it is open: what is wanted, and whom to tell of a list and of a URI."""
_GOODBYE_SECONDS = 1.0
_TURNS = 50
_UPDATED = "notifications/resources/updated"
_ONE_CHANNEL = ("stdio", "memory")
"""Where no stream closes with its answer: the end of a listen request is announced there by a cancel as well, as the
cancellation page wants; the subscriptions page wants the result. Clients take either."""
_PATIENCE_SECONDS = 0.5
"""How long whoever announces an update waits for it to be sent, so that it arrives before the answer to the call."""


class Outbox:
    """What one client has yet to hear. It never holds up the others, and never grows: news that still waits is not
    added again, since it says "look again" and not what changed. So it is bounded by what the client listens for."""

    def __init__(self, send: Callable[[str, dict[str, Any] | None], Awaitable[None]]) -> None:
        self._send = send
        self._waiting: dict[tuple[str, str], News] = {}
        self._task: asyncio.Task[None] | None = None

    def put(self, method: str, news: News, about: str = "") -> None:
        """Sends soon, after what waits already; once, however often it is put before it is sent."""
        self._waiting.setdefault((method, about), news)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._waiting:
                key = next(iter(self._waiting))
                news = self._waiting.pop(key)
                await self._send(key[0], news())
        except Exception:  # boundary: a client that is gone must not disturb who made the change
            self._waiting.clear()
            log.debug("A change could not be told to a client", exc_info=True)
        finally:
            self._task = None

    @property
    def sending(self) -> "asyncio.Task[None] | None":
        """The work in hand, if any."""
        return self._task

    def drop(self) -> None:
        """The client is gone."""
        self._waiting.clear()
        if self._task is not None:
            self._task.cancel()


@dataclass(eq=False)
class _Listener:
    """One `subscriptions/listen` request."""

    scope: RequestScope
    accepted: dict[str, Any]
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.tell)

    async def tell(self, method: str, params: dict[str, Any] | None) -> None:
        params = params or {}
        meta = {**params.get("_meta", {}), META_SUBSCRIPTION_ID: self.scope.request_id}
        await self.scope.notify(method, {**params, "_meta": meta})

    def list_changed(self, kind: str) -> None:
        if self.accepted.get(_LIST_FLAGS[kind]):
            self.outbox.put(f"notifications/{kind}s/list_changed", dict)

    def updated(self, uri: str) -> None:
        if uri in self.accepted.get("resourceSubscriptions", ()):
            self.outbox.put(_UPDATED, lambda: {"uri": uri}, uri)


class _Session:
    """A handshake session that is open."""

    def __init__(self, facts: SessionFacts) -> None:
        self.uris: set[str] = set()
        """What it subscribed to."""
        self.outbox = Outbox(facts.notify)


class Subscriptions:
    """The listeners of one server."""

    def __init__(self) -> None:
        self._sessions: dict[SessionFacts, _Session] = {}
        self._listeners: set[_Listener] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        """Where those who listen are served."""

    def opened(self, scope: RequestScope) -> None:
        """Remembers a handshake session until it closes: from its `notifications/initialized` on it hears of changed
        lists. A request that stands alone has no session to hear anything."""
        session = scope.session
        if scope.stateless or (session.id is None and session.transport not in ("stdio", "memory")):
            return
        self._loop = asyncio.get_running_loop()
        if session not in self._sessions:
            self._sessions[session] = _Session(session)
            session.closed.append(lambda: self._forget(session))

    def _forget(self, session: SessionFacts) -> None:
        known = self._sessions.pop(session, None)
        if known is not None:
            known.outbox.drop()

    def subscribe(self, scope: RequestScope, uri: str) -> None:
        """`resources/subscribe`."""
        self.opened(scope)
        if scope.session in self._sessions:
            self._sessions[scope.session].uris.add(uri)

    def unsubscribe(self, scope: RequestScope, uri: str) -> None:
        """`resources/unsubscribe`."""
        if scope.session in self._sessions:
            self._sessions[scope.session].uris.discard(uri)

    def updated_for(self, scope: RequestScope, uri: str) -> None:
        """A resource changed behind one session: tells that one, if it subscribed."""
        session = self._sessions.get(scope.session)
        if session is not None and uri in session.uris:
            session.outbox.put(_UPDATED, lambda: {"uri": uri}, uri)

    async def listen(
        self,
        scope: RequestScope,
        wanted: dict[str, Any],
        tasks: dict[str, TaskState] | None = None,
        watch: Watch | None = None,
    ) -> dict[str, Any]:
        """`subscriptions/listen`: runs until the client or the server ends it, then is its result.

        `tasks` are those it may hear of, by id. It hears at once how each stands: what changed before is not lost.
        `watch` is open before the listener is told that it hears everything.
        """
        accepted: dict[str, Any] = {flag: True for flag in _LIST_FLAGS.values() if wanted.get(flag) is True}
        uris = wanted.get("resourceSubscriptions")
        if isinstance(uris, list):
            accepted["resourceSubscriptions"] = [str(uri) for uri in uris]
        if tasks:
            accepted["taskIds"] = list(tasks)
        listener = _Listener(scope, accepted)
        self._loop = asyncio.get_running_loop()
        self._listeners.add(listener)
        at_close = scope.session.closed
        at_close.append(listener.ended.set)
        try:
            async with nullcontext() if watch is None else watch(accepted, listener.list_changed, listener.updated):
                await listener.tell("notifications/subscriptions/acknowledged", {"notifications": accepted})
                for state in (tasks or {}).values():
                    await listener.tell("notifications/tasks", state())
                await listener.ended.wait()
        finally:
            self._listeners.discard(listener)
            listener.outbox.drop()
            at_close.remove(listener.ended.set)
        if scope.session.transport in _ONE_CHANNEL:
            await listener.tell("notifications/cancelled", {"requestId": scope.request_id})
        return {"_meta": {META_SUBSCRIPTION_ID: scope.request_id}}

    def end_all(self) -> None:
        """Ends every listen stream with its result: the server stops."""
        for listener in self._listeners:
            listener.ended.set()

    async def say_goodbye(self) -> None:
        """Ends every listen stream and returns when the results are on their way, or after a second."""
        if not self._listeners:
            return
        self.end_all()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_SECONDS):
                while self._listeners:  # noqa: ASYNC110 - the last to leave tells nobody
                    await asyncio.sleep(0.005)
        for _ in range(_TURNS):
            await asyncio.sleep(0)  # from the handler's return to the transport

    def list_changed(self, kind: str | None) -> None:
        """A list changed ("tool", "resource", "prompt", or None for all): tells everyone, if the loop runs."""
        for each in [kind] if kind else list(_LIST_FLAGS):
            self._spread(lambda each=each: self._tell_list(each))

    def _tell_list(self, kind: str) -> None:
        method = f"notifications/{kind}s/list_changed"
        for listener in self._listeners:
            listener.list_changed(kind)
        for session in self._sessions.values():
            session.outbox.put(method, lambda: None)

    async def resource_updated(self, uri: str) -> None:
        """A resource changed: tells those who subscribed to it, and waits a moment for those who are quick."""
        told = [each.outbox for each in self._listeners if uri in each.accepted.get("resourceSubscriptions", ())]
        told += [each.outbox for each in self._sessions.values() if uri in each.uris]
        for outbox in told:
            outbox.put(_UPDATED, lambda: {"uri": uri}, uri)
        sending = [outbox.sending for outbox in told if outbox.sending is not None]
        if sending:
            await asyncio.wait(sending, timeout=_PATIENCE_SECONDS)

    def task_changed(self, id: str, state: TaskState) -> None:
        """A task changed: tells those who listen for it how it stands when they are told."""
        self._spread(lambda: self._tell_task(id, state))

    def _tell_task(self, id: str, state: TaskState) -> None:
        for listener in self._listeners:
            if id in listener.accepted.get("taskIds", ()):
                listener.outbox.put("notifications/tasks", state, id)

    def _spread(self, tell: Callable[[], None]) -> None:
        if self._loop is None or (not self._listeners and not self._sessions):
            return
        try:
            here: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if here is self._loop:
            tell()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(tell)  # a tool that is no coroutine runs in a thread
