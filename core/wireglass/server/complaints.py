"""Complaints in words: to authors about functions that cannot work, to callers about arguments that do not fit."""

import inspect
from typing import Any, cast

import pydantic

from wireglass.errors import RegistrationError

__all__ = ["complain", "explain", "first_line", "location_of", "type_name"]


def location_of(fn: Any) -> str:
    """`file:line` of a function, or its module where Python does not know."""
    code = getattr(inspect.unwrap(getattr(fn, "func", fn)), "__code__", None)
    if code is None:
        return f"in {getattr(fn, '__module__', None) or 'an unknown module'}"
    return f"{code.co_filename}:{code.co_firstlineno}"


def complain(fn: Any, label: str, kind: str, what: str) -> RegistrationError:
    """The error for a function that can never work, with its name and place."""
    return RegistrationError(f"{kind} {label!r} ({location_of(fn)}): {what}")


def explain(error: pydantic.ValidationError, name: str) -> str:
    """Pydantic's complaint in words for the one who called: argument, what came, what was expected."""
    problems = error.errors(include_url=False)
    lines = [f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} for call[{name}]"]
    for problem in problems:
        path = ".".join(map(str, problem["loc"])) or "arguments"
        given = (
            "" if problem["type"] == "missing" else f" (got {_json_kind(problem['input'])}: {_short(problem['input'])})"
        )
        lines.append(f"{path}\n  {_wording(problem)}{given}")
    return "\n".join(lines)


def _wording(problem: Any) -> str:
    match problem["type"]:
        case "missing":
            return "Missing required argument"
        case "extra_forbidden":
            return "Unexpected keyword argument"
        case _:
            return str(problem["msg"])


def _json_kind(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return "null" if value is None else names.get(cast("type[Any]", type(value)), type(value).__name__)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def type_name(annotation: Any) -> str:
    """An annotation as people write it: with its module where it is a class."""
    if isinstance(annotation, type):
        return f"{annotation.__module__}.{annotation.__qualname__}"
    return str(annotation)


def first_line(error: Exception) -> str:
    """The first line of what an exception says."""
    return str(error).strip().partition("\n")[0]
