"""What a JSON Schema validator objects to, in words for people: place, rule, sentence, next step.

Words only: the validator (jsonschema-rs) is the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from pydantic_core import to_json

from wireglass.protocol.schema_refs import pointer_join

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

__all__ = ["Verdict", "address_verdicts", "first_line", "missing_verdict", "shown", "verdicts_of"]

_SHOWN_LENGTH: Final = 60


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


def verdicts_of(errors: Iterable[ValidationError]) -> Iterator[Verdict]:
    """What errors of jsonschema-rs say, in plain words; an error of alternatives becomes those of the meant one."""
    for error in errors:
        yield from _verdict(error)


def missing_verdict(path: str, name: str) -> Verdict:
    """That the object at `path` lacks a member."""
    return Verdict(pointer_join(path, name), f"{shown(name)} is missing.", "required", "Fill it in.")


def address_verdicts(schema: Any, value: Any) -> Iterator[Verdict]:
    """E-mail addresses among the fields of a flat object whose domain is a single word.

    JSON Schema's "email" follows the grammar of RFC 5321 section 4.1.2, which takes `desk@parcel`; section 2.3.5 of
    the same RFC says that such local nicknames must not be used in mail. What people fill in is held to that.
    """
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict) or not isinstance(value, dict):
        return
    for name, part in cast("dict[str, Any]", properties).items():
        text = cast("dict[str, Any]", value).get(name)
        if not isinstance(part, dict) or part.get("format") != "email" or not isinstance(text, str):
            continue
        user, at, domain = text.rpartition("@")
        if user and at and domain and "." not in domain.strip(".") and not domain.startswith("["):
            message = "This is not a complete address: add a domain such as .example"
            yield Verdict(pointer_join("", name), message, "format", "Write it like name@example.org.")


def _verdict(error: ValidationError) -> Iterator[Verdict]:
    facts = error.kind.as_dict()
    keyword = error.kind.name
    path = pointer_join("", *error.instance_path)
    match keyword:
        case "required":
            yield missing_verdict(path, str(facts["property"]))
        case "additionalProperties" | "unevaluatedProperties":
            for name in facts.get("unexpected", ()):
                message = f"{shown(str(name))} is not a known member."
                yield Verdict(pointer_join(path, str(name)), message, keyword, "Remove it or correct its name.")
        case "anyOf" | "oneOf" if facts.get("context"):
            yield from _of_alternatives(error, facts["context"], path, keyword)
        case _:
            words = _WORDS.get(keyword)
            message, step = words(facts, error.instance) if words else (_sentence(first_line(error)), "")
            yield Verdict(path, message, keyword, step)


def _of_alternatives(
    error: ValidationError, context: list[list[ValidationError]], path: str, keyword: str
) -> Iterator[Verdict]:
    """Names what is wrong with the alternative that was meant; when none stands out, says that none fits."""
    depth = len(error.instance_path)
    meant = _meant([errors for errors in context if not _is_other_type(errors, depth)], depth)
    if meant is not None:
        yield from verdicts_of(meant)
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


def _meant(possible: list[list[ValidationError]], depth: int) -> list[ValidationError] | None:
    """The one alternative that fits best: the only possible one, or the only one that fails further inside."""
    if len(possible) == 1:
        return possible[0]
    inside = [errors for errors in possible if any(len(error.instance_path) > depth for error in errors)]
    return inside[0] if len(inside) == 1 else None


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
_NO_ZONE: Final = re.compile(r"(\d{4}-\d\d-\d\d[Tt ])?\d\d:\d\d(:\d\d(\.\d+)?)?")
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
    "uri-reference": ("an address or a part of one", "/items/1"),
    "byte": ("base64", "SGVsbG8="),
    "uri-template": ("a URI template", "https://example.org/{id}"),
}


def _type(facts: dict[str, Any], value: Any) -> tuple[str, str]:
    wanted = _types(facts)
    return f"This is {_described(value)}; {wanted} is needed.", f"Enter {wanted}."


def _types(facts: dict[str, Any]) -> str:
    return _either(_TYPE_WORDS.get(name, str(name)) for name in facts["types"])


def _format(facts: dict[str, Any], value: Any) -> tuple[str, str]:
    if facts["format"] in ("date-time", "time") and isinstance(value, str) and _NO_ZONE.fullmatch(value):
        # What a naive datetime is written as; the commonest surprise of all formats.
        step = "Add Z, or an offset such as +02:00. In Python: datetime.now(timezone.utc)."
        return f"{shown(value)} has no time zone, and the format {facts['format']} needs one.", step
    name, example = _FORMAT_WORDS.get(facts["format"], (f"a valid {facts['format']}", ""))
    return f"{shown(value)} is not {name}.", f"Write it like {example}." if example else f"Enter {name}."


def _enum(facts: dict[str, Any], value: Any) -> tuple[str, str]:
    options = facts["options"]
    listed = ", ".join(shown(option) for option in options[:8]) + (", ..." if len(options) > 8 else "")
    return f"{shown(value)} is not one of the allowed values.", f"Choose one of {listed}."


def _const(facts: dict[str, Any], value: Any) -> tuple[str, str]:
    wanted = shown(facts["expected_value"])
    return f"This is {shown(value)}; it must be {wanted}.", f"Set it to {wanted}."


def _bound(wording: str, advice: str) -> Callable[[dict[str, Any], Any], tuple[str, str]]:
    def words(facts: dict[str, Any], value: Any) -> tuple[str, str]:
        given = {"limit": shown(facts.get("limit")), "shown": shown(value), "size": _size(value)}
        return wording.format(**given), advice.format(**given)

    return words


def _multiple(facts: dict[str, Any], value: Any) -> tuple[str, str]:
    unit = shown(facts["multiple_of"])
    return f"{shown(value)} is not a multiple of {unit}.", f"Enter a multiple of {unit}."


def _pattern(facts: dict[str, Any], value: Any) -> tuple[str, str]:
    if "pattern" not in facts:  # the engine gave up: a pattern that backtracks without end, or is invalid
        return "The pattern of the schema takes too long on this text.", "Shorten the text, or correct the pattern."
    return f"{shown(value)} does not match the pattern {facts['pattern']}", "Write it in the form of the pattern."


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
            return f"the text {shown(value)}"
        case bool() | None:
            return shown(value)
        case int() | float():
            return f"the number {shown(value)}"
        case list() | tuple():
            return "a list"
        case _:
            return "an object"


def shown(value: Any) -> str:
    """A value as short JSON for a sentence."""
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


def first_line(error: BaseException) -> str:
    """The first line of an exception's text, without its full stop."""
    return str(error).split("\n", 1)[0].rstrip(".")


def _sentence(text: str) -> str:
    return text if text.endswith(".") else text + "."
