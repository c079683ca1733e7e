"""What a server has, as the caller may see it: whole lists, or one component by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from wireglass import telemetry
from wireglass.middleware.base import MiddlewareContext
from wireglass.server.components import Component
from wireglass.server.context import current_context
from wireglass.server.passing import context_for, through_middleware
from wireglass.server.providers.base import found_or_warned, listed_or_warned, pick
from wireglass.server.spans import list_span
from wireglass.server.versions import VersionSpec

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP

__all__ = ["everything", "find", "list_all", "newest_by", "newest_only", "session_rules"]

C = TypeVar("C", bound=Component)


async def list_all(server: FastMCP, kind: str, *, run_middleware: bool = True) -> Sequence[Any]:
    """All components of a kind ("tools", "resources", "resource_templates", "prompts") that the caller may see."""
    method = {"resource_templates": "resources/templates/list"}.get(kind, f"{kind}/list")
    with context_for(server).active():
        if not run_middleware or not server.middleware:
            return await _list(server, kind, method)

        from wireglass.protocol.requests import ListRequestParams

        async def end(_context: MiddlewareContext[Any]) -> Sequence[Any]:
            return await _list(server, kind, method)

        return _as_components(await through_middleware(server, method, ListRequestParams(), end), kind)


def _as_components(items: Any, kind: str) -> Sequence[Any]:
    if isinstance(items, dict):  # a positional hook may return the protocol's result
        return cast("Any", items).get(kind, [])
    return items


async def everything(server: FastMCP, kind: str) -> Sequence[Any]:
    """As `list_all`, whoever asks: also what is switched off, and without middleware."""
    with context_for(server).active():
        return await _shown(server, kind)


async def _list(server: FastMCP, kind: str, method: str) -> Sequence[Any]:
    if not telemetry.is_on():
        return await _collect(server, kind)
    with list_span(server.name, method, kind):
        return await _collect(server, kind)


async def _collect(server: FastMCP, kind: str) -> Sequence[Any]:
    shown = await _shown(server, kind)
    for rule in session_rules():
        shown = await getattr(rule, f"list_{kind}")(shown)
    return await server.gate.visible(shown)


async def _shown(server: FastMCP, kind: str) -> Sequence[Any]:
    items: list[Component] = []
    seen: set[str] = set()
    for provider in server.providers:
        for component in await listed_or_warned(provider, f"list_{kind}", server.provider_error_strategy):
            if component.key not in seen:
                seen.add(component.key)
                items.append(component)
    shown: Sequence[Component] = items
    for transform in server.transforms:
        shown = await getattr(transform, f"list_{kind}")(shown)
    return shown


def session_rules() -> list[Any]:
    """What this session switched on and off. Mounted servers are seen through their parent's rules only."""
    context = current_context.get()
    if context is None or context.scope is None or context.parent is not None:
        return []
    return context.scope.session.attributes.get("wireglass.visibility") or []


def newest_only(items: Sequence[C]) -> list[C]:
    """Of several versions only the newest is listed; it tells the others in its `_meta`."""
    if all(item.version is None for item in items):
        return list(items)
    return newest_by(items, lambda item: item.identifier)


def newest_by(items: Sequence[C], key: Callable[[C], str]) -> list[C]:
    """As `newest_only`, for items that `key` says are versions of one another."""
    groups: dict[str, list[C]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    chosen: list[C] = []
    for versions in groups.values():
        best = cast("C", pick(versions, None))
        others = _ordered_versions(versions)
        if others:
            inner = {**((best.meta or {}).get("fastmcp") or {}), "versions": others}
            best = best.model_copy(update={"meta": {**(best.meta or {}), "fastmcp": inner}})
        chosen.append(best)
    return chosen


def _ordered_versions(items: Sequence[Component]) -> list[str]:
    from wireglass.server.versions import sort_key

    return sorted((v for v in {item.version for item in items} if v is not None), key=sort_key, reverse=True)


async def find(server: FastMCP, kind: str, identifier: str, version: VersionSpec | None = None) -> Any:
    """One component ("tool", "resource", "resource_template", "prompt") that the caller may use, or None."""
    rules = session_rules()
    if kind == "tool" and server.is_plain and not rules:
        tool = server.local_provider.find_tool(identifier, version)
        return tool if tool is not None and tool.enabled else None

    async def innermost(name: str, *, version: VersionSpec | None = None) -> Any:
        strategy = server.provider_error_strategy
        candidates = await found_or_warned(server.providers, strategy, f"get_{kind}", name, version)
        if kind == "resource_template":
            candidates = candidates[:1]
        return pick(candidates, version) if candidates else None

    chain: Any = innermost
    for transform in (*server.transforms, *rules):
        chain = _behind(getattr(transform, f"get_{kind}"), chain)
    component = await chain(identifier, version=version)
    while component is not None and not await server.gate.admits(component):
        if component.version is None or (version is not None and version.eq is not None):
            return None
        # The newest version is switched off: an older one may still be there.
        component = await chain(identifier, version=VersionSpec(lt=component.version).intersect(version))
    return component


def _behind(method: Any, chain: Any) -> Any:
    async def call(identifier: str, *, version: VersionSpec | None = None) -> Any:
        return await method(identifier, chain, version=version)

    return call
