"""The client's end of a session: stamps what the negotiated version wants on each request, answers the server's."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from wireglass.errors import METHOD_NOT_FOUND, McpError
from wireglass.protocol import methods, versions
from wireglass.protocol.connection import NotificationArrived, RequestArrived
from wireglass.protocol.messages import JsonObject, RequestId, as_object
from wireglass.session.peer import Notified, OnFinding, Peer, Progressed
from wireglass.wire.base import Received, Transport

__all__ = ["Answering", "ClientSession", "Session"]

Answering = Callable[[str, JsonObject, RequestId], Awaitable[JsonObject]]
"""Answers a request of the server: method, params, id. Raises McpError to refuse."""


class ClientSession(Peer):
    """The client's end. `version` decides what is stamped; set it with `settle` once it is known."""

    def __init__(
        self,
        transport: Transport,
        *,
        on_request: Answering | None = None,
        on_notification: Notified | None = None,
        on_finding: OnFinding | None = None,
        on_closed: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(transport, "client", on_finding=on_finding)
        self._on_request = on_request
        self._on_notification = on_notification
        self._on_closed = on_closed
        self.client_info: JsonObject = {}
        self.capabilities: JsonObject = {}
        self.log_level: str | None = None
        """Stamped on each request of the stateless era."""

    async def start(self) -> None:
        """Opens the transport and begins to receive. Raises TransportError."""
        if hasattr(self.transport, "hold_with"):  # the ways on which people sign in
            cast("Any", self.transport).hold_with(self.patience)
        await super().start()

    @property
    def version(self) -> str | None:
        """The version in use, or None before it is known."""
        return self.connection.version

    @property
    def stateless(self) -> bool:
        """Whether the version in use is of the stateless era."""
        return versions.is_stateless(self.connection.version)

    def settle(self, version: str | None) -> None:
        """From here on messages are those of `version` (None: unknown again)."""
        self.connection.version = version

    async def request(
        self,
        method: str,
        params: JsonObject | None = None,
        *,
        timeout: float | None = None,
        max_timeout: float | None = None,
        on_progress: Progressed | None = None,
        meta: JsonObject | None = None,
        headers: Mapping[str, str] | None = None,
        related: RequestId | None = None,
        on_sent: Callable[[RequestId], object] | None = None,
        patient: bool = False,
    ) -> JsonObject:
        """As `Peer.request`; `meta` is merged into `params._meta` and wins over what is stamped."""
        return await super().request(
            method,
            self._stamp(params, meta),
            timeout=timeout,
            max_timeout=max_timeout,
            on_progress=on_progress,
            headers=self._headers(method, params, headers),
            related=related,
            on_sent=on_sent,
            patient=patient,
        )

    async def notify(
        self,
        method: str,
        params: JsonObject | None = None,
        *,
        related: RequestId | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Sends a notification with the headers of the version. Raises TransportClosed."""
        await super().notify(method, params, related=related, headers=self._headers(method, params, headers))

    def _stamp(self, params: JsonObject | None, meta: JsonObject | None) -> JsonObject | None:
        stateless = self.stateless
        if not stateless and not meta:
            return params
        stamped: dict[str, Any] = dict(as_object(as_object(params).get("_meta")))
        if stateless:
            stamped.setdefault(versions.META_PROTOCOL_VERSION, self.connection.version)
            stamped.setdefault(versions.META_CLIENT_CAPABILITIES, self.capabilities)
            if self.client_info:
                stamped.setdefault(versions.META_CLIENT_INFO, self.client_info)
            if self.log_level is not None:
                stamped.setdefault(versions.META_LOG_LEVEL, self.log_level)
        stamped.update(meta or {})
        if stateless and stamped.get(versions.META_LOG_LEVEL, "") is None:
            del stamped[versions.META_LOG_LEVEL]  # this request asks for no log
        return {**(params or {}), "_meta": stamped}

    def _headers(
        self, method: str, params: JsonObject | None, given: Mapping[str, str] | None
    ) -> Mapping[str, str] | None:
        """The protocol headers of a message; only HTTP carries them."""
        version = self.connection.version
        if version is None or self.transport.name not in ("streamable-http", "sse"):
            return given
        headers: dict[str, str] = {}
        if version >= "2025-06-18" and method != "initialize":
            headers[versions.HEADER_PROTOCOL_VERSION] = version
        if versions.is_stateless(version):
            headers[versions.HEADER_METHOD] = method
            name = methods.header_name(method, params)
            if name is not None:
                headers[versions.HEADER_NAME] = versions.encode_header_value(name)
        headers.update(given or {})
        return headers

    async def _result_of(self, event: RequestArrived, item: Received) -> JsonObject:
        if event.method == "ping":
            return {}
        if self._on_request is None:
            raise McpError(METHOD_NOT_FOUND, f"This client does not answer {event.method}.")
        return await self._on_request(event.method, event.params, event.id)

    def _notified(self, event: NotificationArrived, item: Received) -> None:
        if self._on_notification is None:
            return
        outcome = self._on_notification(event.method, event.params)
        if inspect.isawaitable(outcome):
            self._heard.add(outcome)

    def _ended(self) -> None:
        if self._on_closed is not None:
            self._on_closed()


Session = ClientSession
