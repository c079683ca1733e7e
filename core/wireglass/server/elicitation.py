"""Questions to the user: the form of an answer type, and the typed answer (client/elicitation, since 2025-06-18)."""

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, cast

import pydantic
from pydantic_core import to_jsonable_python

from wireglass.errors import ToolError
from wireglass.server.schemas import inline_references, prune_titles

__all__ = [
    "AcceptedElicitation",
    "CancelledElicitation",
    "DeclinedElicitation",
    "ElicitationResult",
    "Question",
    "check_form",
    "plan_question",
]

T = TypeVar("T")


@dataclass
class AcceptedElicitation(Generic[T]):
    """The user answered."""

    data: T
    action: Literal["accept"] = "accept"


@dataclass
class DeclinedElicitation:
    """The user read the question and said no."""

    action: Literal["decline"] = "decline"
    data: None = None


@dataclass
class CancelledElicitation:
    """The user dismissed the question."""

    action: Literal["cancel"] = "cancel"
    data: None = None


ElicitationResult = AcceptedElicitation[T] | DeclinedElicitation | CancelledElicitation


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and how an answer is read."""

    schema: dict[str, Any]
    adapter: pydantic.TypeAdapter[Any] | None
    wrapped: bool
    """The answer is the member `value` of the content."""

    def outcome(self, answer: dict[str, Any]) -> Any:
        """The typed outcome of `{action, content}`. Raises ToolError when the content does not fit the schema."""
        match answer.get("action"):
            case "accept":
                return AcceptedElicitation(data=self._read(answer.get("content") or {}))
            case "decline":
                return DeclinedElicitation()
            case "cancel":
                return CancelledElicitation()
            case other:
                raise ToolError(f"The client answered an elicitation with an unknown action: {other!r}.")

    def _read(self, content: dict[str, Any]) -> Any:
        if self.adapter is None:
            return content
        value = content.get("value") if self.wrapped else content
        try:
            return self.adapter.validate_python(value)
        except pydantic.ValidationError as error:
            problem = error.errors(include_url=False)[0]
            place = ".".join(map(str, problem["loc"])) or "answer"
            raise ToolError(f"The answer does not fit the question: {place}: {problem['msg']}.") from error


def plan_question(response_type: Any, *, title: str | None = None, description: str | None = None) -> Question:
    """The form for an answer type: None (no fields), a scalar, Literal, enum, list of choices, dict of titled choices,
    dataclass, TypedDict or pydantic model. Raises TypeError for what the specification's flat forms cannot show.
    """
    if response_type is None:
        return Question({"type": "object", "properties": {}}, None, wrapped=False)
    choices = _choices(response_type)
    if choices is not None:
        field, adapter = choices
        return _wrap(field, adapter, title, description)
    adapter = pydantic.TypeAdapter[Any](response_type)
    schema = _flatten(response_type, adapter)
    if schema.get("type") == "object":
        _check_flat(schema, response_type)
        if title is not None or description is not None:
            raise TypeError(
                f"response_title and response_description describe a single value; {_name(response_type)} has fields "
                "of its own: describe those."
            )
        return Question(schema, adapter, wrapped=False)
    _check_field("value", schema, response_type)
    return _wrap(schema, adapter, title, description)


def _wrap(
    field: dict[str, Any], adapter: pydantic.TypeAdapter[Any], title: str | None, description: str | None
) -> Question:
    shown = dict(field)
    if title is not None:
        shown["title"] = title
    if description is not None:
        shown["description"] = description
    schema = {"type": "object", "properties": {"value": shown}, "required": ["value"]}
    return Question(schema, adapter, wrapped=True)


def _choices(kind: Any) -> tuple[dict[str, Any], pydantic.TypeAdapter[Any]] | None:
    """Shorthands that are values, not types: `["a", "b"]`, `{"a": {"title": "A"}}`, and those in one more list."""
    if isinstance(kind, dict):
        titled = cast("dict[str, Any]", kind)
        return {"type": "string", "oneOf": _titled(titled)}, _literal(list(titled))
    if not isinstance(kind, list):
        return None
    items = cast("list[Any]", kind)
    if not items:
        raise TypeError("A list of choices must not be empty.")
    if len(items) == 1 and isinstance(items[0], list):
        names = cast("list[str]", items[0])
        return {"type": "array", "items": {"type": "string", "enum": names}}, _literal(names, many=True)
    if len(items) == 1 and isinstance(items[0], dict):
        titled = cast("dict[str, Any]", items[0])
        return {"type": "array", "items": {"anyOf": _titled(titled)}}, _literal(list(titled), many=True)
    if not all(isinstance(item, str) for item in items):
        raise TypeError(f"A list of choices holds strings, not {items!r}.")
    return {"type": "string", "enum": items}, _literal(items)


def _titled(choices: dict[str, Any]) -> list[dict[str, Any]]:
    titled: list[dict[str, Any]] = []
    for value, facts in choices.items():
        title = cast("dict[str, Any]", facts).get("title", value) if isinstance(facts, dict) else str(facts)
        titled.append({"const": value, "title": title})
    return titled


def _literal(values: list[str], *, many: bool = False) -> pydantic.TypeAdapter[Any]:
    one: Any = Literal[tuple(values)]  # pyright: ignore[reportInvalidTypeForm] - built at run time
    kind: Any = list[one] if many else one
    return pydantic.TypeAdapter(kind)


def _flatten(kind: Any, adapter: pydantic.TypeAdapter[Any]) -> dict[str, Any]:
    schema = inline_references(prune_titles(adapter.json_schema(mode="validation")))
    if "$ref" in schema:
        raise TypeError(f"{_name(kind)} refers to itself; a form is flat.")
    schema = _without_null(schema)
    if "properties" in schema:
        properties = {name: _without_null(field) for name, field in schema["properties"].items()}
        schema = {**schema, "properties": {name: _plain_default(field) for name, field in properties.items()}}
    return schema


def _plain_default(field: dict[str, Any]) -> dict[str, Any]:
    if "default" not in field:
        return field
    if field["default"] is None:
        return {key: value for key, value in field.items() if key != "default"}
    return {**field, "default": to_jsonable_python(field["default"])}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Forms have no null: an optional field is one that may be left out."""
    branches = schema.get("anyOf")
    if not isinstance(branches, list):
        return schema
    rest = [b for b in cast("list[dict[str, Any]]", branches) if b.get("type") != "null"]
    if {branch.get("type") for branch in rest} == {"integer", "number"}:
        rest = [{"type": "number"}]
    if len(rest) != 1:
        return schema
    return {**{key: value for key, value in schema.items() if key != "anyOf"}, **rest[0]}


def check_form(schema: dict[str, Any]) -> None:
    """Raises TypeError when a form cannot show the schema (client/elicitation: flat objects of primitive fields)."""
    if schema.get("type") != "object":
        raise TypeError(f"Elicitation schema must be an object schema, not one of type {schema.get('type')!r}.")
    resolved = inline_references(schema)
    _check_flat({**resolved, "properties": {k: _without_null(v) for k, v in resolved.get("properties", {}).items()}})


def _check_flat(schema: dict[str, Any], kind: Any = "the schema") -> None:
    for name, field in schema.get("properties", {}).items():
        _check_field(name, field, kind)


_SCALARS = ("string", "number", "integer", "boolean")


def _check_field(name: str, field: dict[str, Any], kind: Any) -> None:
    if "enum" in field or "const" in field or "oneOf" in field or field.get("type") in _SCALARS:
        return
    where = f"Elicitation schema field {name!r} of {_name(kind)}"
    if field.get("type") == "object":
        raise TypeError(f"{where} is an object, but nested objects are not allowed: forms are flat.")
    if field.get("type") == "array":
        items = field.get("items", {})
        if "enum" in items or "anyOf" in items or "oneOf" in items or "const" in items:
            return
        if items.get("type") == "object":
            raise TypeError(f"{where} is an array of objects, but nested objects are not allowed: forms are flat.")
        raise TypeError(f"{where} is an array, but arrays are only allowed as choices (list of a Literal or enum).")
    raise TypeError(
        f"{where} has type {field.get('type') or list(field)!r}: forms know only strings, numbers, booleans and "
        "choices (all primitive)."
    )


def _name(kind: Any) -> str:
    return getattr(kind, "__name__", None) or str(kind)
