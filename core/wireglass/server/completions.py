"""Suggestions while somebody types an argument (server/utilities/completion)."""

import enum
import inspect
import types
import typing
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, Union, cast

from wireglass.errors import INVALID_PARAMS, McpError

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP

__all__ = ["Completions"]

_BOUND = 100
"""Values in one answer, at most (the specification's number)."""


class Completions:
    """The completers of one server: handlers, completers given with a component, and what annotations tell."""

    def __init__(self, server: "FastMCP") -> None:
        self._server = server
        self.handlers: list[Callable[..., Any]] = []

    async def complete(self, reference: dict[str, Any], name: str, value: str, known: dict[str, Any]) -> dict[str, Any]:
        """The result of `completion/complete`. Raises McpError -32602 for an unknown prompt, template or argument."""
        from wireglass.protocol.completion import CompletionArgument, CompletionContext, read_reference

        typed, given = CompletionArgument(name=name, value=value), CompletionContext(arguments=known)
        for handler in self.handlers:
            answer = await _ask(handler, read_reference(reference), typed, given)
            if answer is not None:
                return _result(answer)
        from wireglass.server.function_resources import FunctionTemplate
        from wireglass.server.prompts import FunctionPrompt

        component = await self._component(reference)
        elsewhere = await component.complete(name, value, known)
        if elsewhere is not None:
            return elsewhere
        plan = component.plan if isinstance(component, (FunctionPrompt, FunctionTemplate)) else None
        argument = next((a for a in plan.arguments if a.alias == name), None) if plan else None
        if plan is not None and argument is None:
            raise McpError(INVALID_PARAMS, f"{component.name!r} has no argument {name!r}.")
        options = _options(argument.annotation) if argument else []
        return _result([option for option in options if option.lower().startswith(value.lower())])

    async def _component(self, reference: dict[str, Any]) -> Any:
        kind = reference.get("type")
        if kind == "ref/prompt":
            found = await self._server.find("prompt", str(reference.get("name")))
        elif kind == "ref/resource":
            found = await self._template(str(reference.get("uri")))
        else:
            raise McpError(INVALID_PARAMS, f"Unknown reference type {kind!r}.")
        if found is None:
            raise McpError(INVALID_PARAMS, f"Nothing to complete: {reference.get('name') or reference.get('uri')!r}.")
        return found

    async def _template(self, uri: str) -> Any:
        for template in await self._server.list_components("resource_templates"):
            if template.uri_template == uri:
                return template
        return await self._server.find("resource_template", uri)


async def _ask(handler: Callable[..., Any], *arguments: Any) -> Any:
    accepted = len(inspect.signature(handler).parameters)
    answer = handler(*arguments[:accepted])
    return await answer if inspect.isawaitable(answer) else answer


def _options(annotation: Any) -> list[str]:
    """The finite values of an annotation: Literal, enum, bool, optional ones too."""
    origin = typing.get_origin(annotation)
    if origin is Literal:
        return [str(value) for value in typing.get_args(annotation)]
    if origin is Union or origin is types.UnionType:
        return [option for part in typing.get_args(annotation) for option in _options(part)]
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return [str(member.value) for member in annotation]
    return ["true", "false"] if annotation is bool else []


def _result(answer: Any) -> dict[str, Any]:
    """From a list of values, a dict, or a `Completion` model with paging hints."""
    if hasattr(answer, "model_dump"):
        answer = answer.model_dump(by_alias=True, exclude_none=True)
    if isinstance(answer, dict):
        completion = dict(cast("dict[str, Any]", answer))
    else:
        completion = {"values": [str(value) for value in answer]}
    values = completion.get("values", [])
    if len(values) > _BOUND:
        completion |= {"values": values[:_BOUND], "total": len(values), "hasMore": True}
    return {"completion": completion}
