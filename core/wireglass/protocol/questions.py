"""What a server may ask a client, and in which form: the capability each question needs, its members by version, and
how the answer to an older form is read back.

Sources: the capability tables of every revision; "Sampling" and "Elicitation", 2025-06-18 and 2025-11-25.
"""

from typing import Any, Final, cast

from wireglass.protocol.fitting import fit_content
from wireglass.protocol.messages import JsonObject, as_object, is_object
from wireglass.protocol.versions import LATEST_HANDSHAKE, is_stateless

__all__ = ["declares", "fit_answer", "fit_question", "required_capability", "unbalanced_tools"]

_ELICIT: Final = "elicitation/create"
_SAMPLE: Final = "sampling/createMessage"


def required_capability(method: str, params: JsonObject) -> JsonObject:
    """What the client must have declared to be asked this, as a capabilities object."""
    match method:
        case "elicitation/create":
            return {"elicitation": {"url": {}} if params.get("mode") == "url" else {"form": {}}}
        case "sampling/createMessage":
            return {"sampling": {"tools": {}} if params.get("tools") else {}}
        case "roots/list":
            return {"roots": {}}
        case _:
            return {}


def declares(declared: JsonObject, method: str, params: JsonObject) -> bool:
    """Whether a client that declared this may be asked."""
    for family, modes in required_capability(method, params).items():
        have = declared.get(family)
        if have is None:
            return False
        if family == "elicitation" and not have:
            have = {"form": {}}  # an empty object means form only (2025-06-18 knew nothing else)
        if any(mode not in have for mode in modes):
            return False
    return True


def fit_question(method: str, params: JsonObject, version: str) -> JsonObject:
    """The params of a question as `version` knows them. Unchanged params come back as they are."""
    if is_stateless(version):
        # The retry tells when a page was visited; the id went with the notification that named it.
        return _without(params, "elicitationId", "task") if method == _ELICIT else params
    if version >= LATEST_HANDSHAKE:
        return params
    if method == _ELICIT:
        return _older_form(params)
    return _older_sampling(params, version) if method == _SAMPLE else params


def fit_answer(method: str, asked: JsonObject, answer: JsonObject, version: str) -> JsonObject:
    """The answer to `fit_question`, as the author of the question expects it: a choice that could only be asked for
    singly is a list again."""
    if method != _ELICIT or is_stateless(version) or version >= LATEST_HANDSHAKE:
        return answer
    content, properties = answer.get("content"), as_object(as_object(asked.get("requestedSchema")).get("properties"))
    if not is_object(content) or not any(_is_many(field) for field in properties.values()):
        return answer
    listed = {
        name: [value] if _is_many(properties.get(name)) and isinstance(value, str) else value
        for name, value in content.items()
    }
    return {**answer, "content": listed}


def unbalanced_tools(messages: Any) -> str | None:
    """What is wrong with the tool calls in sampling messages (2025-11-25 on), in words; None when nothing is.

    A user message with results holds nothing else, and answers each call of the assistant message before it.
    """
    open_calls: set[Any] = set()
    for message in cast("list[Any]", messages) if isinstance(messages, list) else []:
        content = as_object(message).get("content")
        blocks = [
            as_object(block) for block in (cast("list[Any]", content) if isinstance(content, list) else [content])
        ]
        answered = {block.get("toolUseId") for block in blocks if block.get("type") == "tool_result"}
        if answered and any(block.get("type") != "tool_result" for block in blocks):
            return "A message with tool results holds nothing else."
        if answered != open_calls:
            return "Each tool call is answered in the next message, and nothing else is."
        called = as_object(message).get("role") == "assistant"
        open_calls = {block.get("id") for block in blocks if block.get("type") == "tool_use"} if called else set()
    return None  # calls of the last message are still to be answered


def _without(params: JsonObject, *names: str) -> JsonObject:
    return {key: value for key, value in params.items() if key not in names} if params.keys() & {*names} else params


# 2025-06-18: strings, numbers, booleans and single choices, and a default only for booleans


def _older_form(params: JsonObject) -> JsonObject:
    plain = _without(params, "mode", "elicitationId", "task", "_meta")
    schema = as_object(plain.get("requestedSchema"))
    properties = schema.get("properties")
    if not is_object(properties):
        return plain
    fields = {name: _older_field(field) for name, field in properties.items()}
    return {**plain, "requestedSchema": {**schema, "properties": fields}}


def _older_field(field: Any) -> Any:
    if not is_object(field):
        return field
    kept = dict(field)
    if field.get("type") != "boolean":
        kept.pop("default", None)
    if _is_many(field):
        items = as_object(field.get("items"))
        for name in ("items", "minItems", "maxItems", "uniqueItems"):
            kept.pop(name, None)
        return {**kept, "type": "string", **_older_choices(items)}
    return {**_without(kept, "oneOf", "anyOf"), **_older_choices(field)} if "oneOf" in field else kept


def _older_choices(field: JsonObject) -> JsonObject:
    titled = field.get("oneOf") or field.get("anyOf")
    if not isinstance(titled, list):
        return {"enum": field["enum"]} if "enum" in field else {}
    choices = [as_object(choice) for choice in cast("list[Any]", titled)]
    values = [choice.get("const") for choice in choices]
    return {"enum": values, "enumNames": [choice.get("title", choice.get("const")) for choice in choices]}


def _is_many(field: Any) -> bool:
    return as_object(field).get("type") == "array"


# Before 2025-11-25: one block a message, no tools


def _older_sampling(params: JsonObject, version: str) -> JsonObject:
    plain = _without(params, "tools", "toolChoice", "task", "_meta")
    messages = plain.get("messages")
    if not isinstance(messages, list):
        return plain
    fitted: list[Any] = []
    for message in cast("list[Any]", messages):
        content = as_object(message).get("content")
        blocks = cast("list[Any]", content) if isinstance(content, list) else [content]
        role = as_object(message).get("role")
        fitted += [{"role": role, "content": block} for block in fit_content(blocks, version)]
    return {**plain, "messages": fitted}
