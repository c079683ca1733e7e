"""Servers made of servers: mounted live, copied once, or run as their own behind a proxy."""

from collections.abc import Collection, Coroutine, Generator
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from wireglass.server.providers.aggregate import Wrapped
from wireglass.server.providers.base import Provider
from wireglass.server.state import Done
from wireglass.server.transforms.base import Transform
from wireglass.server.transforms.namespace import Namespace
from wireglass.server.transforms.selection import TagFilter
from wireglass.settings import dialect, setting

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP

__all__ = ["import_server", "mount"]


def mount(
    parent: "FastMCP",
    child: "FastMCP",
    prefix: str | None,
    *,
    mode: Literal["direct", "proxy"] | str | None = None,
    as_proxy: bool | None = None,
    include_tags: Collection[str] | None = None,
    exclude_tags: Collection[str] | None = None,
    resource_prefix_format: Any = None,
    tool_separator: str | None = None,
    tool_names: dict[str, str] | None = None,
) -> None:
    """Shows a server's components in another, live. Raises ValueError with names for a bad mode or format, a cycle, or
    the same server twice under one prefix, and TypeError for anything but a server."""
    if not hasattr(child, "mounts"):
        given = child or prefix
        raise TypeError(
            f"mount() takes a FastMCP server, not {given!r}. For a URL, a file or a client: "
            "mount(create_proxy(...)), from wireglass.server.proxy import create_proxy."
        )
    if mode not in (None, "direct", "proxy", "mount"):
        raise ValueError(f"mode must be 'direct' or 'proxy', not {mode!r} (mounting {child.name!r}).")
    if _contains(child, parent):
        raise ValueError(f"Mounting {child.name!r} in {parent.name!r} would make a cycle.")
    _check_twice(parent, child, prefix)
    from wireglass.server.providers.mounted import FastMCPProvider

    if mode == "proxy" or as_proxy:
        from wireglass.server.proxy import create_proxy

        provider: Provider = FastMCPProvider(create_proxy(child, name=child.name))
    else:
        provider = FastMCPProvider(child)
    transforms = _transforms(
        parent, prefix, include_tags, exclude_tags, resource_prefix_format, tool_separator, tool_names
    )
    parent.mounts.append((child, prefix or ""))
    parent.add_provider(Wrapped(provider, *transforms) if transforms else provider)


def _transforms(
    parent: "FastMCP",
    prefix: str | None,
    include_tags: Collection[str] | None,
    exclude_tags: Collection[str] | None,
    resource_prefix_format: Any,
    tool_separator: str | None,
    tool_names: dict[str, str] | None,
) -> list[Transform]:
    transforms: list[Transform] = []
    if include_tags or exclude_tags:
        transforms.append(TagFilter(include_tags, exclude_tags))
    shape = resource_prefix_format or parent.settings_given.get("resource_prefix_format") or "path"
    separator = tool_separator or parent.settings_given.get("tool_separator") or setting("TOOL_SEPARATOR") or "_"
    if tool_names and dialect() == "4":  # renamed first, then prefixed; older files give the final names
        from wireglass.server.transforms.tool_transform import ToolTransform, ToolTransformConfig

        transforms.append(ToolTransform({old: ToolTransformConfig(name=new) for old, new in tool_names.items()}))
        tool_names = None
    if prefix or tool_names:
        names = Namespace(
            prefix or "", separator=separator, resource_prefix_format=shape, tool_names=dict(tool_names or {})
        )
        transforms.append(names)
    elif resource_prefix_format is not None:
        Namespace("", resource_prefix_format=resource_prefix_format)  # a wrong format is a mistake without prefix too
    return transforms


def _contains(server: "FastMCP", wanted: "FastMCP") -> bool:
    return server is wanted or any(_contains(inner, wanted) for inner, _ in server.mounts)


def _check_twice(parent: "FastMCP", child: "FastMCP", prefix: str | None) -> None:
    if (child, prefix or "") in parent.mounts:
        where = f"under the prefix {prefix!r}" if prefix else "without a prefix"
        raise ValueError(f"{child.name!r} is already mounted in {parent.name!r} {where}.")


def import_server(
    parent: "FastMCP",
    child: "FastMCP",
    prefix: str | None,
    *,
    include_tags: Collection[str] | None = None,
    exclude_tags: Collection[str] | None = None,
    resource_prefix_format: Any = None,
    tool_separator: str | None = None,
) -> Any:
    """Copies a server's components now; what it gets later does not follow. May be awaited."""
    from wireglass.server.providers.mounted import FastMCPProvider

    provider = FastMCPProvider(child)
    source = Wrapped(
        provider,
        *_transforms(parent, prefix, include_tags, exclude_tags, resource_prefix_format, tool_separator, None),
    )
    return _now(_copy(parent, source))


async def _copy(parent: "FastMCP", source: Provider) -> None:
    for tool in await source.list_tools():
        parent.add_tool(_detached(tool))
    for resource in await source.list_resources():
        parent.add_resource(_detached(resource))
    for template in await source.list_resource_templates():
        parent.add_template(_detached(template))
    for prompt in await source.list_prompts():
        parent.add_prompt(_detached(prompt))


def _detached(component: Any) -> Any:
    """A copy that runs the original component itself, so that the child may lose it without harm."""
    original = component._original
    return original.model_copy(
        update={
            name: getattr(component, name)
            for name in ("name", "uri", "uri_template", "title")
            if name in type(original).model_fields
        }
    )


def _now(work: Coroutine[Any, Any, None]) -> Any:
    """Runs a coroutine as far as it goes without waiting; for local components that is to the end. What is returned
    can be awaited for the rest."""
    try:
        return _Begun(work, work.send(None))
    except StopIteration:
        return Done()


class _Begun:
    """A coroutine that already ran to its first wait, which a plain `await` would refuse."""

    def __init__(self, work: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self._work = work
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        waits_for = self._waits_for
        while True:
            try:
                sent = yield waits_for
            except BaseException as error:  # boundary: cancellation too goes to the coroutine
                step = partial(self._work.throw, error)
            else:
                step = partial(self._work.send, sent)
            try:
                waits_for = step()
            except StopIteration:
                return
