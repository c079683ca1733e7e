"""`fastmcp.utilities.inspect`: everything a server offers, gathered in this process, and two ways to write it."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from pydantic_core import to_json

from wireglass.protocol.versions import LATEST_HANDSHAKE

__all__ = [
    "FastMCPInfo",
    "InspectFormat",
    "PromptInfo",
    "ResourceInfo",
    "TemplateInfo",
    "ToolInfo",
    "format_fastmcp_info",
    "format_info",
    "format_mcp_info",
    "inspect_fastmcp",
    "inspect_fastmcp_v1",
    "inspect_fastmcp_v2",
]


class InspectFormat(StrEnum):
    """How the facts are written: with everything we know, or as the protocol lists them."""

    FASTMCP = "fastmcp"
    MCP = "mcp"


@dataclass
class ToolInfo:
    """A tool."""

    key: str
    name: str
    description: str | None
    input_schema: dict[str, Any]
    output_schema: dict[str, Any] | None = None
    annotations: dict[str, Any] | None = None
    tags: list[str] | None = None
    title: str | None = None
    icons: list[dict[str, Any]] | None = None
    meta: dict[str, Any] | None = None


@dataclass
class PromptInfo:
    """A prompt."""

    key: str
    name: str
    description: str | None
    arguments: list[dict[str, Any]] | None = None
    tags: list[str] | None = None
    title: str | None = None
    icons: list[dict[str, Any]] | None = None
    meta: dict[str, Any] | None = None


@dataclass
class ResourceInfo:
    """A resource."""

    key: str
    uri: str
    name: str | None
    description: str | None
    mime_type: str | None = None
    annotations: dict[str, Any] | None = None
    tags: list[str] | None = None
    title: str | None = None
    icons: list[dict[str, Any]] | None = None
    meta: dict[str, Any] | None = None


@dataclass
class TemplateInfo:
    """A resource template."""

    key: str
    uri_template: str
    name: str | None
    description: str | None
    mime_type: str | None = None
    parameters: dict[str, Any] | None = None
    annotations: dict[str, Any] | None = None
    tags: list[str] | None = None
    title: str | None = None
    icons: list[dict[str, Any]] | None = None
    meta: dict[str, Any] | None = None


@dataclass
class FastMCPInfo:
    """A server."""

    name: str
    instructions: str | None
    version: str | None
    website_url: str | None
    icons: list[dict[str, Any]] | None
    fastmcp_version: str
    mcp_version: str
    server_generation: int
    tools: list[ToolInfo]
    prompts: list[PromptInfo]
    resources: list[ResourceInfo]
    templates: list[TemplateInfo]
    capabilities: dict[str, Any]


async def inspect_fastmcp(mcp: Any) -> FastMCPInfo:
    """What the server shows a client without a token: the newest version of each component."""
    from wireglass.server.finding import newest_only

    return FastMCPInfo(
        name=mcp.name,
        instructions=mcp.instructions,
        version=mcp.version or _release("fastmcp"),
        website_url=mcp.website_url,
        icons=_plain(mcp.icons),
        fastmcp_version=_release("fastmcp"),
        mcp_version=_release("mcp"),
        server_generation=2,
        tools=[_tool(item) for item in newest_only(await mcp.list_tools())],
        prompts=[_prompt(item) for item in newest_only(await mcp.list_prompts())],
        resources=[_resource(item) for item in newest_only(await mcp.list_resources())],
        templates=[_template(item) for item in newest_only(await mcp.list_resource_templates())],
        capabilities=mcp.capabilities(LATEST_HANDSHAKE),
    )


inspect_fastmcp_v2 = inspect_fastmcp


async def inspect_fastmcp_v1(mcp: Any) -> FastMCPInfo:
    """The same of a server written for the SDK 1.x, which is one of ours as well."""
    info = await inspect_fastmcp(mcp)
    info.server_generation, info.version = 1, mcp.version
    return info


def format_fastmcp_info(info: FastMCPInfo) -> bytes:
    """Everything we know, as JSON."""
    facts = asdict(info)
    server = {name: facts[name] for name in ("name", "instructions", "version", "website_url", "icons")}
    document = {
        "server": {**server, "generation": info.server_generation, "capabilities": info.capabilities},
        "environment": {"fastmcp": info.fastmcp_version, "mcp": info.mcp_version},
        **{kind: facts[kind] for kind in ("tools", "prompts", "resources", "templates")},
    }
    return to_json(document, indent=2)


async def format_mcp_info(mcp: Any) -> bytes:
    """What a client of the protocol is shown, as JSON."""
    from wireglass.client.client import Client

    async with Client(mcp, mode="handshake") as client:
        facts = client.facts
        document = {
            "environment": {"fastmcp": _release("fastmcp"), "mcp": _release("mcp")},
            "serverInfo": facts.server_info,
            "capabilities": facts.capabilities,
            "instructions": facts.instructions,
            "tools": [item.wire() for item in await client.list_tools()],
            "prompts": [item.wire() for item in await client.list_prompts()],
            "resources": [item.wire() for item in await client.list_resources()],
            "resourceTemplates": [item.wire() for item in await client.list_resource_templates()],
        }
    return to_json(document, indent=2)


async def format_info(mcp: Any, format: InspectFormat | str, info: FastMCPInfo | None = None) -> bytes:
    """The server in one of the formats. Raises ValueError for another."""
    if InspectFormat(format) is InspectFormat.MCP:
        return await format_mcp_info(mcp)
    return format_fastmcp_info(info or await inspect_fastmcp(mcp))


def _release(distribution: str) -> str:
    """Which release's names are served; ours where none are."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        from wireglass import __version__

        return __version__


def _plain(models: Any) -> list[dict[str, Any]] | None:
    return [model.wire() for model in models] if models else None


def _common(item: Any) -> dict[str, Any]:
    return {
        "key": item.key,
        "name": item.name,
        "description": item.description,
        "tags": sorted(item.tags) or None,
        "title": item.title,
        "icons": _plain(item.icons),
        "meta": item.get_meta(),
    }


def _noted(item: Any) -> dict[str, Any] | None:
    return None if item.annotations is None else item.annotations.model_dump(by_alias=True, exclude_none=True)


def _tool(item: Any) -> ToolInfo:
    return ToolInfo(
        **_common(item), input_schema=item.parameters, output_schema=item.output_schema, annotations=_noted(item)
    )


def _prompt(item: Any) -> PromptInfo:
    arguments = [argument.model_dump(exclude_none=True) for argument in item.arguments or ()]
    return PromptInfo(**_common(item), arguments=arguments or None)


def _resource(item: Any) -> ResourceInfo:
    return ResourceInfo(**_common(item), uri=str(item.uri), mime_type=item.mime_type, annotations=_noted(item))


def _template(item: Any) -> TemplateInfo:
    return TemplateInfo(
        **_common(item),
        uri_template=item.uri_template,
        mime_type=item.mime_type,
        parameters=item.parameters,
        annotations=_noted(item),
    )
