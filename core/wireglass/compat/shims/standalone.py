"""`@tool`, `@resource` and `@prompt` without a server: the function stays itself and carries what was said about it."""

from collections.abc import Callable
from typing import Any

from wireglass.server.prompts import FunctionPrompt
from wireglass.server.resources import component_from_function
from wireglass.server.tools import FunctionTool

__all__ = ["component_of", "prompt", "resource", "tool"]

_MARK = "__wireglass_component__"


def tool(name_or_fn: Any = None, /, **options: Any) -> Any:
    """Marks a function as a tool; `server.add_tool(function)` then knows what was said."""
    return _decorate("tool", name_or_fn, options)


def prompt(name_or_fn: Any = None, /, **options: Any) -> Any:
    """Marks a function as a prompt."""
    return _decorate("prompt", name_or_fn, options)


def resource(uri: str, /, **options: Any) -> Callable[[Any], Any]:
    """Marks a function as a resource. Raises TypeError when it is used without a URI."""
    if callable(uri):
        raise TypeError("@resource needs a URI. Did you forget to call it? Write @resource('data://...').")

    def mark(fn: Any) -> Any:
        setattr(fn, _MARK, lambda: component_from_function(fn, uri, **options))
        return fn

    return mark


def component_of(fn: Any) -> Any:
    """The component of a marked function, or None."""
    make = getattr(fn, _MARK, None)
    return None if make is None else make()


def _decorate(kind: str, name_or_fn: Any, options: dict[str, Any]) -> Any:
    if isinstance(name_or_fn, str):
        if options.get("name") is not None:
            raise TypeError("Cannot specify both a name as first argument and as keyword argument.")
        options = {**options, "name": name_or_fn}
    maker = FunctionTool.from_function if kind == "tool" else FunctionPrompt.from_function

    def mark(fn: Any) -> Any:
        plain = fn.__func__ if isinstance(fn, (staticmethod, classmethod)) else fn
        setattr(plain, _MARK, lambda: maker(plain, **options))
        return fn

    return mark(name_or_fn) if callable(name_or_fn) or isinstance(name_or_fn, staticmethod) else mark
