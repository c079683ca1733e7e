"""What servers of FastMCP 1.x and 2.x call on their server object, beside what all dialects have.

Nothing here works on its own: each name leads to the modules that do the work.
"""

import secrets
import warnings
from collections.abc import Callable
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from wireglass.errors import NotFoundError
from wireglass.server import finding
from wireglass.server.providers.base import pick
from wireglass.server.tools import Tool
from wireglass.settings import dialect, setting

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from wireglass.server.app import FastMCP
    from wireglass.server.managers import PromptManager, ResourceManager, ToolManager

__all__ = ["OlderNames", "ServerSettings", "found_or_raise"]

_DEFAULTS: dict[str, Any] = {
    "host": "127.0.0.1",
    "port": 8000,
    "log_level": "INFO",
    "debug": False,
    "mount_path": "/",
    "sse_path": "/sse",
    "message_path": "/messages/",
    "streamable_http_path": "/mcp",
    "json_response": False,
    "stateless_http": False,
    "warn_on_duplicate_tools": True,
    "warn_on_duplicate_resources": True,
    "warn_on_duplicate_prompts": True,
    "dependencies": (),
    "lifespan": None,
    "auth": None,
    "transport_security": None,
}


class ServerSettings:
    """`mcp.settings`: what the constructor was given, else the environment's word, else the usual. Setting an attribute
    counts for what is served afterwards. Raises AttributeError for a setting that does not exist."""

    def __init__(self, given: dict[str, Any]) -> None:
        object.__setattr__(self, "_given", given)

    def __getattr__(self, name: str) -> Any:
        given: dict[str, Any] = object.__getattribute__(self, "_given")
        if given.get(name) is not None:
            return given[name]
        if name not in _DEFAULTS:
            raise AttributeError(f"There is no setting {name}.")
        default = _DEFAULTS[name]
        text = setting(name.upper())
        if text is None:
            return default
        if isinstance(default, bool):
            return text.strip().lower() in ("1", "true", "yes", "on")
        return int(text) if isinstance(default, int) else text

    def __setattr__(self, name: str, value: Any) -> None:
        object.__getattribute__(self, "_given")[name] = value


class OlderNames:
    """A part of `FastMCP`."""

    def __class_getitem__(cls, item: Any) -> Any:
        """`FastMCP[Lifespan]` in annotations of any dialect."""
        return cls

    # Components by name (2.x)

    async def get_tools(self) -> dict[str, Tool]:
        """Every tool by its name, also those that are switched off."""
        return _by_identifier(await finding.everything(_server(self), "tools"))

    async def get_resources(self) -> dict[str, Any]:
        """Every resource by its URI, also those that are switched off."""
        return _by_identifier(await finding.everything(_server(self), "resources"))

    async def get_resource_templates(self) -> dict[str, Any]:
        """Every template by its URI, also those that are switched off."""
        return _by_identifier(await finding.everything(_server(self), "resource_templates"))

    async def get_prompts(self) -> dict[str, Any]:
        """Every prompt by its name, also those that are switched off."""
        return _by_identifier(await finding.everything(_server(self), "prompts"))

    def add_resource_fn(self, fn: Callable[..., Any], uri: str, **options: Any) -> Any:
        """Registers a function as `@mcp.resource(uri)` does."""
        return _server(self).resource(uri, **options)(fn)

    def remove_tool_transformation(self, tool_name: str) -> None:
        """Takes back what `add_tool_transformation` did to a tool."""
        from wireglass.server.transforms.tool_transform import ToolTransform

        server = _server(self)
        kept = [
            t for t in server.transforms if not (isinstance(t, ToolTransform) and t.names == frozenset({tool_name}))
        ]
        server.transforms[:] = kept
        server.components_changed("tool")

    @cached_property
    def _tool_manager(self) -> "ToolManager":
        from wireglass.server.managers import ToolManager

        return ToolManager.of(_server(self))

    @cached_property
    def _resource_manager(self) -> "ResourceManager":
        from wireglass.server.managers import ResourceManager

        return ResourceManager.of(_server(self))

    @cached_property
    def _prompt_manager(self) -> "PromptManager":
        from wireglass.server.managers import PromptManager

        return PromptManager.of(_server(self))

    @property
    def _mounted_servers(self) -> list[Any]:
        """Mounted servers as 2.x kept them: `.server`, `.prefix`, the latest last."""
        return [SimpleNamespace(server=child, prefix=prefix or None) for child, prefix in _server(self).mounts]

    @property
    def _mcp_server(self) -> "OlderNames":
        """The low-level server of the SDK: name, version, instructions and the client's end of a test are the same."""
        return self

    # Settings and serving (1.x, 2.x)

    @property
    def settings(self) -> ServerSettings:
        """Host, port, paths and the like. Deprecated outside of 1.x: give them to `run()` or `http_app()`."""
        if dialect() != "1":
            warnings.warn(
                "FastMCP.settings is deprecated: give host, port and paths to run() or http_app(), or set FASTMCP_*.",
                DeprecationWarning,
                stacklevel=2,
            )
        return ServerSettings(_server(self).settings_given)

    async def run_sse_async(self, mount_path: str | None = None, **options: Any) -> None:
        """Serves HTTP+SSE of 2024-11-05."""
        await _server(self).run_http_async(transport="sse", **options)

    async def run_streamable_http_async(self, **options: Any) -> None:
        """Serves Streamable HTTP."""
        await _server(self).run_http_async(transport="streamable-http", **options)

    def sse_app(self, mount_path: str | None = None, **options: Any) -> "Starlette":
        """HTTP+SSE of 2024-11-05 as an ASGI app."""
        return _server(self).http_app(transport="sse", **options)

    def streamable_http_app(self, **options: Any) -> "Starlette":
        """Streamable HTTP as an ASGI app."""
        return _server(self).http_app(transport="streamable-http", **options)

    @property
    def session_manager(self) -> "SessionManager":
        """What apps around a 1.x server enter in their lifespan: `async with mcp.session_manager.run(): ...`."""
        return SessionManager(_server(self))

    @classmethod
    def generate_name(cls, name: str | None = None) -> str:
        """A name for a server that was given none."""
        parts = [cls.__name__, *([name] if name else []), secrets.token_hex(2)]
        return "-".join(parts)


class SessionManager:
    """Keeps a server running, for whoever mounts its app."""

    def __init__(self, server: "FastMCP") -> None:
        self._server = server

    def run(self) -> Any:
        """An async context manager."""
        return self._server.lifespan()


def found_or_raise(kind: str, identifier: Any, component: Any) -> Any:
    """What a look-up found. Dialect 2 raises NotFoundError for nothing, the others return None."""
    if component is None and dialect() == "2":
        raise NotFoundError(f"Unknown {kind}: {str(identifier)!r}")
    return component


def _server(names: OlderNames) -> "FastMCP":
    return cast("FastMCP", names)


def _by_identifier(components: Any) -> dict[str, Any]:
    """The newest version of each."""
    found: dict[str, list[Any]] = {}
    for component in components:
        found.setdefault(component.identifier, []).append(component)
    return {identifier: pick(versions, None) for identifier, versions in found.items()}
