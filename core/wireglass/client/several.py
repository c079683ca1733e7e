"""Several servers behind one client: names get the server's name in front, everything else passes through.

It is a server object like any other, served in memory; the clients behind it share the broker, the handlers and the
tap of the client in front, so questions, logs and frames take no detour.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wireglass.errors import INVALID_PARAMS, METHOD_NOT_FOUND, McpError
from wireglass.protocol import versions
from wireglass.protocol.fitting import fit_result
from wireglass.protocol.messages import JsonObject, as_object, is_object
from wireglass.session import RequestScope

if TYPE_CHECKING:
    from wireglass.client.client import Client

__all__ = ["SeveralServers"]

_LISTS = {
    "tools/list": ("tools", "tools"),
    "prompts/list": ("prompts", "prompts"),
    "resources/list": ("resources", "resources"),
    "resources/templates/list": ("resourceTemplates", "resources"),
}
"""List method to the key of its entries and the capability that covers it."""


class SeveralServers:
    """Serves the union of several servers. `make` makes the client for one of them by its name."""

    def __init__(self, names: Mapping[str, Any], make: "Callable[[str], Client]", *, prefix: bool = True) -> None:
        self.name = ", ".join(names)
        self.clients = {name: make(name) for name in names}
        self._prefix = prefix

    @asynccontextmanager
    async def _lifespan(self) -> AsyncGenerator[None, None]:
        """Connects to all of them, side by side. Raises what the first failing one raises."""
        async with AsyncExitStack() as stack:
            async with asyncio.TaskGroup() as group:
                for client in self.clients.values():
                    group.create_task(client.__aenter__())
                    stack.push_async_callback(client.close)
            yield

    async def _handle_notification(self, scope: RequestScope) -> None:
        if scope.method == "notifications/roots/list_changed":
            for client in self.clients.values():
                await client.send_roots_list_changed()

    async def _handle(self, scope: RequestScope) -> JsonObject:
        return fit_result(scope.method, await self._answer(scope), scope.version)

    async def _answer(self, scope: RequestScope) -> JsonObject:
        method, params = scope.method, scope.params
        if method in ("initialize", "server/discover"):
            return self._opening(scope)
        if method == "ping":
            return {}
        if method in _LISTS:
            return await self._list(method)
        if method == "logging/setLevel":
            for client in self.clients.values():
                await client.set_logging_level(str(params.get("level")))
            return {}
        if method in ("tools/call", "prompts/get"):
            name, rest = self._by_name(params.get("name"))
            return await self._pass(name, scope, {**_own(params), "name": rest})
        if method in ("resources/read", "resources/subscribe", "resources/unsubscribe"):
            name, uri = self._by_uri(params.get("uri"))
            return await self._pass(name, scope, {**_own(params), "uri": uri})
        if method == "completion/complete":
            return await self._complete(scope)
        raise McpError(METHOD_NOT_FOUND, f"Method not found: {method}")

    def _opening(self, scope: RequestScope) -> JsonObject:
        capabilities: JsonObject = {}
        instructions: list[str] = []
        for name, client in self.clients.items():
            for kind, settings in client.facts.capabilities.items():
                if kind not in ("tasks", "extensions", "experimental"):
                    capabilities[kind] = {**capabilities.get(kind, {}), **as_object(settings)}
            if client.facts.instructions:
                instructions.append(f"{name}: {client.facts.instructions}")
        result: JsonObject = {"capabilities": capabilities}
        if instructions:
            result["instructions"] = "\n\n".join(instructions)
        info = {"name": self.name, "version": "1"}
        if scope.method == "initialize":
            return {**result, "protocolVersion": scope.version, "serverInfo": info}
        return {**result, "supportedVersions": list(versions.ALL_VERSIONS), "_meta": {versions.META_SERVER_INFO: info}}

    async def _list(self, method: str) -> JsonObject:
        key, capability = _LISTS[method]
        entries: list[Any] = []
        for name, client in self.clients.items():
            if capability in client.facts.capabilities:
                entries += [self._renamed(name, entry) for entry in await client._pages(method, key, 250)]
        return {key: entries}

    def _renamed(self, name: str, entry: Any) -> Any:
        if not self._prefix or not is_object(entry):
            return entry
        if "uri" in entry:
            return {**entry, "uri": _prefixed_uri(name, str(entry["uri"]))}
        if "uriTemplate" in entry:
            return {**entry, "uriTemplate": _prefixed_uri(name, str(entry["uriTemplate"]))}
        return {**entry, "name": f"{name}_{entry.get('name')}"}

    def _by_name(self, name: Any) -> tuple[str, str]:
        text = str(name)
        for server in sorted(self.clients, key=len, reverse=True):
            if not self._prefix:
                return server, text
            if text.startswith(f"{server}_"):
                return server, text[len(server) + 1 :]
        raise McpError(INVALID_PARAMS, f"No server has the name {text!r}.")

    def _by_uri(self, uri: Any) -> tuple[str, str]:
        text = str(uri)
        scheme, _, rest = text.partition("://")
        server, _, path = rest.partition("/")
        if server in self.clients and self._prefix:
            return server, f"{scheme}://{path}"
        if not self._prefix:
            return next(iter(self.clients)), text
        raise McpError(INVALID_PARAMS, f"No server has the resource {text!r}.", {"uri": text})

    async def _complete(self, scope: RequestScope) -> JsonObject:
        ref = as_object(scope.params.get("ref"))
        if "name" in ref:
            name, rest = self._by_name(ref["name"])
            ref = {**ref, "name": rest}
        else:
            name, rest = self._by_uri(ref.get("uri"))
            ref = {**ref, "uri": rest}
        return await self._pass(name, scope, {**_own(scope.params), "ref": ref})

    async def _pass(self, name: str, scope: RequestScope, params: JsonObject) -> JsonObject:
        token = scope.meta.get("progressToken")

        async def forward(progress: JsonObject) -> None:
            await scope.notify("notifications/progress", {**progress, "progressToken": token})

        client = self.clients[name]
        meta = {key: value for key, value in scope.meta.items() if not _is_ours(key)}
        on_progress = forward if token is not None else None
        if scope.method == "tools/call":
            call = client.call_tool_mcp(
                params["name"], params.get("arguments"), meta=meta or None, on_progress=on_progress
            )
            return dict(await call)
        return await client.request(scope.method, params, meta=meta or None, on_progress=on_progress)


def _own(params: JsonObject) -> JsonObject:
    return {key: value for key, value in params.items() if key != "_meta"}


def _is_ours(key: str) -> bool:
    """Whether a `_meta` key belongs to one hop only."""
    return key == "progressToken" or versions.is_reserved_meta_key(key)


def _prefixed_uri(name: str, uri: str) -> str:
    scheme = urlsplit(uri).scheme or uri.partition("://")[0]
    return f"{scheme}://{name}/{uri.partition('://')[2]}"
