"""The server's end: one handler for everything, over a long-lived session or for a single message."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable

from wireglass.errors import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    McpError,
    TransportClosed,
)
from wireglass.protocol import messages, methods, versions
from wireglass.protocol.connection import NotificationArrived, RequestArrived
from wireglass.protocol.messages import JsonObject, RequestId, as_object, is_object, is_request_id
from wireglass.session import eager
from wireglass.session.peer import OnFinding, Peer
from wireglass.session.scope import (
    LOG_LEVELS,
    Ask,
    Handler,
    NotificationHandler,
    Notify,
    Scope,
    SessionFacts,
    read_meta,
)
from wireglass.wire.base import HttpContext, Received, Transport

__all__ = ["ServerSession", "answer_one", "is_stateless_message"]

logger = logging.getLogger("wireglass.session")

_NO_HTTP = HttpContext()
_LINGER_SECONDS = 0.5
_OPENING = ("initialize", "ping")


def is_stateless_message(method: str, params: JsonObject | None) -> bool:
    """Whether a message belongs to the stateless era: it says so, or its method exists only there."""
    if versions.META_PROTOCOL_VERSION in as_object(as_object(params).get("_meta")):
        return True
    row = methods.METHODS.get(method)
    return row is not None and versions.is_stateless(row.since)


def _meta_of(params: JsonObject) -> JsonObject:
    meta = params.get("_meta")
    if meta is None:
        return {}
    if not is_object(meta):
        raise McpError(INVALID_PARAMS, "`_meta` is an object.")
    return meta


class ServerSession(Peer):
    """The server's end of one connection, for both eras: each message is served in the era it speaks.

    `handler` answers every request, `initialize`, `ping` and `server/discover` included; the session only remembers
    what they settled. `on_notification` gets every notification except cancels.

    What is settled stands in `known` (JSON): one that is not empty goes on with a session that another worker began.
    """

    def __init__(
        self,
        handler: Handler,
        transport: Transport,
        *,
        on_notification: NotificationHandler | None = None,
        session_id: str | None = None,
        on_finding: OnFinding | None = None,
        known: JsonObject | None = None,
    ) -> None:
        super().__init__(transport, "server", on_finding=on_finding)
        self._known: JsonObject = {} if known is None else known
        if "version" in self._known:
            self.connection.version = self._known["version"]
        if getattr(transport, "has_other_workers", False):
            # They may ask the client of the same session: requests of two must not have the same ids.
            self.connection.number_from(int.from_bytes(os.urandom(6), "big"))
        self._handler = handler
        self._on_notification = on_notification
        self.facts = SessionFacts(session_id, transport.name, notify=self._notify_unrelated)

    @property
    def client_info(self) -> JsonObject | None:
        """Who the client said it is."""
        return self._known.get("clientInfo")

    @property
    def client_capabilities(self) -> JsonObject:
        """What the client declared that it can do."""
        return self._known.get("capabilities") or {}

    @property
    def log_level(self) -> str:
        """Lowest level sent in the handshake era: everything, until the client says otherwise."""
        return self._known.get("logLevel") or LOG_LEVELS[0]

    async def run(self) -> None:
        """Serves until the client is gone, then cleans up. Cancel it to stop serving."""
        await self.start()
        try:
            await self.wait_closed()
            if self.transport.name == "stdio" and self._tasks:
                # `printf '...' | server`: the input has ended, the answers to it are still wanted.
                await asyncio.wait(self._tasks, timeout=_LINGER_SECONDS)
        finally:
            await self.aclose()

    async def _notify_unrelated(self, method: str, params: JsonObject | None) -> None:
        if not versions.is_stateless(self.connection.version) and self.connection.version is not None:
            await self._send_quietly(messages.notification(method, params))

    # Requests

    def _begin(self, event: RequestArrived, item: Received) -> None:
        """Most requests are answered here and now; a task that has to wait is kept as any other."""
        if self._loop is None or not self._heard.is_idle:
            super()._begin(event, item)  # after the notifications that came before it
            return
        task = eager.begin(self._loop, self._handle(event, item))
        if not task.done():
            self._handling[event.id] = task
            self._keep(task)

    async def _result_of(self, event: RequestArrived, item: Received) -> JsonObject:
        http = item.http or _NO_HTTP
        if is_stateless_message(event.method, event.params):
            scope = self._stateless_scope(event, http)
            return await self._handler(scope)
        scope = self._handshake_scope(event.method, event.params, event.id, http)
        result = await self._handler(scope)
        if event.method == "initialize":
            self._opened(event.params, result)
        elif event.method == "logging/setLevel" and event.params.get("level") in LOG_LEVELS:
            self._known["logLevel"] = event.params["level"]
        return result

    def _stateless_scope(self, event: RequestArrived, http: HttpContext) -> Scope:
        meta = _meta_of(event.params)
        return _stateless_scope(event.method, event.params, event.id, meta, self.facts, self._notifier(event.id), http)

    def _handshake_scope(self, method: str, params: JsonObject, id: RequestId, http: HttpContext) -> Scope:
        version = self.connection.version
        if version is None:
            if method not in _OPENING:
                text = f"{method} came before initialize."
                raise McpError(INVALID_REQUEST, text, {"supported": list(versions.ALL_VERSIONS)})
            version = versions.negotiate(params.get("protocolVersion"))
        elif methods.exists(method, version) is False:
            raise McpError(METHOD_NOT_FOUND, f"{version} has no method {method}.")
        return Scope(
            method,
            params,
            id,
            _meta_of(params),
            version,
            False,
            self.client_info,
            self.client_capabilities,
            self.log_level,
            self.facts,
            self._notifier(id),
            self._asker(id),
            http,
        )

    def _opened(self, params: JsonObject, result: JsonObject) -> None:
        info, capabilities = params.get("clientInfo"), params.get("capabilities")
        version = self.connection.version = result["protocolVersion"]
        self._known.update(
            version=version, clientInfo=info if is_object(info) else None, capabilities=as_object(capabilities)
        )

    def _notifier(self, id: RequestId) -> Notify:
        async def notify(method: str, params: JsonObject | None) -> None:
            if not self.connection.has_in_hand(id):
                return  # answered or cancelled: what a handler says after that belongs nowhere
            with contextlib.suppress(TransportClosed):
                await self.transport.send(messages.notification(method, params), related=id)

        return notify

    def _asker(self, id: RequestId) -> Ask:
        async def ask(method: str, params: JsonObject | None, timeout: float | None) -> JsonObject:
            return await self.request(method, params, timeout=timeout, related=id)

        return ask

    # Notifications and the end

    def _notified(self, event: NotificationArrived, item: Received) -> None:
        if self._on_notification is None:
            return
        try:
            scope = self._notification_scope(event, item.http or _NO_HTTP)
        except McpError as error:
            logger.debug("%s was ignored: %s", event.method, error.message)
            return
        self._heard.add(self._on_notification(scope))

    def _notification_scope(self, event: NotificationArrived, http: HttpContext) -> Scope:
        if is_stateless_message(event.method, event.params):
            meta = _meta_of(event.params)
            return _stateless_scope(event.method, event.params, "", meta, self.facts, self._notify_unrelated, http)
        scope = self._handshake_scope("ping", event.params, "", http)
        scope.method = event.method
        scope.notify_now = self._notify_unrelated
        return scope

    def _ended(self) -> None:
        for callback in self.facts.closed:
            try:
                callback()
            except Exception:
                logger.exception("A callback at the end of the session failed")


def _stateless_scope(
    method: str,
    params: JsonObject,
    id: RequestId,
    meta: JsonObject,
    session: SessionFacts,
    notify: Notify,
    http: HttpContext,
) -> Scope:
    facts = read_meta(method, meta)
    return Scope(
        method,
        params,
        id,
        meta,
        facts.version,
        True,
        facts.client_info,
        facts.capabilities,
        facts.log_level,
        session,
        notify,
        None,
        http,
    )


async def answer_one(
    handler: Handler,
    message: object,
    *,
    notify: Callable[[JsonObject], object] | None = None,
    http: HttpContext | None = None,
    version: str | None = None,
    session: SessionFacts | None = None,
    on_notification: NotificationHandler | None = None,
) -> JsonObject | None:
    """Answers one message without a session: the stateless era, and handshake servers that keep no sessions.

    `version` None or 2026-07-28 demands the `_meta` of the stateless era; an older one serves the message as that
    version, with nothing known about the client. `notify` gets each notification that belongs to the answer, as a
    whole message; it may return an awaitable. Returns the answer, or None for a notification. Never raises except
    CancelledError: to cancel the request, cancel the call.
    """
    if not is_object(message) or message.get("jsonrpc") != "2.0":
        return messages.error(None, INVALID_REQUEST, "A message is a JSON-RPC 2.0 object.")
    id, method, params = message.get("id"), message.get("method"), message.get("params")
    known = id if is_request_id(id) else None
    if not isinstance(method, str) or ("id" in message and known is None):
        return messages.error(known, INVALID_REQUEST, "A request has a method, and an id that is a string or integer.")
    if params is not None and not is_object(params):
        return messages.error(known, INVALID_PARAMS, "Params are an object.")
    try:
        scope = _single_scope(
            method, params or {}, known if known is not None else "", version, session, notify, http or _NO_HTTP
        )
        if known is None:
            if on_notification is not None:
                await on_notification(scope)
            return None
        return messages.result(known, await handler(scope))
    except McpError as error:
        return messages.error(known, error.code, error.message, error.data) if known is not None else None
    except Exception:
        # The boundary between handlers and the wire: the peer learns that it failed, the log learns why.
        logger.exception("The handler of %s failed", method)
        return messages.error(known, INTERNAL_ERROR, "Internal error") if known is not None else None


def _single_scope(
    method: str,
    params: JsonObject,
    id: RequestId,
    version: str | None,
    session: SessionFacts | None,
    notify: Callable[[JsonObject], object] | None,
    http: HttpContext,
) -> Scope:
    async def send(method: str, params: JsonObject | None) -> None:
        if notify is not None:
            outcome = notify(messages.notification(method, params))
            if asyncio.iscoroutine(outcome) or isinstance(outcome, asyncio.Future):
                await outcome

    facts = session or SessionFacts(transport="streamable-http")
    meta = _meta_of(params)
    if version is None or versions.is_stateless(version):
        return _stateless_scope(method, params, id, meta, facts, send, http)
    if method == "initialize":
        version = versions.negotiate(params.get("protocolVersion"))
    elif methods.exists(method, version) is False:
        raise McpError(METHOD_NOT_FOUND, f"{version} has no method {method}.")
    return Scope(method, params, id, meta, version, False, None, {}, LOG_LEVELS[0], facts, send, None, http)
