"""Does a value fit a JSON Schema? Verdicts in plain words, with the place, the rule and what to do.

Judged by jsonschema-rs, which is loaded at the first check. Draft 2020-12 unless `$schema` says otherwise. References
are never fetched. Compiled validators are kept, so that a form can check at each key.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic_core import to_json

from wireglass.protocol.schema_refs import pointer_join

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError, Validator

__all__ = ["Verdict", "check", "fits", "schema_problem"]

MAX_VERDICTS = 100
"""More than anyone reads; a list of 100,000 wrong items must not cost seconds."""
KEPT_VALIDATORS = 256
_SHOWN_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that is wrong with a value."""

    path: str
    """JSON Pointer into the value. For a missing or an unexpected member: of that member."""
    message: str
    """What is wrong, a sentence."""
    keyword: str
    """The JSON Schema keyword that objects, or "schema" when the schema itself is unusable."""
    next_step: str = ""
    """What to do, a sentence."""


def check(schema: Any, value: Any) -> tuple[Verdict, ...]:
    """What is wrong with `value` by `schema`; empty when it fits. At most `MAX_VERDICTS`.

    A schema that cannot be used gives one verdict with the keyword "schema". Does not raise. `schema` is remembered by
    identity and must not be changed afterwards.
    """
    compiled = _compiled(schema)
    if isinstance(compiled, str):
        return (Verdict("", f"The schema cannot be used: {compiled}.", "schema", "Correct the schema in the server."),)
    try:
        if compiled.is_valid(value):
            return ()
        return tuple(islice(_verdicts(compiled.iter_errors(value)), MAX_VERDICTS))
    except (ValueError, TypeError, RecursionError) as error:
        return (Verdict("", f"The value is not JSON: {_first_line(error)}.", "type", "Use JSON values only."),)


def fits(schema: Any, value: Any) -> bool:
    """Whether `check` would find nothing; faster for values that fit."""
    compiled = _compiled(schema)
    try:
        return not isinstance(compiled, str) and compiled.is_valid(value)
    except (ValueError, TypeError, RecursionError):
        return False


def schema_problem(schema: Any) -> str | None:
    """Why `schema` is no usable JSON Schema (unknown dialect, wrong keyword value, reference to elsewhere), or None."""
    compiled = _compiled(schema)
    return compiled if isinstance(compiled, str) else None


# --- compiled schemas ---

_by_identity: OrderedDict[int, tuple[Any, Validator | str]] = OrderedDict()
_by_text: OrderedDict[bytes, Validator | str] = OrderedDict()


def _compiled(schema: Any) -> Validator | str:
    """The validator of a schema, or why there is none."""
    known = _by_identity.get(id(schema))
    if known is not None and known[0] is schema:
        return known[1]
    try:
        text = to_json(schema)
    except (ValueError, TypeError, RecursionError) as error:
        return f"it is not JSON ({_first_line(error)})"
    compiled = _by_text.get(text)
    if compiled is None:
        compiled = _compile(schema)
        _remember(_by_text, text, compiled)
    _remember(_by_identity, id(schema), (schema, compiled))
    return compiled


def _remember(kept: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    kept[key] = value
    if len(kept) > KEPT_VALIDATORS:
        kept.popitem(last=False)


def _compile(schema: Any) -> Validator | str:
    import jsonschema_rs

    if not isinstance(schema, dict | bool):
        return "it is neither an object nor true or false"
    try:
        return jsonschema_rs.validator_for(
            schema,
            offline=True,
            validate_formats=True,
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000, size_limit=1_000_000),
        )
    except jsonschema_rs.ValidationError as error:
        where = pointer_join("", *error.instance_path)
        at = f" at {where}" if where else ""
        return f"{_schema_fault(schema, error)}{at}"
    except (ValueError, TypeError, RecursionError, jsonschema_rs.ReferencingError) as error:
        return _first_line(error)


def _schema_fault(schema: dict[str, Any] | bool, error: ValidationError) -> str:
    text = _first_line(error)
    dialect = schema.get("$schema") if isinstance(schema, dict) else None
    if "meta-schema" in text and isinstance(dialect, str):
        return f"its dialect {_shown(dialect)} is not known (2020-12 and draft-07 are)"
    if "cannot fetch" in text:
        return "it refers to a schema elsewhere, and nothing is fetched"
    return text


# --- words ---


def _verdicts(errors: Iterable[ValidationError]) -> Iterator[Verdict]:
    for error in errors:
        yield from _verdict(error)


def _verdict(error: ValidationError) -> Iterator[Verdict]:
    facts = error.kind.as_dict()
    keyword = error.kind.name
    path = pointer_join("", *error.instance_path)
    match keyword:
        case "required":
            name = str(facts["property"])
            yield Verdict(pointer_join(path, name), f"{_shown(name)} is missing.", keyword, "Fill it in.")
        case "additionalProperties" | "unevaluatedProperties":
            for name in facts.get("unexpected", ()):
                message = f"{_shown(str(name))} is not a known member."
                yield Verdict(pointer_join(path, str(name)), message, keyword, "Remove it or correct its name.")
        case "anyOf" | "oneOf" if facts.get("context"):
            yield from _of_alternatives(error, facts["context"], path, keyword)
        case _:
            words = _WORDS.get(keyword)
            message, step = words(facts, error.instance) if words else (_sentence(_first_line(error)), "")
            yield Verdict(path, message, keyword, step)


def _of_alternatives(
    error: ValidationError, context: list[list[ValidationError]], path: str, keyword: str
) -> Iterator[Verdict]:
    """Names what is wrong with the alternative that was meant; when none stands out, says that none fits."""
    depth = len(error.instance_path)
    meant = [errors for errors in context if not _is_other_type(errors, depth)]
    if len(meant) == 1:
        yield from _verdicts(meant[0])
        return
    types = [_types(one.kind.as_dict()) for errors in context for one in errors[:1] if one.kind.name == "type"]
    if len(types) == len(context):
        names = _either(dict.fromkeys(types))
        yield Verdict(path, f"This is {_described(error.instance)}; {names} is needed.", keyword, f"Enter {names}.")
        return
    constants = [one.kind.as_dict() for errors in context for one in errors[:1] if one.kind.name == "const"]
    if len(constants) == len(context):
        options = [facts["expected_value"] for facts in constants]
        message, step = _enum({"options": options}, error.instance)
        yield Verdict(path, message, keyword, step)
        return
    yield Verdict(
        path,
        f"This fits none of the {len(context)} allowed alternatives.",
        keyword,
        "Choose one of them and fill in all that it needs.",
    )


def _is_other_type(errors: list[ValidationError], depth: int) -> bool:
    """Whether an alternative is for values of another type, or marked for another kind of object by a constant."""
    return any(
        (error.kind.name == "type" and len(error.instance_path) == depth)
        or (error.kind.name in ("const", "enum") and len(error.instance_path) <= depth + 1)
        for error in errors
    )


_TYPE_WORDS: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
}
_FORMAT_WORDS: Final = {
    "email": ("an e-mail address", "name@example.org"),
    "uri": ("a URI", "https://example.org/"),
    "date": ("a date", "2026-07-28"),
    "date-time": ("a date and time", "2026-07-28T09:30:00Z"),
    "time": ("a time", "09:30:00Z"),
    "duration": ("a duration", "PT15M"),
    "uuid": ("a UUID", "123e4567-e89b-42d3-a456-426614174000"),
    "ipv4": ("an IPv4 address", "192.0.2.1"),
    "ipv6": ("an IPv6 address", "2001:db8::1"),
    "hostname": ("a host name", "www.example.org"),
    "regex": ("a regular expression", "^a+$"),
    "json-pointer": ("a JSON Pointer", "/a/0"),
    "uri-template": ("a URI template", "https://example.org/{id}"),
}


def _type(facts: dict[str, Any], value: Any) -> tuple[str, str]:
    wanted = _types(facts)
    return f"This is {_described(value)}; {wanted} is needed.", f"Enter {wanted}."


def _types(facts: dict[str, Any]) -> str:
    return _either(_TYPE_WORDS.get(name, str(name)) for name in facts["types"])


def _format(facts: dict[str, Any], value: Any) -> tuple[str, str]:
    name, example = _FORMAT_WORDS.get(facts["format"], (f"a valid {facts['format']}", ""))
    return f"{_shown(value)} is not {name}.", f"Write it like {example}." if example else f"Enter {name}."


def _enum(facts: dict[str, Any], value: Any) -> tuple[str, str]:
    options = facts["options"]
    listed = ", ".join(_shown(option) for option in options[:8]) + (", ..." if len(options) > 8 else "")
    return f"{_shown(value)} is not one of the allowed values.", f"Choose one of {listed}."


def _const(facts: dict[str, Any], value: Any) -> tuple[str, str]:
    wanted = _shown(facts["expected_value"])
    return f"This is {_shown(value)}; it must be {wanted}.", f"Set it to {wanted}."


def _bound(wording: str, advice: str) -> Callable[[dict[str, Any], Any], tuple[str, str]]:
    def words(facts: dict[str, Any], value: Any) -> tuple[str, str]:
        given = {"limit": _shown(facts.get("limit")), "shown": _shown(value), "size": _size(value)}
        return wording.format(**given), advice.format(**given)

    return words


def _multiple(facts: dict[str, Any], value: Any) -> tuple[str, str]:
    unit = _shown(facts["multiple_of"])
    return f"{_shown(value)} is not a multiple of {unit}.", f"Enter a multiple of {unit}."


def _pattern(facts: dict[str, Any], value: Any) -> tuple[str, str]:
    if "pattern" not in facts:  # the engine gave up: a pattern that backtracks without end, or is invalid
        return "The pattern of the schema takes too long on this text.", "Shorten the text, or correct the pattern."
    return f"{_shown(value)} does not match the pattern {facts['pattern']}", "Write it in the form of the pattern."


def _fixed(message: str, step: str) -> Callable[[dict[str, Any], Any], tuple[str, str]]:
    return lambda facts, value: (message, step)


_WORDS: Final[dict[str, Callable[[dict[str, Any], Any], tuple[str, str]]]] = {
    "type": _type,
    "format": _format,
    "enum": _enum,
    "const": _const,
    "multipleOf": _multiple,
    "pattern": _pattern,
    "minimum": _bound("{shown} is less than {limit}.", "Enter {limit} or more."),
    "maximum": _bound("{shown} is more than {limit}.", "Enter {limit} or less."),
    "exclusiveMinimum": _bound("{shown} is not more than {limit}.", "Enter more than {limit}."),
    "exclusiveMaximum": _bound("{shown} is not less than {limit}.", "Enter less than {limit}."),
    "minLength": _bound(
        "This has {size} characters; at least {limit} are needed.", "Write at least {limit} characters."
    ),
    "maxLength": _bound("This has {size} characters; at most {limit} are allowed.", "Shorten it to {limit}."),
    "minItems": _bound("This list has {size} items; at least {limit} are needed.", "Add items up to {limit}."),
    "maxItems": _bound("This list has {size} items; at most {limit} are allowed.", "Remove items down to {limit}."),
    "minProperties": _bound("This has {size} members; at least {limit} are needed.", "Add members up to {limit}."),
    "maxProperties": _bound("This has {size} members; at most {limit} are allowed.", "Remove members."),
    "additionalItems": _bound("This list has more than its {limit} places.", "Remove the items after them."),
    "unevaluatedItems": _fixed("This list has items that are not allowed.", "Remove them."),
    "uniqueItems": _fixed("This list holds an item twice.", "Remove the second."),
    "contains": _fixed("This list lacks an item of the kind that it must contain.", "Add one."),
    "not": _fixed("This has a form that is excluded.", "Change it."),
    "falseSchema": _fixed("Nothing is allowed here.", "Remove it."),
    "false": _fixed("Nothing is allowed here.", "Remove it."),
    "propertyNames": _fixed("One of the names is not allowed.", "Rename it."),
    "anyOf": _fixed("This fits none of the allowed alternatives.", "Choose one of them."),
    "oneOf": _fixed("This fits more than one alternative; exactly one must fit.", "Remove what makes it ambiguous."),
}


def _described(value: Any) -> str:
    """A value with its type, to follow "This is"."""
    match value:
        case str():
            return f"the text {_shown(value)}"
        case bool() | None:
            return _shown(value)
        case int() | float():
            return f"the number {_shown(value)}"
        case list() | tuple():
            return "a list"
        case _:
            return "an object"


def _shown(value: Any) -> str:
    """A value as short JSON."""
    if isinstance(value, str) and len(value) > _SHOWN_LENGTH:
        value = value[:_SHOWN_LENGTH] + "…"
    if isinstance(value, list | dict) and len(cast("list[Any]", value)) > 20:
        return _described(value)
    try:
        text = to_json(value).decode()
    except (ValueError, TypeError, RecursionError):
        text = str(value)
    return text if len(text) <= _SHOWN_LENGTH + 3 else text[:_SHOWN_LENGTH] + "…"


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str | list | dict) else 0


def _either(names: Iterable[str]) -> str:
    known = list(names)
    return known[0] if len(known) == 1 else ", ".join(known[:-1]) + " or " + known[-1]


def _first_line(error: BaseException) -> str:
    return str(error).split("\n", 1)[0].rstrip(".")


def _sentence(text: str) -> str:
    return text if text.endswith(".") else text + "."
