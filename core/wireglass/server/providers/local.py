"""Components that were registered in this process: what the decorators fill."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from wireglass.errors import NotFoundError
from wireglass.server.components import Component, attached, attached_options, is_kind
from wireglass.server.function_tools import FunctionTool
from wireglass.server.providers.base import Provider, kind_of, pick
from wireglass.server.registration import decorate, register_resource
from wireglass.server.tools import Tool
from wireglass.server.versions import VersionSpec

if TYPE_CHECKING:
    from wireglass.server.prompts import Prompt
    from wireglass.server.resources import Resource, ResourceTemplate

__all__ = ["DuplicateBehavior", "LocalProvider"]

log = logging.getLogger(__name__)
DuplicateBehavior = Literal["warn", "error", "replace", "ignore"]
C = TypeVar("C", bound=Component)


class _Shelf(dict[str, list[C]]):
    """Components of one kind by identifier, each with its versions in order of registration."""

    def everything(self) -> list[C]:
        return [component for versions in self.values() for component in versions]

    def find(self, identifier: str, version: VersionSpec | None) -> C | None:
        versions = self.get(identifier)
        if not versions:
            return None
        if len(versions) == 1 and version is None:
            return versions[0]
        return pick(versions, version)


class LocalProvider(Provider):
    """Holds components. `on_duplicate` decides what a second one with the same identity does."""

    def __init__(self, on_duplicate: DuplicateBehavior | None = None) -> None:
        super().__init__()
        self.on_duplicate: dict[str, DuplicateBehavior] = dict.fromkeys(
            ("tool", "resource", "prompt"), on_duplicate or "error"
        )
        self.guarded = False
        """Whether any component has an authorization check."""
        self._told = {kind: partial(self.changed, kind) for kind in self.on_duplicate}
        """What components call when they change: one for all of a kind."""
        self._tools: _Shelf[Tool] = _Shelf()
        self._resources: _Shelf[Resource] = _Shelf()
        self._templates: _Shelf[ResourceTemplate] = _Shelf()
        self._prompts: _Shelf[Prompt] = _Shelf()

    def __repr__(self) -> str:
        return "LocalProvider()"

    # Adding

    def add_tool(self, tool: Tool | Callable[..., Any]) -> Tool:
        """Adds a tool. Raises ValueError for a duplicate when duplicates are errors."""
        return self._add(tool if isinstance(tool, Tool) else _as_tool(tool))

    def add_resource(self, resource: Resource | ResourceTemplate | Callable[..., Any]) -> Any:
        """Adds a resource (or a template). Raises ValueError for a duplicate when duplicates are errors."""
        return self._add(resource if isinstance(resource, Component) else _as_resource(resource))

    def add_template(self, template: ResourceTemplate) -> ResourceTemplate:
        """Adds a template. Raises ValueError for a duplicate when duplicates are errors."""
        return self._add(template)

    def add_prompt(self, prompt: Prompt | Callable[..., Any]) -> Prompt:
        """Adds a prompt. Raises ValueError for a duplicate when duplicates are errors."""
        made = prompt if is_kind(prompt, "prompt") else _as_prompt(cast("Callable[..., Any]", prompt))
        return self._add(cast("Prompt", made))

    def put(self, component: C) -> C:
        """Adds a component in the place of any with its name."""
        self._shelf(component).pop(component.identifier, None)
        return self._add(component)

    def by_name(self, kind: Literal["tool", "resource", "template", "prompt"]) -> dict[str, Any]:
        """What is registered, by name or URI, in its newest version."""
        shelves: dict[str, _Shelf[Any]] = {
            "tool": self._tools,
            "resource": self._resources,
            "template": self._templates,
            "prompt": self._prompts,
        }
        return {identifier: pick(versions, None) for identifier, versions in shelves[kind].items()}

    def tool(self, name_or_fn: str | Callable[..., Any] | None = None, **options: Any) -> Any:
        """As `FastMCP.tool`."""
        if "output_schema" in options:
            options["output_schema"] = options["output_schema"] or False
        return decorate("tool", self.add_tool, name_or_fn, options)

    def resource(self, uri: str, **options: Any) -> Callable[[Any], Any]:
        """As `FastMCP.resource`."""
        return register_resource(self.add_resource, uri, options)

    def prompt(self, name_or_fn: str | Callable[..., Any] | None = None, **options: Any) -> Any:
        """As `FastMCP.prompt`."""
        return decorate("prompt", self.add_prompt, name_or_fn, options)

    def _shelf(self, component: Component) -> _Shelf[Any]:
        shelves: dict[str, _Shelf[Any]] = {
            "tool": self._tools,
            "prompt": self._prompts,
            "resource_template": self._templates,
        }
        return shelves.get(component.COMPONENT_TYPE, self._resources)

    def _add(self, component: C) -> C:
        shelf = self._shelf(component)
        versions = cast("list[C]", shelf.setdefault(component.identifier, []))
        _check_mixing(component, versions)
        same = [index for index, other in enumerate(versions) if other.version == component.version]
        kind = kind_of(component)
        if same:
            policy = self.on_duplicate[kind]
            if policy == "error":
                raise ValueError(f"Component already exists: {component.key}")
            if policy == "ignore":
                return versions[same[0]]
            if policy == "warn":
                log.warning("Component already exists: %s", component.key)
            versions[same[0]] = component
        else:
            versions.append(component)
        self.guarded = self.guarded or component.auth is not None
        component._on_change = self._told[kind]
        self.changed(kind)
        return component

    def offers_tasks(self) -> bool:
        return any(tool.task_config.supports_tasks() for tool in self._tools.everything())

    # Removing

    def remove_tool(self, name: str, version: str | None = None) -> None:
        """Removes a tool, all its versions unless one is named. Raises NotFoundError (a KeyError too)."""
        self._remove(self._tools, name, version, "tool")

    def remove_resource(self, uri: str, version: str | None = None) -> None:
        """Removes a resource. Raises NotFoundError."""
        self._remove(self._resources, str(uri), version, "resource")

    def remove_template(self, uri_template: str, version: str | None = None) -> None:
        """Removes a template. Raises NotFoundError."""
        self._remove(self._templates, uri_template, version, "resource")

    def remove_resource_template(self, uri_template: str, version: str | None = None) -> None:
        """Removes a template. Raises NotFoundError."""
        self.remove_template(uri_template, version)

    def remove_prompt(self, name: str, version: str | None = None) -> None:
        """Removes a prompt. Raises NotFoundError."""
        self._remove(self._prompts, name, version, "prompt")

    def _remove(self, shelf: _Shelf[Any], identifier: str, version: str | None, kind: str) -> None:
        versions = shelf.get(identifier, [])
        kept = [c for c in versions if version is not None and c.version != version]
        if len(kept) == len(versions):
            suffix = f" version {version!r}" if version is not None else ""
            raise ComponentNotFound(f"{kind.capitalize()} {identifier!r}{suffix} not found")
        if kept:
            shelf[identifier] = kept
        else:
            del shelf[identifier]
        self.changed(kind)

    # Looking up

    def find_tool(self, name: str, version: VersionSpec | None = None) -> Tool | None:
        """As `get_tool`, at once and without transforms."""
        return self._tools.find(name, version)

    def has(self, kind: str, identifier: str) -> bool:
        """Whether something is registered under this name, enabled or not."""
        shelves: dict[str, _Shelf[Any]] = {"tool": self._tools, "prompt": self._prompts, "resource": self._resources}
        return identifier in shelves[kind]

    async def _list_tools(self) -> Sequence[Tool]:
        return self._tools.everything()

    async def _get_tool(self, name: str, version: VersionSpec | None = None) -> Tool | None:
        return self._tools.find(name, version)

    async def _list_resources(self) -> Sequence[Resource]:
        return self._resources.everything()

    async def _get_resource(self, uri: str, version: VersionSpec | None = None) -> Resource | None:
        return self._resources.find(uri, version)

    async def _list_resource_templates(self) -> Sequence[ResourceTemplate]:
        return self._templates.everything()

    async def _list_prompts(self) -> Sequence[Prompt]:
        return self._prompts.everything()

    async def _get_prompt(self, name: str, version: VersionSpec | None = None) -> Prompt | None:
        return self._prompts.find(name, version)


class ComponentNotFound(NotFoundError, KeyError):
    """Removing what is not there; code of older dialects expects a KeyError."""

    def __str__(self) -> str:
        return self.message


def _check_mixing(component: Component, versions: Sequence[Component]) -> None:
    if versions and (versions[0].version is None) != (component.version is None):
        have, given = ("unversioned", "versioned") if versions[0].version is None else ("versioned", "unversioned")
        raise ValueError(
            f"Cannot add a {given} {kind_of(component)} {component.identifier!r}: it already exists {have}. "
            "Give all of them a version, or none."
        )


def _as_tool(fn: Callable[..., Any]) -> Tool:
    return FunctionTool.from_function(fn)


def _as_resource(fn: Callable[..., Any]) -> Resource | ResourceTemplate:
    from wireglass.server.function_resources import component_from_function

    meta = attached(fn)
    if meta is None:
        raise TypeError(f"{fn!r} is no resource. Use @mcp.resource(uri), or add a Resource.")
    return component_from_function(fn, meta.uri, **(attached_options(fn, meta) or {}))


def _as_prompt(fn: Callable[..., Any]) -> Prompt:
    from wireglass.server.prompts import FunctionPrompt

    return FunctionPrompt.from_function(fn)
