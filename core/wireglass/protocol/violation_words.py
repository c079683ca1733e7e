"""Which definition of a schema a faulty value belongs to, and what its fault means, in words for people. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, cast

__all__ = ["FaultWords", "definitions_to", "message_step", "missing_words"]

_DEPTH: Final = 40
_THINGS: Final = {
    "TextContent": "A text block",
    "ImageContent": "An image block",
    "AudioContent": "An audio block",
    "ResourceLink": "A resource link",
    "EmbeddedResource": "An embedded resource",
    "TextResourceContents": "A text resource",
    "BlobResourceContents": "A binary resource",
    "Tool": "A tool",
    "Resource": "A resource",
    "ResourceTemplate": "A resource template",
    "Prompt": "A prompt",
    "PromptArgument": "A prompt argument",
    "PromptMessage": "A prompt message",
    "CallToolResult": "The result of a tool call",
    "ReadResourceResult": "The result of a reading",
    "GetPromptResult": "The result of a prompt",
}
"""What people call the definitions that servers get wrong."""
_EFFECTS: Final = {
    ("ImageContent", "mimeType"): (
        "Clients cannot tell how to draw it. Most drop the image without a word.",
        'Name its type, such as "image/png".',
    ),
    ("AudioContent", "mimeType"): (
        "Clients cannot tell how to play it. Most drop the audio without a word.",
        'Name its type, such as "audio/wav".',
    ),
    ("TextContent", "text"): ("Clients have nothing to show or to hand to the model.", 'Put the text into "text".'),
    ("Tool", "inputSchema"): (
        "Clients cannot offer the tool to a model, and some refuse the whole list.",
        'A tool without arguments has {"type": "object"}.',
    ),
}


_STEPS: Final = (
    ("Enter ", "Send "),
    ("Choose one of them and fill in all that it needs.", "Send one of them, with all that it needs."),
    ("Choose one of ", "Send one of "),
    ("Fill it in.", "Add it."),
)
"""How the advice of a form begins, and how that for a program's message does."""


class FaultWords(NamedTuple):
    """A sentence each."""

    message: str
    meaning: str
    """"" where nothing more is known than for any missing member."""
    next_step: str


def definitions_to(
    definitions: Mapping[str, Any], keyword: str, definition: str, value: Any, path: str
) -> tuple[str, ...]:
    """The names of the definitions that lead from `definition`, which describes `value`, to the place at `path` (JSON
    Pointer into the value): the last one describes the object that the place is in, or the place itself. Of
    alternatives the one is taken whose constant members are the value's; where none is, the way ends.

    `keyword` is "$defs" or "definitions"."""
    return tuple(_way(definitions, f"#/{keyword}/", definition, value, path))


def _way(definitions: Mapping[str, Any], prefix: str, definition: str, value: Any, path: str) -> Iterator[str]:
    schema: Any = {"$ref": prefix + definition}
    tokens = [one.replace("~1", "/").replace("~0", "~") for one in path.split("/")[1:]]
    for at in range(min(len(tokens), _DEPTH) + 1):
        for _ in range(_DEPTH):
            reference = schema.get("$ref") if isinstance(schema, dict) else None
            branch = _branch(definitions, prefix, schema, value)
            if isinstance(reference, str) and reference.startswith(prefix):
                name = reference.removeprefix(prefix)
                yield name
                schema = definitions.get(name)
            elif branch is not None:
                schema = branch
            else:
                break
        if at == len(tokens) or not isinstance(schema, dict):
            return
        found = _member(cast("dict[str, Any]", schema), value, tokens[at])
        if found is None:
            return
        schema, value = found


def _branch(definitions: Mapping[str, Any], prefix: str, schema: Any, value: Any) -> Any:
    if not isinstance(schema, dict) or not isinstance(value, dict):
        return None
    branches = cast("dict[str, Any]", schema).get("anyOf") or cast("dict[str, Any]", schema).get("oneOf")
    for branch in branches if isinstance(branches, list) else ():
        target = branch
        if isinstance(branch, dict) and str(branch.get("$ref", "")).startswith(prefix):
            target = definitions.get(str(branch["$ref"]).removeprefix(prefix))
        properties = target.get("properties") if isinstance(target, dict) else None
        constants = {
            name: part["const"]
            for name, part in (properties.items() if isinstance(properties, dict) else ())
            if isinstance(part, dict) and "const" in part
        }
        if constants and all(value.get(name) == constant for name, constant in constants.items()):
            return branch
    return None


def _member(schema: dict[str, Any], value: Any, token: str) -> tuple[Any, Any] | None:
    """The schema and the value of a member; None where the value has none, or nothing is said of it."""
    if isinstance(value, list) and token.isdigit() and int(token) < len(value) and "items" in schema:
        return schema["items"], value[int(token)]
    if not isinstance(value, dict) or token not in value:
        return None
    properties = schema.get("properties")
    found = properties.get(token) if isinstance(properties, dict) else None
    found = schema.get("additionalProperties") if found is None else found
    return (found, value[token]) if isinstance(found, dict) else None


def missing_words(definition: str, member: str) -> FaultWords | None:
    """What it means that an object of this definition lacks a member; None for objects that have no name of their own
    among people."""
    thing = _THINGS.get(definition)
    if thing is None:
        return None
    meaning, step = _EFFECTS.get((definition, member), ("", f'Add "{member}" to it.'))
    return FaultWords(f"{thing} has no {member}.", meaning, step)


def message_step(step: str) -> str:
    """What to do about a faulty message, from what a form would ask its user to do: "Send an object." for "Enter an
    object."."""
    for asked, sent in _STEPS:
        if step.startswith(asked):
            return sent + step.removeprefix(asked)
    return step
