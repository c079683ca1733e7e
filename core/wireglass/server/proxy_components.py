"""The tools, resources, templates and prompts of another server, as components of ours that forward to it."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from pydantic import PrivateAttr

from wireglass.errors import INVALID_PARAMS, METHOD_NOT_FOUND, McpError, NotFoundError
from wireglass.protocol.messages import as_object
from wireglass.protocol.model import WireModel
from wireglass.protocol.spans import SPANS_KEY, spans_of
from wireglass.server.components import TaskConfig
from wireglass.server.context import current_context
from wireglass.server.prompts import Prompt, PromptResult
from wireglass.server.proxy_backends import Backends
from wireglass.server.proxy_metadata import own_meta
from wireglass.server.resource_results import ResourceContent, ResourceResult
from wireglass.server.resources import Resource, ResourceTemplate
from wireglass.server.results import ToolResult
from wireglass.server.tools import Tool
from wireglass.server.uris import matcher_of
from wireglass.server.watching import Stop
from wireglass.tracing import active, graft, span

__all__ = [
    "ProxyPrompt",
    "ProxyResource",
    "ProxyTemplate",
    "ProxyTool",
    "TaskKind",
    "prompt_of",
    "resource_of",
    "task_support",
    "template_of",
    "tool_of",
]

TaskKind = Callable[[Any], TaskConfig] | None
"""How a listed tool may run as a task, or None when none may."""


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

    _backends: Any = PrivateAttr(default=None)
    _backend_name: str = PrivateAttr(default="")
    _takes_task: bool = PrivateAttr(default=False)
    """Whether the other server lists it as one that runs as a task when asked to (2025-11-25)."""

    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        context = current_context.get()

        async def progress(value: float, total: float | None, message: str | None) -> None:
            if context is not None:
                await context.report_progress(value, total, message)

        backends: Backends = self._backends
        async with backends.connected() as client:
            as_task = True if context is not None and context.is_background_task and self._takes_task else None
            with _behind(f"tools/call {self._backend_name}"):
                raw = await client.call_tool_mcp(
                    self._backend_name, arguments, progress_handler=progress, meta=_meta_of_request(), task=as_task
                )
                raw = _grafted(raw.wire() if isinstance(raw, WireModel) else raw)
        return ToolResult.from_wire({**raw, "_meta": own_meta(raw.get("_meta")) or None})


class ProxyResource(Resource):
    """A resource of the other server."""

    _backends: Any = PrivateAttr(default=None)
    _backend_uri: str = PrivateAttr(default="")

    async def read(self) -> Any:
        return await _read(self._backends, self._backend_uri)

    async def watch(self, tell: Callable[[], None]) -> Stop | None:
        return await self._backends.watch(self._backend_uri, tell)


class ProxyTemplate(ResourceTemplate):
    """A template of the other server."""

    _backends: Any = PrivateAttr(default=None)
    _backend_template: str = PrivateAttr(default="")

    async def read(self, arguments: dict[str, Any]) -> Any:
        return await _read(self._backends, matcher_of(self._backend_template).expand(arguments))

    async def complete(self, argument: str, value: str, known: dict[str, Any]) -> dict[str, Any] | None:
        reference = {"type": "ref/resource", "uri": self._backend_template}
        return await _completed(self._backends, reference, argument, value, known)

    async def watch(self, arguments: dict[str, Any], tell: Callable[[], None]) -> Stop | None:
        return await self._backends.watch(matcher_of(self._backend_template).expand(arguments), tell)


class ProxyPrompt(Prompt):
    """A prompt of the other server."""

    _backends: Any = PrivateAttr(default=None)
    _backend_name: str = PrivateAttr(default="")

    async def render(self, arguments: dict[str, Any] | None = None) -> Any:
        backends: Backends = self._backends
        async with backends.connected() as client:
            with _behind(f"prompts/get {self._backend_name}"):
                result = await client.get_prompt(self._backend_name, arguments, meta=_meta_of_request())
                _grafted({"_meta": result.meta})
        return PromptResult(list(result.messages), result.description, own_meta(result.meta) or None)

    async def complete(self, argument: str, value: str, known: dict[str, Any]) -> dict[str, Any] | None:
        reference = {"type": "ref/prompt", "name": self._backend_name}
        return await _completed(self._backends, reference, argument, value, known)


async def _completed(
    backends: Backends, reference: dict[str, Any], argument: str, value: str, known: dict[str, Any]
) -> dict[str, Any]:
    async with backends.connected() as client:
        try:
            raw = await client.complete_mcp(reference, {"name": argument, "value": value}, known)
        except McpError as error:
            if error.code != METHOD_NOT_FOUND:
                raise
            return {"completion": {"values": []}}  # it completes nothing, which ours says that it does
    return {"completion": as_object(raw.get("completion"))}


async def _read(backends: Backends, uri: str) -> ResourceResult:
    from wireglass.client.results import read_contents

    async with backends.connected() as client:
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


def task_support(listed: Any) -> str | None:
    """What the other server says of running it as a task, or None."""
    return None if listed.execution is None else listed.execution.task_support


def tool_of(backends: Backends, listed: Any, runs: TaskKind) -> Tool:
    made = ProxyTool(
        **_facts(listed),
        task_config=TaskConfig() if runs is None else runs(listed),
        parameters=listed.input_schema,
        output_schema=listed.output_schema,
        annotations=listed.annotations,
    )
    made._backends, made._backend_name = backends, listed.name
    made._takes_task = task_support(listed) in ("optional", "required")
    return made


def resource_of(backends: Backends, listed: Any) -> Resource:
    made = ProxyResource(
        **_facts(listed), uri=listed.uri, mime_type=listed.mime_type or "text/plain", annotations=listed.annotations
    )
    made._backends, made._backend_uri = backends, listed.uri
    return made


def template_of(backends: Backends, listed: Any) -> ResourceTemplate:
    made = ProxyTemplate(
        **_facts(listed),
        uri_template=listed.uri_template,
        mime_type=listed.mime_type or "text/plain",
        annotations=listed.annotations,
    )
    made._backends, made._backend_template = backends, listed.uri_template
    return made


def prompt_of(backends: Backends, listed: Any) -> Prompt:
    made = ProxyPrompt(**_facts(listed), arguments=listed.arguments)
    made._backends, made._backend_name = backends, listed.name
    return made
