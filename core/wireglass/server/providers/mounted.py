"""Another server as a provider: its components run through its own middleware, seen from where it is mounted."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from pydantic import PrivateAttr

from wireglass import telemetry
from wireglass.server.components import Component
from wireglass.server.passing import context_for
from wireglass.server.prompts import Prompt
from wireglass.server.providers.base import Provider
from wireglass.server.resources import Resource, ResourceTemplate
from wireglass.server.results import ToolResult
from wireglass.server.tools import Tool
from wireglass.server.uris import matcher_of
from wireglass.server.versions import VersionSpec
from wireglass.server.watching import Stop, watch_all
from wireglass.tracing import span

if TYPE_CHECKING:
    from wireglass.protocol.skills import Skill
    from wireglass.server.app import FastMCP

__all__ = ["FastMCPProvider"]


async def _traced(work: Awaitable[Any], method: str, subject: str) -> Any:
    with telemetry.delegate_span(subject, "FastMCPProvider", subject, method):
        return await work


def _exactly(component: Component) -> VersionSpec | None:
    return VersionSpec(eq=component.version) if component.version is not None else None


class _MountedTool(Tool):
    PROVIDER_TYPE = "FastMCPProvider"
    _server: Any = PrivateAttr(default=None)
    _original: Any = PrivateAttr(default=None)

    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        original: Tool = self._original
        with span(self._server.name, "server", mounted=True):
            work = self._server.call_tool(original.name, arguments, version=_exactly(original))
            return await (_traced(work, "tools/call", original.name) if telemetry.is_on() else work)


class _MountedResource(Resource):
    PROVIDER_TYPE = "FastMCPProvider"
    _server: Any = PrivateAttr(default=None)
    _original: Any = PrivateAttr(default=None)

    async def read(self) -> Any:
        original: Resource = self._original
        with span(self._server.name, "server", mounted=True):
            work = self._server.read_resource(original.uri, version=_exactly(original))
            return await (_traced(work, "resources/read", original.uri) if telemetry.is_on() else work)

    async def watch(self, tell: Callable[[], None]) -> Stop | None:
        return await self._original.watch(tell)


class _MountedTemplate(ResourceTemplate):
    PROVIDER_TYPE = "FastMCPProvider"
    _server: Any = PrivateAttr(default=None)
    _original: Any = PrivateAttr(default=None)

    async def read(self, arguments: dict[str, Any]) -> Any:
        original: ResourceTemplate = self._original
        uri = matcher_of(original.uri_template).expand(arguments)
        with span(self._server.name, "server", mounted=True):
            work = self._server.read_resource(uri, version=_exactly(original))
            return await (_traced(work, "resources/read", uri) if telemetry.is_on() else work)

    async def complete(self, argument: str, value: str, known: dict[str, Any]) -> dict[str, Any] | None:
        reference = {"type": "ref/resource", "uri": self._original.uri_template}
        return await _completed(self._server, reference, argument, value, known)

    async def watch(self, arguments: dict[str, Any], tell: Callable[[], None]) -> Stop | None:
        return await self._original.watch(arguments, tell)


class _MountedPrompt(Prompt):
    PROVIDER_TYPE = "FastMCPProvider"
    _server: Any = PrivateAttr(default=None)
    _original: Any = PrivateAttr(default=None)

    async def render(self, arguments: dict[str, Any] | None = None) -> Any:
        original: Prompt = self._original
        with span(self._server.name, "server", mounted=True):
            work = self._server.render_prompt(original.name, arguments, version=_exactly(original))
            return await (_traced(work, "prompts/get", original.name) if telemetry.is_on() else work)

    async def complete(self, argument: str, value: str, known: dict[str, Any]) -> dict[str, Any] | None:
        reference = {"type": "ref/prompt", "name": self._original.name}
        return await _completed(self._server, reference, argument, value, known)


async def _completed(server: "FastMCP", reference: dict[str, Any], *asked: Any) -> dict[str, Any]:
    with context_for(server).active():
        return await server.completions.complete(reference, *asked)


def _stand_in(kind: type[Any], server: "FastMCP", original: Component) -> Any:
    """A component of `kind` with the facts of `original`; nothing is validated again."""
    fields = {name: value for name, value in original.__dict__.items() if name in kind.model_fields}
    if isinstance(original, Tool):
        fields["parameters"] = original.parameters  # a tool of a function makes it when it is asked
    made = kind.model_construct(**fields)
    made._server, made._original = server, original
    return made


class FastMCPProvider(Provider):
    """The components of another server, live."""

    def __init__(self, server: "FastMCP") -> None:
        super().__init__()
        self.server = server
        server.parents.append(self.changed)

    def __repr__(self) -> str:
        return f"FastMCPProvider({self.server.name!r})"

    def offers_tasks(self) -> bool:
        return self.server.tasks.offered()

    def offers_skills(self) -> bool:
        return self.server.skills.offered()

    async def watch(self, tell: Callable[[str], None]) -> Stop | None:
        return await watch_all(self.server.providers, tell)

    async def _list_skills(self) -> "Sequence[Skill]":
        return await self.server.skills.all()

    async def _list_tools(self) -> Sequence[Tool]:
        return [_stand_in(_MountedTool, self.server, tool) for tool in await self.server.list_tools()]

    async def _get_tool(self, name: str, version: VersionSpec | None = None) -> Tool | None:
        tool = await self.server.find("tool", name, version)
        return None if tool is None else cast("Tool", _stand_in(_MountedTool, self.server, tool))

    async def _list_resources(self) -> Sequence[Resource]:
        return [_stand_in(_MountedResource, self.server, item) for item in await self.server.list_resources()]

    async def _get_resource(self, uri: str, version: VersionSpec | None = None) -> Resource | None:
        resource = await self.server.find("resource", uri, version)
        return None if resource is None else cast("Resource", _stand_in(_MountedResource, self.server, resource))

    async def _list_resource_templates(self) -> Sequence[ResourceTemplate]:
        templates = await self.server.list_resource_templates()
        return [_stand_in(_MountedTemplate, self.server, template) for template in templates]

    async def _get_resource_template(self, uri: str, version: VersionSpec | None = None) -> ResourceTemplate | None:
        template = await self.server.find("resource_template", uri, version)
        if template is None:
            return None
        return cast("ResourceTemplate", _stand_in(_MountedTemplate, self.server, template))

    async def _list_prompts(self) -> Sequence[Prompt]:
        return [_stand_in(_MountedPrompt, self.server, prompt) for prompt in await self.server.list_prompts()]

    async def _get_prompt(self, name: str, version: VersionSpec | None = None) -> Prompt | None:
        prompt = await self.server.find("prompt", name, version)
        return None if prompt is None else cast("Prompt", _stand_in(_MountedPrompt, self.server, prompt))

    @asynccontextmanager
    async def lifespan(self) -> AsyncGenerator[None, None]:
        async with self.server._lifespan(mounted=True):
            yield
