"""The connection of a client: opened, closed, and opened again after it was lost."""

import asyncio
from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self, cast

from wireglass.client.asked import AnswersServer
from wireglass.client.eras import EraMemory
from wireglass.client.in_process import InProcessTransport
from wireglass.client.opening import OPEN_SECONDS, ConnectionFacts, Opening
from wireglass.client.opening_rules import OpeningRules
from wireglass.client.raw_results import RawResult
from wireglass.client.transports import ClientTransport, MCPConfigTransport
from wireglass.client.typed_session import TypedSession
from wireglass.errors import TransportClosed
from wireglass.protocol.connection import Finding
from wireglass.protocol.messages import HttpExchange, JsonObject
from wireglass.session import ClientSession
from wireglass.wire.base import Tap

if TYPE_CHECKING:
    from wireglass.client.several import SeveralServers

__all__ = ["Connecting", "Seconds", "in_seconds"]

Seconds = float | int | timedelta | None


class Connecting(AnswersServer):
    """One connection at a time, for as many contexts as are open. `Client` adds the requests."""

    transport: ClientTransport
    auto_initialize: bool
    _mode: str
    _version: str | None
    _eras: EraMemory
    _init_timeout: float | None
    _opening_rules: OpeningRules
    _reconnects: bool
    _client_info: JsonObject
    _tap: Tap | None
    _on_stderr: Callable[[str], object] | None
    _on_finding: Callable[[Finding], None] | None
    _on_http: Callable[[HttpExchange], None] | None
    _session: TypedSession | None
    _users: int
    """How many contexts are open."""
    _gate: asyncio.Lock
    """Held by whoever opens or closes."""

    async def __aenter__(self) -> Self:
        async with self._gate:
            self._users += 1
            try:
                if not self._is_open():
                    await self._drop()
                    if self.auto_initialize:
                        await self._open()
            except BaseException:
                self._users -= 1
                raise
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        async with self._gate:
            self._users = max(0, self._users - 1)
            if self._users == 0:
                await self._drop()

    async def close(self) -> None:
        """Closes the connection, however many contexts are open."""
        async with self._gate:
            self._users = 0
            await self._drop()

    async def reconnect(self) -> ConnectionFacts:
        """Closes the connection and opens a fresh one. Raises as entering the context does."""
        async with self._gate:
            await self._drop()
            await self._open()
            return self.facts

    def is_connected(self) -> bool:
        """Whether requests can be sent."""
        return self._is_open()

    def _is_open(self) -> bool:
        return self._session is not None and self._session.is_open

    async def _ready(self) -> TypedSession:
        """The session for a request; a new one when the connection ended and the client is to open another, or when
        another request is about to."""
        if self._users and (self._reconnects or self._gate.locked()):
            async with self._gate:
                if self._reconnects and not self._is_open():
                    await self._open_again()
        return self.session

    async def _begin_again(self, lost: ClientSession) -> TypedSession:
        """A new session after the server has forgotten the old one; once, whoever noticed it first."""
        async with self._gate:
            if self._session is lost:
                await self._open_again()
            return self.session

    async def _open_again(self) -> None:
        """Until the new session is there, and if there is none, it is the one that is over which others see."""
        await self._end(self._session)
        await self._open()

    async def _open(self, seconds: float | None = None) -> None:
        seconds = self._init_timeout if seconds is None else seconds
        opening = Opening(
            connect=self._connect,
            capabilities=self._capabilities,
            client_info=self._client_info,
            mode="handshake" if self._mode == "auto" and self.transport.legacy_only else self._mode,
            version=self._version,
            seconds=OPEN_SECONDS if seconds is None else seconds,
            rules=self._opening_rules,
            remembered=self._eras.recall(self._era_key),
        )
        try:
            session, facts = await opening.run()
        finally:
            if opening.remembered is None:
                self._eras.forget(self._era_key)
        if opening.verdict is not None:
            self._eras.keep(self._era_key, opening.verdict)
        if self._log_handler is not None and self._log_level is None:
            self._log_level = "debug"
        session.log_level = self._log_level
        self._session = cast("TypedSession", session)
        self._session.facts = facts
        self._settle(facts)
        await self._opened()

    @property
    def _era_key(self) -> Hashable | None:
        return self.transport.era_key if self._mode == "auto" else None

    async def _connect(self, sse: bool) -> TypedSession:
        if isinstance(self.transport, MCPConfigTransport) and len(self.transport.servers) > 1:
            transport = InProcessTransport(self._several(self.transport))
        else:
            transport = self.transport.make(tap=self._tap, on_stderr=self._on_stderr, sse=sse)
        if self._on_http is not None and hasattr(transport, "on_http"):
            cast("Any", transport).on_http = self._on_http
        session = TypedSession(
            transport,
            on_request=self._asked,
            on_notification=self._notified,
            on_finding=self._on_finding,
            on_closed=self._gone,
        )
        try:
            await session.start()
        except BaseException:
            await session.aclose()
            raise
        return session

    def _several(self, config: MCPConfigTransport) -> "SeveralServers":
        raise NotImplementedError

    async def _drop(self) -> None:
        session, self._session = self._session, None
        await self._end(session)

    async def _end(self, session: TypedSession | None) -> None:
        self.inputs.withdraw_all()
        await self._close_own_tasks()
        await self._close_lists()
        if session is not None:
            await session.aclose()

    def _gone(self) -> None:
        self.inputs.withdraw_all()

    @property
    def session(self) -> TypedSession:
        """The session underneath. Raises TransportClosed when not connected."""
        if self._session is None:
            raise TransportClosed("The client is not connected.", next_step="Use it inside `async with client:`.")
        return self._session

    async def initialize(self, timeout: Seconds = None) -> RawResult:
        """The raw result of `initialize`, after asking for it with `auto_initialize=False`.

        Raises RuntimeError on a stateless connection, which has none.
        """
        async with self._gate:
            if self._users and not self._is_open():
                await self._open(in_seconds(timeout))
        result = self.initialize_result
        if result is None:
            raise RuntimeError(
                "This connection was negotiated in the modern protocol era, which has no initialize: "
                "read client.server_info, client.server_capabilities and client.instructions."
            )
        return result


def in_seconds(value: Seconds) -> float | None:
    """A length of time as a number, however it was given."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    return None if value is None else float(value)
