"""`@tool`, `@resource` and `@prompt` without a server: the function stays itself and carries what was said about it."""

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any, Literal

from wireglass.server.tools import NOT_SET

__all__ = [
    "DecoratedPrompt",
    "DecoratedResource",
    "DecoratedTool",
    "PromptMeta",
    "ResourceMeta",
    "ToolMeta",
    "prompt",
    "resource",
    "tool",
]

_MARK = "__fastmcp__"


@dataclasses.dataclass(kw_only=True)
class _Meta:
    name: str | None = None
    version: str | int | None = None
    title: str | None = None
    description: str | None = None
    icons: list[Any] | None = None
    tags: set[str] | None = None
    meta: dict[str, Any] | None = None
    task: Any = None
    auth: Any = None
    enabled: bool = True


@dataclasses.dataclass(kw_only=True)
class ToolMeta(_Meta):
    """What `@tool` was told."""

    type: Literal["tool"] = "tool"
    output_schema: Any = NOT_SET
    annotations: Any = None
    app: Any = None
    exclude_args: list[str] | None = None
    serializer: Any = None
    timeout: float | None = None
    run_in_thread: bool = True


@dataclasses.dataclass(kw_only=True)
class ResourceMeta(_Meta):
    """What `@resource` was told."""

    uri: str
    type: Literal["resource"] = "resource"
    mime_type: str | None = None
    annotations: Any = None
    app: Any = None
    security: Any = None


@dataclasses.dataclass(kw_only=True)
class PromptMeta(_Meta):
    """What `@prompt` was told."""

    type: Literal["prompt"] = "prompt"


class DecoratedTool:
    """For annotations: a function that `@tool` marked."""


class DecoratedResource:
    """For annotations: a function that `@resource` marked."""


class DecoratedPrompt:
    """For annotations: a function that `@prompt` marked."""


def tool(name_or_fn: Any = None, /, **options: Any) -> Any:
    """Marks a function as a tool; `server.add_tool(function)` and file system providers know what was said."""
    return _decorate("tool", ToolMeta, name_or_fn, options)


def prompt(name_or_fn: Any = None, /, **options: Any) -> Any:
    """Marks a function as a prompt."""
    return _decorate("prompt", PromptMeta, name_or_fn, options)


def resource(uri: str, /, **options: Any) -> Callable[[Any], Any]:
    """Marks a function as a resource. Raises TypeError when it is used without a URI."""
    if inspect.isroutine(uri):
        raise TypeError("The @resource decorator was used incorrectly. Write @resource('uri') instead of @resource.")
    return _marker("resource", ResourceMeta(uri=uri, **options))


def _decorate(kind: str, make: Callable[..., _Meta], name_or_fn: Any, options: dict[str, Any]) -> Any:
    if isinstance(name_or_fn, str):
        if options.get("name") is not None:
            raise TypeError("Cannot specify both a name as first argument and as keyword argument.")
        options = {**options, "name": name_or_fn}
        return _marker(kind, make(**options))
    mark = _marker(kind, make(**options))
    return mark if name_or_fn is None else mark(name_or_fn)


def _marker(kind: str, meta: _Meta) -> Callable[[Any], Any]:
    def mark(fn: Any) -> Any:
        if isinstance(fn, classmethod):
            raise TypeError(f"@{kind} cannot mark a classmethod. Put @classmethod above @{kind}.")
        if not (callable(fn) or isinstance(fn, staticmethod)):
            raise TypeError(f"Invalid first argument to @{kind}: expected a function or a name, got {fn!r}.")
        setattr(fn.__func__ if isinstance(fn, staticmethod) else fn, _MARK, meta)
        return fn

    return mark
