"""Who wants to hear of changes: sessions that subscribed (handshake eras) and open listen streams (2026-07-28)."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wireglass.protocol.versions import META_SUBSCRIPTION_ID
from wireglass.session.scope import RequestScope, SessionFacts

__all__ = ["Subscriptions"]

log = logging.getLogger(__name__)

TaskState = Callable[[], dict[str, Any]]
"""How a task stands, as `notifications/tasks` says it."""
_LIST_FLAGS = {"tool": "toolsListChanged", "prompt": "promptsListChanged", "resource": "resourcesListChanged"}


@dataclass(eq=False)
class _Listener:
    """One `subscriptions/listen` request."""

    scope: RequestScope
    accepted: dict[str, Any]
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def tell(self, method: str, params: dict[str, Any]) -> None:
        meta = {**params.get("_meta", {}), META_SUBSCRIPTION_ID: self.scope.request_id}
        await self.scope.notify(method, {**params, "_meta": meta})


class Subscriptions:
    """The listeners of one server."""

    def __init__(self) -> None:
        self._sessions: dict[SessionFacts, set[str]] = {}
        """Handshake sessions that are open, and the URIs each subscribed to."""
        self._listeners: set[_Listener] = set()
        self._sending: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        """Where those who listen are served."""

    def opened(self, scope: RequestScope) -> None:
        """Remembers a handshake session until it closes."""
        session = scope.session
        self._loop = asyncio.get_running_loop()
        if session not in self._sessions:
            self._sessions[session] = set()
            session.closed.append(lambda: self._forget(session))

    def _forget(self, session: SessionFacts) -> None:
        self._sessions.pop(session, None)

    def subscribe(self, scope: RequestScope, uri: str) -> None:
        """`resources/subscribe`."""
        self.opened(scope)
        self._sessions[scope.session].add(uri)

    def unsubscribe(self, scope: RequestScope, uri: str) -> None:
        """`resources/unsubscribe`."""
        self._sessions.get(scope.session, set()).discard(uri)

    async def listen(
        self, scope: RequestScope, wanted: dict[str, Any], tasks: dict[str, TaskState] | None = None
    ) -> dict[str, Any]:
        """`subscriptions/listen`: runs until the client or the server ends it, then is its result.

        `tasks` are those it may hear of, by id. It hears at once how each stands: what changed before is not lost.
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
        try:
            await listener.tell("notifications/subscriptions/acknowledged", {"notifications": accepted})
            for state in (tasks or {}).values():
                await listener.tell("notifications/tasks", state())
            await listener.ended.wait()
        finally:
            self._listeners.discard(listener)
        return {"_meta": {META_SUBSCRIPTION_ID: scope.request_id}}

    def end_all(self) -> None:
        """Ends every listen stream with its result: the server stops."""
        for listener in self._listeners:
            listener.ended.set()

    def list_changed(self, kind: str | None) -> None:
        """A list changed ("tool", "resource", "prompt", or None for all): tells everyone, if the loop runs."""
        for each in [kind] if kind else list(_LIST_FLAGS):
            self._spread(lambda each=each: self._tell_list(each))

    async def _tell_list(self, kind: str) -> None:
        method = f"notifications/{kind}s/list_changed"
        for listener in list(self._listeners):
            if listener.accepted.get(_LIST_FLAGS[kind]):
                await listener.tell(method, {})
        for session in list(self._sessions):
            await session.notify(method, None)

    async def resource_updated(self, uri: str) -> None:
        """A resource changed: tells those who subscribed to it."""
        method, params = "notifications/resources/updated", {"uri": uri}
        for listener in list(self._listeners):
            if uri in listener.accepted.get("resourceSubscriptions", ()):
                await listener.tell(method, params)
        for session, uris in list(self._sessions.items()):
            if uri in uris:
                await session.notify(method, params)

    def task_changed(self, id: str, state: TaskState) -> None:
        """A task changed: tells those who listen for it how it stands when they are told."""
        self._spread(lambda: self._tell_task(id, state))

    async def _tell_task(self, id: str, state: TaskState) -> None:
        for listener in list(self._listeners):
            if id in listener.accepted.get("taskIds", ()):
                await listener.tell("notifications/tasks", state())

    def _spread(self, send: Callable[[], Any]) -> None:
        if self._loop is None or (not self._listeners and not self._sessions):
            return
        try:
            here: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if here is self._loop:
            self._start(send)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._start, send)  # a tool that is no coroutine runs in a thread

    def _start(self, send: Callable[[], Any]) -> None:
        task = asyncio.get_running_loop().create_task(self._quietly(send))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _quietly(self, send: Callable[[], Any]) -> None:
        try:
            await send()
        except Exception:  # boundary: a listener that is gone must not disturb who made the change
            log.debug("A change could not be told to a client", exc_info=True)
