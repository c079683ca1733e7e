"""What a proxy says of itself: its own words, and where it has none, those of the server behind it."""

import asyncio
import copy
import logging
from typing import TYPE_CHECKING, Any, Literal

from wireglass.errors import McpError, RequestTimeout, TransportError
from wireglass.middleware.base import CallNext, Middleware, MiddlewareContext
from wireglass.protocol.lifecycle import DiscoverResult, Implementation, InitializeResult
from wireglass.protocol.messages import JsonObject, as_object
from wireglass.protocol.versions import META_SERVER_INFO, is_reserved_meta_key

if TYPE_CHECKING:
    from wireglass.client.opening import ConnectionFacts
    from wireglass.server.proxy import ProxyProvider

__all__ = ["BackendUnreachable", "ProxyIdentity", "ProxyMetadataMiddleware", "own_meta"]

log = logging.getLogger(__name__)

ProxyIdentity = Literal["proxy", "upstream"]
_SECONDS = 10.0
"""How long a client that introduces itself waits for the server behind: the proxy has something to say without it."""


class BackendUnreachable(McpError):
    """The server behind a proxy cannot be reached."""


def own_meta(meta: Any) -> JsonObject:
    """The members of a server's `_meta` that are its author's: the protocol's belong to one hop."""
    return {key: value for key, value in as_object(meta).items() if not is_reserved_meta_key(key)}


class ProxyMetadataMiddleware(Middleware):
    """Passes on instructions and `_meta` of the server behind `provider`; the proxy's own win. With
    `identity="upstream"` its name and looks too. A server that cannot be reached has nothing to say; other failures,
    of the client factory for example, are the caller's."""

    def __init__(self, provider: "ProxyProvider", identity: ProxyIdentity = "proxy") -> None:
        """Raises ValueError for another identity."""
        if identity not in ("proxy", "upstream"):
            raise ValueError(f'identity is "proxy" or "upstream", not {identity!r}.')
        self.provider = provider
        self.identity = identity

    async def on_initialize(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """The proxy's own result, filled up."""
        result = await call_next(context)
        if not isinstance(result, InitializeResult):
            return result
        facts = await self._upstream()
        if facts is None:
            return result
        update = _filled(result, facts)
        if self.identity == "upstream" and facts.server_info:
            update["server_info"] = Implementation.read(facts.server_info)
        return result.model_copy(update=update)

    async def on_discover(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """The proxy's own result, filled up."""
        result = await call_next(context)
        if not isinstance(result, DiscoverResult):
            return result
        facts = await self._upstream()
        if facts is None:
            return result
        update = _filled(result, facts)
        if self.identity == "upstream" and facts.server_info:
            update["meta"] = {**(update["meta"] or {}), META_SERVER_INFO: copy.deepcopy(facts.server_info)}
        return result.model_copy(update=update)

    async def _upstream(self) -> "ConnectionFacts | None":
        try:
            async with asyncio.timeout(_SECONDS), self.provider.connected() as client:
                return client.facts
        except (BackendUnreachable, TransportError, RequestTimeout, TimeoutError) as error:
            log.warning("The server behind this proxy could not be asked who it is: %s", error)
            return None


def _filled(result: InitializeResult | DiscoverResult, facts: "ConnectionFacts") -> dict[str, Any]:
    meta = {**copy.deepcopy(own_meta(facts.result.get("_meta"))), **(result.meta or {})}
    instructions = facts.instructions if result.instructions is None else result.instructions
    return {"instructions": instructions, "meta": meta or None}
