"""The decorators' logic: every spelling of `@mcp.tool`, `@mcp.resource` and `@mcp.prompt`, and what they return."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from wireglass.server.components import Component, is_kind
from wireglass.server.function_tools import FunctionTool
from wireglass.settings import dialect

__all__ = ["attach", "decorate", "register_resource"]

F = TypeVar("F")

_FACTS = ("name", "description", "uri", "uri_template")
"""What a function tells of its component. Everything else is one step away, in `fn.component`: facts on each of a
thousand functions cost more than the tools themselves."""

_ALL = (
    "name",
    "title",
    "description",
    "tags",
    "version",
    "meta",
    "key",
    "enable",
    "disable",
    "enabled",
    "parameters",
    "output_schema",
    "annotations",
    "run",
    "uri",
    "uri_template",
    "mime_type",
    "read",
    "arguments",
    "render",
)


def attach(fn: Any, component: Component) -> Any:
    """Puts the component's facts on the function, for code that expects the decorator to return the component; all of
    them in the dialects where decorators do return it."""
    try:
        fn.fn = fn
        fn.component = component
    except (AttributeError, TypeError):
        return fn  # bound methods and built-ins take no attributes
    for name in _FACTS if dialect() == "4" else _ALL:
        if hasattr(component, name):
            setattr(fn, name, getattr(component, name))
    return fn


def decorate(kind: str, add: Callable[[Any], Any], name_or_fn: Any, options: dict[str, Any]) -> Any:
    """What `server.tool(...)` or `server.prompt(...)` returns: the function, or the decorator that waits for one.

    Raises TypeError for a name given twice, and RegistrationError.
    """
    if isinstance(name_or_fn, str):
        if options.get("name") is not None:
            raise TypeError(
                f"Cannot specify both a name as first argument and as keyword argument: {name_or_fn!r} and "
                f"name={options['name']!r}."
            )
        options = {**options, "name": name_or_fn}
        return functools.partial(_register, kind, add, options)
    if name_or_fn is None:
        return functools.partial(_register, kind, add, options)
    if is_kind(name_or_fn, "tool", "prompt"):
        return add(name_or_fn)
    if isinstance(name_or_fn, classmethod) or callable(name_or_fn) or isinstance(name_or_fn, staticmethod):
        return _register(kind, add, options, name_or_fn)
    raise TypeError(f"Invalid first argument to @{kind}: expected a function, a name or None, got {name_or_fn!r}.")


def _register(kind: str, add: Callable[[Any], Any], options: dict[str, Any], fn: Any) -> Any:
    given = {name: value for name, value in options.items() if value is not None}
    if is_kind(fn, "tool", "prompt"):
        return add(fn.model_copy(update=given))
    maker = _maker(kind)
    component = add(maker(fn, **_known(maker, given)))
    return attach(fn.__func__ if isinstance(fn, staticmethod) else fn, component)


def _maker(kind: str) -> Callable[..., Any]:
    if kind == "tool":
        return FunctionTool.from_function
    from wireglass.server.prompts import FunctionPrompt

    return FunctionPrompt.from_function


@functools.lru_cache(maxsize=8)
def _parameters(maker: Any) -> frozenset[str]:
    return frozenset(inspect.signature(maker).parameters)


def _known(maker: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Without options that only other runtimes act on (`app=` draws a host's own widgets)."""
    return {name: value for name, value in options.items() if name in _parameters(maker) or name != "app"}


def register_resource(add: Callable[[Any], Any], uri: Any, options: dict[str, Any]) -> Callable[[F], F]:
    """The decorator behind `server.resource(uri)`. Raises TypeError when it is used without a URI."""
    if callable(uri) and not isinstance(uri, str):
        raise TypeError(
            "The @resource decorator was used incorrectly. Did you forget to call it? Use @resource('uri') instead of "
            "@resource."
        )
    options.pop("app", None)

    def decorator(fn: Any) -> Any:
        if is_kind(fn, "resource", "resource_template"):
            return add(fn)
        from wireglass.server.function_resources import component_from_function

        component = add(component_from_function(fn, str(uri), **options))
        return attach(fn.__func__ if isinstance(fn, staticmethod) else fn, component)

    return decorator
