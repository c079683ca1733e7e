"""Another server behind a client, as a server of ours: what it offers, what it asks, what it reports, all forwarded."""

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from pydantic import PrivateAttr

from wireglass.errors import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    McpError,
    NotFoundError,
    RequestTimeout,
    TransportError,
)
from wireglass.protocol.messages import as_object
from wireglass.protocol.model import WireModel
from wireglass.protocol.spans import SPANS_KEY, spans_of
from wireglass.protocol.versions import TASKS_EXTENSION
from wireglass.server.app import FastMCP
from wireglass.server.components import TaskConfig
from wireglass.server.context import Context, current_context
from wireglass.server.prompts import Prompt, PromptResult
from wireglass.server.providers.base import Provider, pick
from wireglass.server.proxy_metadata import BackendUnreachable, ProxyIdentity, ProxyMetadataMiddleware, own_meta
from wireglass.server.resource_results import ResourceContent, ResourceResult
from wireglass.server.resources import Resource, ResourceTemplate
from wireglass.server.results import ToolResult
from wireglass.server.tools import Tool
from wireglass.server.uris import matcher_of
from wireglass.server.versions import VersionSpec
from wireglass.tracing import active, graft, span

if TYPE_CHECKING:
    from wireglass.client.client import Client
    from wireglass.client.inputs import InputKind, InputRequest

__all__ = ["FastMCPProxy", "ProxyProvider", "create_proxy"]

log = logging.getLogger(__name__)

_POLL = timedelta(seconds=1)
_CACHE_SECONDS = 300.0
TaskKind = Callable[[Any], TaskConfig] | None
"""How a listed tool may run as a task, or None when none may."""
_KINDS: dict[str, str] = {
    "elicitation": "elicitation/create",
    "sampling": "sampling/createMessage",
    "roots": "roots/list",
}


class _Backend:
    """One connection to the other server, and the requests of ours that use it."""

    def __init__(self, client: "Client", *, own: bool) -> None:
        self.client = client
        self.own = own
        self._using: list[Context] = []

    @asynccontextmanager
    async def used_by(self, context: Context | None) -> AsyncGenerator["Client", None]:
        """The client, while `context` is who gets what the other server asks and says."""
        if context is not None:
            self._using.append(context)
        try:
            yield self.client
        finally:
            if context is not None:
                self._using.remove(context)

    def _context(self) -> Context:
        if not self._using:
            raise McpError(METHOD_NOT_FOUND, "Nobody is there to answer: no request is in flight.")
        return self._using[-1]

    async def answer(self, request: "InputRequest") -> dict[str, Any]:
        """Passes a question of the other server on to our client."""
        return await self._context().ask(_KINDS[request.kind], request.params)

    async def tell_log(self, message: Any) -> None:
        """Passes a log message on to our client."""
        if self._using:
            await self._context().log_data(message.level, message.data, message.logger)


_CLOSE_SECONDS = 10.0
"""How long the end of a server waits for the connections of its proxies to close."""


class ProxyProvider(Provider):
    """The components of the server behind `client_factory`, which returns a client for each connection."""

    def __init__(self, client_factory: Callable[[], Any], *, cache_ttl: float | None = None) -> None:
        """`cache_ttl` is how many seconds a component found once is found again without asking (default: 300; 0:
        never). What clients list is always asked for."""
        super().__init__()
        self._factory = client_factory
        self._cache_ttl = _CACHE_SECONDS if cache_ttl is None else cache_ttl
        self._known: dict[str, tuple[float, Sequence[Any]]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._has_tasks: bool | None = None
        """Whether the other server has tasks; None until it was asked for its tools."""

    def offers_tasks(self) -> bool:
        """Whether the other server has tasks: yes until it is known, because ours introduces itself first."""
        return self._has_tasks is not False

    def __repr__(self) -> str:
        return "ProxyProvider()"

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator["Client", None]:
        """A client on the other server. One connection serves one session of ours; calls without a session get their
        own for as long as they last."""
        context = current_context.get()
        session = context.scope.session if context is not None and context.scope is not None else None
        if session is None or (session.id is None and session.transport not in ("stdio", "memory")):
            with span("connect", "server"):
                backend = await self._open(context)
            try:
                async with backend.used_by(context) as client:
                    yield client
            finally:
                await self._close(backend)
            return
        backends: dict[int, asyncio.Task[_Backend]] = session.attributes.setdefault("wireglass.backends", {})
        opening = backends.get(id(self))
        if opening is None or (opening.done() and not _is_usable(opening)):
            opening = backends[id(self)] = asyncio.get_running_loop().create_task(self._open(context))
            session.closed.append(lambda: self._drop(backends))
        if opening.done():
            backend = opening.result()
        else:
            with span("connect", "server"):
                backend = await asyncio.shield(opening)
        async with backend.used_by(context) as client:
            yield client

    @asynccontextmanager
    async def lifespan(self) -> AsyncGenerator[None, None]:
        """At the end, waits for the connections of sessions that are gone: their processes end with us."""
        try:
            yield
        finally:
            if self._closing:
                await asyncio.wait(set(self._closing), timeout=_CLOSE_SECONDS)

    def _drop(self, backends: dict[int, "asyncio.Task[_Backend]"]) -> None:
        opening = backends.pop(id(self), None)
        if opening is None:
            return
        task = asyncio.get_running_loop().create_task(self._close_later(opening))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close_later(self, opening: "asyncio.Task[_Backend]") -> None:
        try:
            await self._close(await opening)
        except Exception:  # boundary: our client is gone; what the other side says at the end is for the log
            log.debug("A backend could not be closed", exc_info=True)

    async def _open(self, context: Context | None) -> _Backend:
        made = self._factory()
        if asyncio.iscoroutine(made):
            made = await made
        given = cast("Client", made)
        if given.is_connected():
            return _Backend(given, own=False)
        from wireglass.client.client import Client
        from wireglass.client.inputs import InputBroker

        broker = InputBroker()
        capabilities = _capabilities(context)
        client = Client.new(given)  # one for each session of ours, of the author's own kind
        client.answer_with(broker)
        backend = _Backend(client, own=True)
        client._log_handler = given._log_handler or backend.tell_log
        for kind in _KINDS:
            chosen = cast("InputKind", kind)
            if given.inputs.handles(chosen):
                broker.respond(chosen, given.inputs.ask)
            elif kind in capabilities:
                broker.respond(chosen, backend.answer)
        try:
            await client.__aenter__()
        except (TransportError, RequestTimeout) as error:
            raise BackendUnreachable(INTERNAL_ERROR, f"Client failed to connect: {error}") from error
        return backend

    async def _close(self, backend: _Backend) -> None:
        if backend.own:
            await backend.client.__aexit__(None, None, None)

    async def _listed(self, method: str, learn: "Callable[[Client], None] | None" = None) -> list[Any]:
        async with self.connected() as client:
            if learn is not None:
                learn(client)
            try:
                return await getattr(client, method)()
            except McpError as error:
                if error.code == METHOD_NOT_FOUND:
                    return []  # a server without resources need not know the method
                raise

    async def _list_tools(self) -> Sequence[Tool]:
        runs: TaskKind = None

        def learn(client: "Client") -> None:
            nonlocal runs
            runs = _task_config(client)
            if self._has_tasks != (runs is not None):
                self._has_tasks = runs is not None
                self.changed("task")

        return self._know("tools", [_tool(self, listed, runs) for listed in await self._listed("list_tools", learn)])

    async def _list_resources(self) -> Sequence[Resource]:
        return self._know("resources", [_resource(self, item) for item in await self._listed("list_resources")])

    async def _list_resource_templates(self) -> Sequence[ResourceTemplate]:
        listed = await self._listed("list_resource_templates")
        return self._know("resource_templates", [_template(self, item) for item in listed])

    async def _list_prompts(self) -> Sequence[Prompt]:
        return self._know("prompts", [_prompt(self, item) for item in await self._listed("list_prompts")])

    def _know(self, kind: str, items: list[Any]) -> list[Any]:
        if self._cache_ttl > 0:
            self._known[kind] = (monotonic(), items)
        return items

    async def _find(self, kind: str, fits: Callable[[Any], bool], version: VersionSpec | None) -> Any:
        """Among what was listed not long ago; what is not there is looked for anew."""
        since, known = self._known.get(kind, (0.0, ()))
        if known and monotonic() - since < self._cache_ttl:
            found = pick([item for item in known if fits(item)], version)
            if found is not None:
                return found
        return pick([item for item in await getattr(self, f"_list_{kind}")() if fits(item)], version)

    async def _get_tool(self, name: str, version: VersionSpec | None = None) -> Tool | None:
        return await self._find("tools", lambda item: item.name == name, version)

    async def _get_resource(self, uri: str, version: VersionSpec | None = None) -> Resource | None:
        return await self._find("resources", lambda item: item.uri == uri, version)

    async def _get_prompt(self, name: str, version: VersionSpec | None = None) -> Prompt | None:
        return await self._find("prompts", lambda item: item.name == name, version)


def _capabilities(context: Context | None) -> dict[str, Any]:
    """What our client can answer. While it introduces itself, it is only in what it says."""
    scope = context.scope if context is not None else None
    if scope is None:
        return {}
    return as_object(scope.params.get("capabilities")) if scope.method == "initialize" else scope.client_capabilities


def _is_usable(opening: "asyncio.Task[_Backend]") -> bool:
    if opening.cancelled() or opening.exception() is not None:
        return False
    return opening.result().client.is_connected()


def _meta_of_request() -> dict[str, Any] | None:
    """Members of our request's `_meta` that are the author's, not the protocol's."""
    context = current_context.get()
    if context is None or context.scope is None:
        return None
    kept = {k: v for k, v in context.scope.meta.items() if not k.startswith("io.modelcontextprotocol/")}
    kept.pop("progressToken", None)
    return kept or None


@contextmanager
def _behind(name: str) -> Generator[None, None, None]:
    """Around a request to the other server: what that server reports of it is hung below, also from an error."""
    with span(name, "server"):
        try:
            yield
        except McpError as error:
            if active():
                graft(spans_of({"error": {"data": error.data}}))
                if isinstance(error.data, dict):
                    error.data.pop(SPANS_KEY, None)
            raise


def _grafted(raw: dict[str, Any]) -> dict[str, Any]:
    """A result of the other server, without the spans it reported, which are hung below the request's own."""
    meta = raw.get("_meta")
    if active() and isinstance(meta, dict) and SPANS_KEY in meta:
        graft(spans_of({"result": raw}))
        raw["_meta"] = {key: value for key, value in meta.items() if key != SPANS_KEY}
    return raw


class ProxyTool(Tool):
    """A tool of the other server."""

    _provider: Any = PrivateAttr(default=None)
    _backend_name: str = PrivateAttr(default="")
    _takes_task: bool = PrivateAttr(default=False)
    """Whether the other server lists it as one that runs as a task when asked to (2025-11-25)."""

    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        context = current_context.get()

        async def progress(value: float, total: float | None, message: str | None) -> None:
            if context is not None:
                await context.report_progress(value, total, message)

        provider: ProxyProvider = self._provider
        async with provider.connected() as client:
            as_task = True if context is not None and context.is_background_task and self._takes_task else None
            with _behind(f"tools/call {self._backend_name}"):
                raw = await client.call_tool_mcp(
                    self._backend_name, arguments, progress_handler=progress, meta=_meta_of_request(), task=as_task
                )
                raw = _grafted(raw.wire() if isinstance(raw, WireModel) else raw)
        return ToolResult.from_wire({**raw, "_meta": own_meta(raw.get("_meta")) or None})


class ProxyResource(Resource):
    """A resource of the other server."""

    _provider: Any = PrivateAttr(default=None)
    _backend_uri: str = PrivateAttr(default="")

    async def read(self) -> Any:
        return await _read(self._provider, self._backend_uri)


class ProxyTemplate(ResourceTemplate):
    """A template of the other server."""

    _provider: Any = PrivateAttr(default=None)
    _backend_template: str = PrivateAttr(default="")

    async def read(self, arguments: dict[str, Any]) -> Any:
        return await _read(self._provider, matcher_of(self._backend_template).expand(arguments))


class ProxyPrompt(Prompt):
    """A prompt of the other server."""

    _provider: Any = PrivateAttr(default=None)
    _backend_name: str = PrivateAttr(default="")

    async def render(self, arguments: dict[str, Any] | None = None) -> Any:
        provider: ProxyProvider = self._provider
        async with provider.connected() as client:
            with _behind(f"prompts/get {self._backend_name}"):
                result = await client.get_prompt(self._backend_name, arguments, meta=_meta_of_request())
                _grafted({"_meta": result.meta})
        return PromptResult(list(result.messages), result.description, own_meta(result.meta) or None)


async def _read(provider: ProxyProvider, uri: str) -> ResourceResult:
    from wireglass.client.results import read_contents

    async with provider.connected() as client:
        try:
            with _behind(f"resources/read {uri}"):
                raw = _grafted(await client.read_resource_mcp(uri, _meta_of_request()))
        except McpError as error:
            if error.code in (-32002, INVALID_PARAMS):
                raise NotFoundError(error.message) from error
            raise
    import base64

    contents = [
        ResourceContent(
            part.text if hasattr(part, "text") else base64.b64decode(part.blob),
            mime_type=part.mime_type,
            meta=part.meta,
        )
        for part in read_contents(raw)
    ]
    return ResourceResult(contents, own_meta(raw.get("_meta")) or None)


def _facts(listed: Any) -> dict[str, Any]:
    meta: dict[str, Any] = dict(listed.meta or {})
    own = meta.get("fastmcp") or meta.get("_fastmcp") or {}
    return {
        "name": listed.name,
        "title": listed.title,
        "description": listed.description,
        "icons": listed.icons,
        "meta": listed.meta,
        "tags": set(own.get("tags") or ()),
        "version": own.get("version"),
    }


def _task_config(client: "Client") -> TaskKind:
    """How tools of this server may run as tasks: a function of each, None when it has no tasks.

    At 2025-11-25 each tool says so. Since 2026-07-28 the server decides call by call, so any call may become a task
    here too; what it answers at once we answer at once.
    """
    capabilities = client.facts.capabilities
    if client.facts.stateless:
        if TASKS_EXTENSION not in as_object(capabilities.get("extensions")):
            return None
        relayed = TaskConfig(mode="optional", poll_interval=_POLL, at_once=True)
        return lambda _listed: relayed
    if "call" not in as_object(as_object(as_object(capabilities.get("tasks")).get("requests")).get("tools")):
        return None
    optional = TaskConfig(mode="optional", poll_interval=_POLL)
    return lambda listed: optional if _task_support(listed) in ("optional", "required") else TaskConfig()


def _task_support(listed: Any) -> str | None:
    return None if listed.execution is None else listed.execution.task_support


def _tool(provider: ProxyProvider, listed: Any, runs: TaskKind) -> Tool:
    made = ProxyTool(
        **_facts(listed),
        task_config=TaskConfig() if runs is None else runs(listed),
        parameters=listed.input_schema,
        output_schema=listed.output_schema,
        annotations=listed.annotations,
    )
    made._provider, made._backend_name = provider, listed.name
    made._takes_task = _task_support(listed) in ("optional", "required")
    return made


def _resource(provider: ProxyProvider, listed: Any) -> Resource:
    made = ProxyResource(
        **_facts(listed), uri=listed.uri, mime_type=listed.mime_type or "text/plain", annotations=listed.annotations
    )
    made._provider, made._backend_uri = provider, listed.uri
    return made


def _template(provider: ProxyProvider, listed: Any) -> ResourceTemplate:
    made = ProxyTemplate(
        **_facts(listed),
        uri_template=listed.uri_template,
        mime_type=listed.mime_type or "text/plain",
        annotations=listed.annotations,
    )
    made._provider, made._backend_template = provider, listed.uri_template
    return made


def _prompt(provider: ProxyProvider, listed: Any) -> Prompt:
    made = ProxyPrompt(**_facts(listed), arguments=listed.arguments)
    made._provider, made._backend_name = provider, listed.name
    return made


class FastMCPProxy(FastMCP):
    """A server that forwards to another: `FastMCPProxy(client_factory=lambda: Client(...), name="front")`."""

    def __init__(
        self,
        client: Any = None,
        *,
        client_factory: Callable[[], Any] | None = None,
        identity: ProxyIdentity = "proxy",
        **settings: Any,
    ) -> None:
        """`identity="upstream"` shows clients the other server's name and looks instead of the proxy's own."""
        if client_factory is None:
            if client is None:
                raise ValueError("FastMCPProxy needs a client_factory.")
            client_factory = _factory_of(client)
        # It has one source: an empty list in place of that source's failure would be a lie.
        usual: dict[str, Any] = {"name": f"FastMCPProxy-{secrets.token_hex(2)}", "provider_error_strategy": "raise"}
        super().__init__(**{**usual, **settings})
        self.client_factory = client_factory
        provider = ProxyProvider(client_factory)
        self.add_provider(provider)
        self.introductions.append(ProxyMetadataMiddleware(provider, identity))


def _factory_of(target: Any, mode: str | None = None) -> Callable[[], Any]:
    from wireglass.client.client import Client

    if isinstance(target, Client):
        return lambda: target
    recipe: Any = target
    return lambda: Client(recipe, mode=mode or "auto")


def create_proxy(target: Any, *, mode: str | None = None, **settings: Any) -> FastMCPProxy:
    """A server that forwards everything to `target`: a client, transport, URL, path, configuration or server.

    Settings are those of `FastMCP`. Raises ConfigError when no transport can be made.
    """
    return FastMCPProxy(client_factory=_factory_of(target, mode), **settings)
