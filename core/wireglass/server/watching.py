"""Who listens here hears of what changes elsewhere too: the servers behind proxies are asked to report it.

What is reported goes to the one who listens, or to whose session it is: another's connection reports for itself.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from wireglass.errors import METHOD_NOT_FOUND, McpError

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP
    from wireglass.server.providers.base import Provider
    from wireglass.session.scope import RequestScope

__all__ = ["Stop", "forget", "remember", "watch_all", "watching"]

log = logging.getLogger(__name__)

Stop = Callable[[], Awaitable[None]]
"""Ends a watch. Raises nothing: the other server may be gone."""
_SECONDS = 10.0
"""How long somebody who begins to listen waits for the servers elsewhere."""
_KEPT = "wireglass.watched"


async def _stop_all(stops: Sequence[Stop]) -> None:
    for stop in stops:
        await stop()


async def watch_all(providers: "Sequence[Provider]", tell: Callable[[str], None]) -> Stop | None:
    """`Provider.watch` of several."""
    stops: list[Stop] = []
    try:
        for provider in providers:
            stop = await provider.watch(tell)
            if stop is not None:
                stops.append(stop)
    except BaseException:
        await _stop_all(stops)
        raise
    return partial(_stop_all, stops) if stops else None


@asynccontextmanager
async def watching(
    server: "FastMCP", accepted: dict[str, Any], tell_list: Callable[[str], None], tell_uri: Callable[[str], None]
) -> AsyncGenerator[None, None]:
    """For one `subscriptions/listen`. What cannot be watched is left out and logged: the rest is worth hearing."""
    stops: list[Stop | None] = []
    try:
        try:
            async with asyncio.timeout(_SECONDS):
                if any(flag.endswith("ListChanged") for flag in accepted):
                    stops.append(await watch_all(server.providers, tell_list))
                for uri in accepted.get("resourceSubscriptions", ()):
                    stops.append(await _watch_resource(server, uri, partial(tell_uri, uri)))
        except Exception as error:  # boundary: a server elsewhere, which may fail in any way
            log.warning("Not everything that is listened for can be heard: %s", error)
        yield
    finally:
        await _stop_all([stop for stop in stops if stop is not None])


async def remember(server: "FastMCP", scope: "RequestScope", uri: str) -> None:
    """For one `resources/subscribe`: watches until `forget`, or until the session and its connections close.

    Raises what the other server answers.
    """
    kept: dict[str, Stop] = scope.session.attributes.setdefault(_KEPT, {})
    if uri in kept:
        return
    stop = await _watch_resource(server, uri, partial(server.subscriptions.updated_for, scope, uri))
    if stop is not None:
        kept[uri] = stop


async def forget(scope: "RequestScope", uri: str) -> None:
    """For one `resources/unsubscribe`."""
    stop: Stop | None = scope.session.attributes.get(_KEPT, {}).pop(uri, None)
    if stop is not None:
        await stop()


async def _watch_resource(server: "FastMCP", uri: str, tell: Callable[[], None]) -> Stop | None:
    try:
        resource = await server.find("resource", uri)
        if resource is not None:
            return await resource.watch(tell)
        template = await server.find("resource_template", uri)
        return None if template is None else await template.watch(template.matches(uri) or {}, tell)
    except McpError as error:
        if error.code == METHOD_NOT_FOUND:
            return None  # it never says when its resources change
        raise
