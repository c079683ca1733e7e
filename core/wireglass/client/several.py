"""Several servers behind one client: names get the server's name in front, everything else passes through.

It is a server object like any other, served in memory; the clients behind it share the broker, the handlers and the
tap of the client in front, so questions, logs and frames take no detour.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wireglass.errors import INVALID_PARAMS, METHOD_NOT_FOUND, McpError, WireglassError
from wireglass.protocol import versions
from wireglass.protocol.fitting import fit_result
from wireglass.protocol.messages import JsonObject, as_object, is_object
from wireglass.protocol.uritemplate import UriTemplate
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
                if "logging" in client.facts.capabilities:
                    await client.set_logging_level(str(params.get("level")))
            return {}
        if method in ("tools/call", "prompts/get"):
            name, rest = await self._by_name(params.get("name"), "tool" if method == "tools/call" else "prompt")
            return await self._pass(name, scope, {**_own(params), "name": rest})
        if method == "resources/read":
            name, uri = await self._by_uri(params.get("uri"))
            return await self._pass(name, scope, {**_own(params), "uri": uri})
        if method in ("resources/subscribe", "resources/unsubscribe"):
            name, uri = await self._by_uri(params.get("uri"))
            await self._subscribe(name, uri, method == "resources/subscribe")
            return {}
        if method == "subscriptions/listen":
            return await self._listen(scope)
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

    async def _by_name(self, name: Any, kind: str) -> tuple[str, str]:
        text = str(name)
        if not self._prefix:
            for server, client in self.clients.items():
                if text in await _names(client, kind):
                    return server, text
        for server in sorted(self.clients, key=len, reverse=True) if self._prefix else ():
            if text.startswith(f"{server}_"):
                return server, text[len(server) + 1 :]
        raise McpError(INVALID_PARAMS, f"No server has the name {text!r}.")

    async def _by_uri(self, uri: Any) -> tuple[str, str]:
        text = str(uri)
        scheme, _, rest = text.partition("://")
        server, _, path = rest.partition("/")
        if server in self.clients and self._prefix:
            return server, f"{scheme}://{path}"
        for name, client in () if self._prefix else self.clients.items():
            if await _has_uri(client, text):
                return name, text
        raise McpError(INVALID_PARAMS, f"No server has the resource {text!r}.", {"uri": text})

    # Changes: each server tells the client behind, which shares its listeners with the client in front

    async def _subscribe(self, name: str, uri: str, wanted: bool) -> None:
        client = self.clients[name]
        await (client.subscribe_resource(uri) if wanted else client.unsubscribe_resource(uri))

    async def _listen(self, scope: RequestScope) -> JsonObject:
        """`subscriptions/listen`: what it asks for is asked of the servers, for as long as it runs."""
        wanted = as_object(scope.params.get("notifications"))
        uris = wanted.get("resourceSubscriptions")
        places = [await self._by_uri(uri) for uri in uris] if isinstance(uris, list) else []
        meta = {versions.META_SUBSCRIPTION_ID: scope.request_id}
        try:
            for name, uri in places:
                await self._subscribe(name, uri, True)
            if any(key.endswith("ListChanged") for key in wanted):
                for client in self.clients.values():
                    await client.listen_for_changes()
            await scope.notify("notifications/subscriptions/acknowledged", {"notifications": wanted, "_meta": meta})
            await asyncio.Event().wait()
        finally:
            for name, uri in places:
                with contextlib.suppress(WireglassError):
                    await self._subscribe(name, uri, False)
        return {"_meta": meta}

    async def _complete(self, scope: RequestScope) -> JsonObject:
        ref = as_object(scope.params.get("ref"))
        if "name" in ref:
            name, rest = await self._by_name(ref["name"], "prompt")
            ref = {**ref, "name": rest}
        else:
            name, rest = await self._by_uri(ref.get("uri"))
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


async def _names(client: "Client", kind: str) -> set[str]:
    """What a server offers under `tools` or `prompts`."""
    if f"{kind}s" not in client.facts.capabilities:
        return set()
    listed: list[Any] = await (client.list_tools() if kind == "tool" else client.list_prompts())
    return {item.name for item in listed}


async def _has_uri(client: "Client", uri: str) -> bool:
    if "resources" not in client.facts.capabilities:
        return False
    if uri in {resource.uri for resource in await client.list_resources()}:
        return True
    templates = [template.uri_template for template in await client.list_resource_templates()]
    return uri in templates or any(UriTemplate(text).match(uri) is not None for text in templates)


def _own(params: JsonObject) -> JsonObject:
    return {key: value for key, value in params.items() if key != "_meta"}


def _is_ours(key: str) -> bool:
    """Whether a `_meta` key belongs to one hop only."""
    return key == "progressToken" or versions.is_reserved_meta_key(key)


def _prefixed_uri(name: str, uri: str) -> str:
    scheme = urlsplit(uri).scheme or uri.partition("://")[0]
    return f"{scheme}://{name}/{uri.partition('://')[2]}"
