"""Answers kept for a while: tool calls, resource reads, prompts and lists, never shared between principals.

An entry belongs to a server, a method, what was asked, and who asked. Errors and requests for input are not kept. Of
identical requests at one time, one runs and the others get its answer. Lists hold live objects and stay in this
process; everything else goes to a store, which may be shared by workers and outlive them.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, Literal, TypedDict

from pydantic_core import to_json

from wireglass.middleware.base import CallNext, Middleware, MiddlewareContext
from wireglass.middleware.kept import Kept, KeptAnswers, key_of
from wireglass.tracing import note

__all__ = ["CallToolSettings", "MethodSettings", "ResponseCachingMiddleware"]

MOST_LISTS: Final = 1000
LIST_SECONDS: Final = 300.0
ITEM_SECONDS: Final = 3600.0


class MethodSettings(TypedDict, total=False):
    """How one method is cached: seconds to live, and whether at all."""

    ttl: float
    enabled: bool


class CallToolSettings(MethodSettings, total=False):
    """Which tools, too. Without either list: all."""

    included_tools: list[str]
    excluded_tools: list[str]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One method's settings, filled in."""

    enabled: bool
    seconds: float
    included: frozenset[str] | None = None
    excluded: frozenset[str] = frozenset()

    def covers(self, name: str) -> bool:
        return self.enabled and name not in self.excluded and (self.included is None or name in self.included)


@dataclass
class ReadResourceContents:
    """One part of a kept resource, in the form that a hook may return."""

    content: str | bytes
    mime_type: str | None = None
    meta: dict[str, Any] | None = None


@dataclass
class GetPromptResult:
    """A kept prompt, in the form that a hook may return."""

    messages: list[Any]
    description: str | None = None
    meta: dict[str, Any] | None = field(default=None)


class ResponseCachingMiddleware(Middleware):
    """Caches by `ttl_seconds`, `cache_tools`, `cache_resources`, `cache_prompts`; or by `..._settings` for each method.

    `storage` (or `cache_storage`) is any store; by default the server's own (`FastMCP(storage=...)`), else one in
    memory. Items over `max_item_size` bytes of JSON are not kept. Tools that say of themselves that they change
    something (`readOnlyHint: false` or `destructiveHint: true`) are not cached, unless `included_tools` names them. A
    change of the server's components empties the cache, for all workers that share the store (see
    `components_changed`). Results of versions that have `ttlMs` and `cacheScope` say how long the entry still counts.
    """

    def __init__(
        self,
        cache_storage: Any = None,
        list_tools_settings: MethodSettings | None = None,
        list_resources_settings: MethodSettings | None = None,
        list_prompts_settings: MethodSettings | None = None,
        read_resource_settings: MethodSettings | None = None,
        get_prompt_settings: MethodSettings | None = None,
        call_tool_settings: CallToolSettings | None = None,
        max_item_size: int = 1024 * 1024,
        *,
        ttl_seconds: float | None = None,
        storage: Any = None,
        cache_tools: bool = True,
        cache_resources: bool = True,
        cache_prompts: bool = True,
    ) -> None:
        if storage is not None and cache_storage is not None:
            raise ValueError("Give either storage or cache_storage, which are the same.")
        if ttl_seconds is not None and ttl_seconds <= 0:
            raise ValueError("ttl_seconds must be more than 0.")
        seconds = ITEM_SECONDS if ttl_seconds is None else ttl_seconds
        listed = LIST_SECONDS if ttl_seconds is None else ttl_seconds
        self._kinds = {
            "tools/call": _kind(call_tool_settings, cache_tools, seconds),
            "resources/read": _kind(read_resource_settings, cache_resources, seconds),
            "prompts/get": _kind(get_prompt_settings, cache_prompts, seconds),
            # Lists are quick to make; they are kept only when somebody asks for it.
            "tools/list": _kind(list_tools_settings, list_tools_settings is not None, listed),
            "resources/list": _kind(list_resources_settings, list_resources_settings is not None, listed),
            "resources/templates/list": _kind(list_resources_settings, list_resources_settings is not None, listed),
            "prompts/list": _kind(list_prompts_settings, list_prompts_settings is not None, listed),
        }
        self._answers = KeptAnswers(storage if storage is not None else cache_storage)
        self._max_item_size = max_item_size
        self._generation = 0
        self._lists: OrderedDict[str, tuple[float, Any]] = OrderedDict()
        self._running: dict[str, asyncio.Future[Any]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def statistics(self) -> dict[str, dict[str, int]]:
        """By method: how many look-ups were a `hit`, a `miss`, or `shared` the answer of one that was running."""
        found: dict[str, dict[str, int]] = {}
        for (method, outcome), count in self._counts.items():
            found.setdefault(method, {"hit": 0, "miss": 0, "shared": 0})[outcome] = count
        return found

    def components_changed(self, kind: str | None = None) -> None:
        """Forgets what was kept: the server's tools, resources or prompts are others now. Called by the server."""
        self._generation += 1
        self._lists.clear()
        self._answers.change()

    # --- hooks ---

    async def on_call_tool(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Answers a tool call from the cache, or runs it."""
        return await self._kept_or_run(context, call_next, context.message.name, _tool_entry, lambda entry: entry)

    async def on_read_resource(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Answers a resource read from the cache, or runs it."""
        uri = str(context.message.uri)
        return await self._kept_or_run(context, call_next, uri, _resource_entry, _resource_of)

    async def on_get_prompt(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Answers a prompt from the cache, or runs it."""
        return await self._kept_or_run(context, call_next, context.message.name, _prompt_entry, _prompt_of)

    async def on_list_tools(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Answers a list from the cache, or makes it."""
        return await self._kept_list(context, call_next)

    async def on_list_resources(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """As `on_list_tools`."""
        return await self._kept_list(context, call_next)

    async def on_list_resource_templates(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """As `on_list_tools`."""
        return await self._kept_list(context, call_next)

    async def on_list_prompts(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """As `on_list_tools`."""
        return await self._kept_list(context, call_next)

    # --- looking up ---

    async def _kept_or_run(
        self,
        context: MiddlewareContext[Any],
        call_next: CallNext[Any, Any],
        name: str,
        entry_of: Callable[[Any, str], dict[str, Any] | None],
        result_of: Callable[[dict[str, Any]], Any],
    ) -> Any:
        method = context.method or ""
        kind = self._kinds[method]
        if not kind.covers(name) or _is_a_retry(context) or _sees_its_own(context):
            return await call_next(context)
        key = _key(context, name)
        self._answers.use(_store_of_server(context))
        found = await self._answers.look_up(_server_name(context), method, key)
        if found.answer is not None:
            self._count(method, "hit")
            _tell_client(context, found.seconds)
            return result_of(found.answer)
        running = self._running.get(f"{self._generation} {key}")
        if running is not None:
            entry = await _answer_of(running)
            if entry is not None:
                self._count(method, "shared")
                return result_of(entry)
            return await call_next(context)
        self._count(method, "miss")
        return await self._run(context, call_next, key, name, kind, entry_of, found)

    async def _run(
        self,
        context: MiddlewareContext[Any],
        call_next: CallNext[Any, Any],
        key: str,
        name: str,
        kind: _Kind,
        entry_of: Callable[[Any, str], dict[str, Any] | None],
        found: Kept,
    ) -> Any:
        """Runs the request for all that wait for the same, and keeps its answer."""
        method = context.method or ""
        mine: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        place = f"{self._generation} {key}"  # who asks after a change does not get an answer from before it
        self._running[place] = mine
        entry: dict[str, Any] | None = None
        try:
            result = await call_next(context)
            if await self._may_be_kept(context, kind, name):
                entry = entry_of(result, name)
            if entry is not None and len(to_json(entry)) > self._max_item_size:
                entry = None
            if entry is not None:
                await self._answers.keep(found, method, key, entry, kind.seconds)
                _tell_client(context, kind.seconds)
            return result
        finally:
            del self._running[place]
            mine.set_result(entry)

    def _count(self, method: str, outcome: Literal["hit", "miss", "shared"]) -> None:
        """For `statistics`, and for the timeline when the request asked for its times."""
        self._counts[method, outcome] += 1
        note(cache="miss" if outcome == "miss" else "hit")

    async def _may_be_kept(self, context: MiddlewareContext[Any], kind: _Kind, name: str) -> bool:
        if context.method != "tools/call" or (kind.included is not None and name in kind.included):
            return True
        server = getattr(context.fastmcp_context, "fastmcp", None)
        tool = None if server is None else await server.find("tool", name)
        hints = getattr(tool, "annotations", None)
        changes = getattr(hints, "destructiveHint", None) is True or getattr(hints, "readOnlyHint", None) is False
        return not changes

    async def _kept_list(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        method = context.method or ""
        kind = self._kinds[method]
        if not kind.enabled or _sees_its_own(context):
            return await call_next(context)
        key = _key(context, "")
        until, items = self._lists.get(key, (0.0, None))
        if items is not None and monotonic() < until:
            self._count(method, "hit")
            _tell_client(context, until - monotonic())
            return list(items)
        self._count(method, "miss")
        generation = self._generation
        items = await call_next(context)
        if generation == self._generation:
            self._lists[key] = (monotonic() + kind.seconds, items)
            _tell_client(context, kind.seconds)
            if len(self._lists) > MOST_LISTS:
                self._lists.popitem(last=False)
        return items


def _key(context: MiddlewareContext[Any], name: str) -> str:
    arguments = getattr(context.message, "arguments", None)
    who, version = _principal(context.fastmcp_context), _component_version(context)
    return key_of([_server_name(context), context.method, name, _sorted(arguments), version, who])


def _server_name(context: MiddlewareContext[Any]) -> str:
    return getattr(getattr(context.fastmcp_context, "fastmcp", None), "name", "")


def _store_of_server(context: MiddlewareContext[Any]) -> Any:
    """`FastMCP(storage=...)`, opened; None where the author named none."""
    server: Any = getattr(context.fastmcp_context, "fastmcp", None)
    if getattr(server, "storage", None) is None:
        return None
    return server.state_store.store if isinstance(server.storage, str) else server.storage


def _tell_client(context: MiddlewareContext[Any], seconds: float) -> None:
    """How long the answer counts ("Caching", 2026-07-28). It is private as soon as anybody proved who they are.

    Only for what the client asked itself: not for what its tools and resources read, nor from inside a mounted server.
    """
    caller = context.fastmcp_context
    scope, tell = getattr(caller, "scope", None), getattr(caller, "tell_cache", None)
    if scope is None or tell is None or caller.parent is not None or scope.method != context.method:
        return
    if context.method != "resources/read" or scope.params.get("uri") == str(context.message.uri):
        tell(seconds, private=_principal(caller) is not None)


def _sees_its_own(context: MiddlewareContext[Any]) -> bool:
    """Whether components were switched on or off for this session: then nobody else's answers are right for it."""
    session = getattr(getattr(context.fastmcp_context, "scope", None), "session", None)
    return session is not None and bool(session.attributes.get("wireglass.visibility"))


def _kind(settings: Any, enabled: bool, seconds: float) -> _Kind:
    given = settings or {}

    def names(member: str) -> frozenset[str] | None:
        value: Collection[str] | None = given.get(member)
        return None if value is None else frozenset(value)

    return _Kind(
        enabled=enabled and given.get("enabled", True),
        seconds=given.get("ttl", seconds),
        included=names("included_tools"),
        excluded=names("excluded_tools") or frozenset(),
    )


def _sorted(value: Any) -> Any:
    """JSON with members in a fixed order."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(one) for one in value] if isinstance(value, list | tuple) else value


def _principal(caller: Any) -> Any:
    """Who asks, as far as it is proven; a session that proved nothing is its own principal over HTTP."""
    scope = getattr(caller, "scope", None)
    if scope is None:
        return None
    token = scope.access_token
    if token is not None or scope.principal is not None:
        claims = getattr(token, "claims", None) or {}
        return ["token", scope.principal, getattr(token, "client_id", None), claims.get("iss"), claims.get("sub")]
    return None


def _component_version(context: MiddlewareContext[Any]) -> Any:
    """The version of the component that was asked for, if one was."""
    meta = getattr(context.message, "meta", None)
    scope = getattr(context.fastmcp_context, "scope", None)
    for given in (meta, getattr(scope, "meta", None)):
        asked = given.get("fastmcp") if isinstance(given, dict) else None
        if isinstance(asked, dict) and "version" in asked:
            return str(asked["version"])
    return None


def _is_a_retry(context: MiddlewareContext[Any]) -> bool:
    """Whether the request answers questions of the server: its result is for this user and moment ("Caching")."""
    return getattr(context.fastmcp_context, "input_responses", None) is not None


async def _answer_of(running: "asyncio.Future[Any]") -> dict[str, Any] | None:
    return await asyncio.shield(running)


# --- results and entries ---


def _tool_entry(result: Any, name: str) -> dict[str, Any] | None:
    if getattr(result, "input_required", None) is not None:
        return None
    wire = result.wire() if hasattr(result, "wire") else None
    return None if wire is None or wire.get("isError") else wire


def _resource_entry(result: Any, uri: str) -> dict[str, Any] | None:
    if getattr(result, "input_required", None) is not None or not hasattr(result, "wire"):
        return None
    return result.wire(uri)


def _resource_of(entry: dict[str, Any]) -> list[ReadResourceContents]:
    from base64 import b64decode

    return [
        ReadResourceContents(
            part["text"] if "text" in part else b64decode(part["blob"]), part.get("mimeType"), part.get("_meta")
        )
        for part in entry["contents"]
    ]


def _prompt_entry(result: Any, name: str) -> dict[str, Any] | None:
    if getattr(result, "input_required", None) is not None or not hasattr(result, "wire"):
        return None
    return result.wire()


def _prompt_of(entry: dict[str, Any]) -> GetPromptResult:
    return GetPromptResult(entry["messages"], entry.get("description"), entry.get("_meta"))
