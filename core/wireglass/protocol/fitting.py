"""Makes a server's results fit the version that the client speaks: newer members are left out, newer content becomes
text, and what 2026-07-28 requires is filled in. Inputs are never changed.

The tables are the "Fields by version" of the specification's changelogs; the code only walks them.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from pydantic_core import to_json

from wireglass.errors import INVALID_PARAMS, RESOURCE_NOT_FOUND, URL_ELICITATION_REQUIRED, McpError
from wireglass.protocol.messages import JsonObject, as_object, is_object
from wireglass.protocol.methods import METHODS
from wireglass.protocol.versions import LATEST_HANDSHAKE, is_stateless

__all__ = ["FIELDS", "fit_capabilities", "fit_content", "fit_error", "fit_implementation", "fit_result"]

_MARCH: Final = "2025-03-26"
_JUNE: Final = "2025-06-18"
_NOVEMBER: Final = LATEST_HANDSHAKE
_MODERN: Final = "2026-07-28"

_COMMON: Final[dict[str, tuple[str, str | None]]] = {
    "title": (_JUNE, None),
    "_meta": (_JUNE, None),
    "icons": (_NOVEMBER, None),
}
FIELDS: Final[dict[str, dict[str, tuple[str, str | None]]]] = {
    "Tool": {
        **_COMMON,
        "annotations": (_MARCH, None),
        "outputSchema": (_JUNE, None),
        "execution": (_NOVEMBER, _NOVEMBER),
    },
    "Resource": _COMMON,
    "ResourceTemplate": _COMMON,
    "Prompt": _COMMON,
    "PromptArgument": {"title": (_JUNE, None)},
    "Implementation": {
        "title": (_JUNE, None),
        "icons": (_NOVEMBER, None),
        "description": (_NOVEMBER, None),
        "websiteUrl": (_NOVEMBER, None),
    },
    "Content": {"_meta": (_JUNE, None), "icons": (_NOVEMBER, None)},
    "ResourceContents": {"_meta": (_JUNE, None)},
    "Annotations": {"lastModified": (_JUNE, None)},
    "ServerCapabilities": {
        "completions": (_MARCH, None),
        "tasks": (_NOVEMBER, _NOVEMBER),
        "extensions": (_MODERN, None),
    },
    "Result": {"resultType": (_MODERN, None), "ttlMs": (_MODERN, None), "cacheScope": (_MODERN, None)},
    "CallToolResult": {"structuredContent": (_JUNE, None)},
}
"""Kind of object to member to the first and last revision that has it. What is not listed exists in all of them."""

_BLOCKS_SINCE: Final = {"audio": _MARCH, "resource_link": _JUNE}
_WRAP_MARK: Final = "x-fastmcp-wrap-result"


def fit_result(method: str, result: JsonObject, version: str) -> JsonObject:
    """`result` of `method` as `version` knows it. At 2026-07-28 `resultType` and cache hints are filled in."""
    if is_stateless(version):
        return _complete(method, _walk(method, result, version))
    return _without(_walk(method, result, version), "Result", version)


def fit_error(error: McpError, version: str) -> McpError:
    """An error with the code that `version` uses for it: a missing resource is -32602 at 2026-07-28, -32002 before."""
    if error.code == RESOURCE_NOT_FOUND and is_stateless(version):
        return McpError(INVALID_PARAMS, error.message, error.data)
    if error.code == URL_ELICITATION_REQUIRED and version != _NOVEMBER:
        return McpError(INVALID_PARAMS, error.message, error.data)
    return error


def fit_capabilities(capabilities: JsonObject, version: str) -> JsonObject:
    """Server capabilities as `version` knows them."""
    return _without(capabilities, "ServerCapabilities", version)


def fit_content(blocks: list[Any], version: str) -> list[Any]:
    """Content blocks as `version` knows them; a kind it lacks becomes text that says what was meant."""
    if version >= _NOVEMBER:
        return blocks
    return [_block(block, version) for block in blocks]


def _complete(method: str, result: JsonObject) -> JsonObject:
    row = METHODS.get(method)
    hinted = row is not None and row.cacheable and result.get("resultType", "complete") == "complete"
    if "resultType" in result and not hinted:
        return result
    full = {"resultType": "complete", **result}
    if hinted:
        full.setdefault("ttlMs", 0)
        full.setdefault("cacheScope", "private")
    return full


# Walking the tables


@cache
def _missing(kind: str, version: str) -> frozenset[str]:
    """Members of a kind that `version` does not have."""
    return frozenset(
        name
        for name, (since, until) in FIELDS[kind].items()
        if version < since or (until is not None and version > until)
    )


def fit_implementation(info: JsonObject, version: str) -> JsonObject:
    """`clientInfo` or `serverInfo` as this version knows it."""
    return _without(info, "Implementation", version)


def _without(value: Any, kind: str, version: str) -> Any:
    missing = _missing(kind, version)
    if not missing or not is_object(value) or missing.isdisjoint(value):
        return value
    return {name: member for name, member in value.items() if name not in missing}


def _walk(method: str, result: JsonObject, version: str) -> JsonObject:
    walker = _WALKERS.get(method)
    return result if walker is None else walker(result, version)


def _each(
    key: str, kind: str, extra: Callable[[Any, str], Any] | None = None
) -> Callable[[JsonObject, str], JsonObject]:
    """A walker for a list of objects of one kind."""

    def walk(result: JsonObject, version: str) -> JsonObject:
        entries = result.get(key)
        if not isinstance(entries, list) or (not _missing(kind, version) and extra is None):
            return result
        fitted = [_without(entry, kind, version) for entry in entries]
        return {**result, key: [extra(entry, version) for entry in fitted] if extra else fitted}

    return walk


def _annotated(entry: Any, version: str) -> Any:
    if version < _JUNE and is_object(entry) and "annotations" in entry:
        return {**entry, "annotations": _without(entry["annotations"], "Annotations", version)}
    return entry


def _tool(entry: Any, version: str) -> Any:
    """Before 2026-07-28 an output schema describes an object: any other is wrapped, as its values are."""
    schema = as_object(entry).get("outputSchema")
    if version >= _MODERN or not is_object(schema) or schema.get("type") == "object":
        return entry
    wrapped: JsonObject = {"type": "object", "properties": {"result": schema}, "required": ["result"], _WRAP_MARK: True}
    if definitions := schema.get("$defs"):
        wrapped["properties"] = {"result": {k: v for k, v in schema.items() if k != "$defs"}}
        wrapped["$defs"] = definitions
    return {**entry, "outputSchema": wrapped}


def _prompt(entry: Any, version: str) -> Any:
    arguments = as_object(entry).get("arguments")
    if version < _JUNE and isinstance(arguments, list):
        return {**entry, "arguments": [_without(argument, "PromptArgument", version) for argument in arguments]}
    return entry


def _call(result: JsonObject, version: str) -> JsonObject:
    if version >= _MODERN:
        return result
    blocks, structured = result.get("content"), result.get("structuredContent")
    if version < _NOVEMBER and isinstance(blocks, list):
        result = {**result, "content": fit_content(blocks, version)}
    if structured is not None and not is_object(structured):
        result = {**result, "structuredContent": {"result": structured}}
    return _without(result, "CallToolResult", version)


def _messages(result: JsonObject, version: str) -> JsonObject:
    messages = result.get("messages")
    if version >= _NOVEMBER or not isinstance(messages, list):
        return result
    fitted = [
        {**message, "content": _block(message["content"], version)}
        if is_object(message) and "content" in message
        else message
        for message in messages
    ]
    return {**result, "messages": fitted}


def _opening(result: JsonObject, version: str) -> JsonObject:
    fitted = dict(result)
    if "serverInfo" in fitted:
        fitted["serverInfo"] = fit_implementation(fitted["serverInfo"], version)
    if "capabilities" in fitted:
        fitted["capabilities"] = fit_capabilities(fitted["capabilities"], version)
    return fitted


def _block(block: Any, version: str) -> Any:
    if not is_object(block):
        return block
    since = _BLOCKS_SINCE.get(str(block.get("type")))
    if since is not None and version < since:
        return {"type": "text", "text": _described(block)}
    block = _annotated(_without(block, "Content", version), version)
    if "resource" in block:
        return {**block, "resource": _without(block["resource"], "ResourceContents", version)}
    return block


def _described(block: JsonObject) -> str:
    if block.get("type") == "resource_link":
        name = block.get("title") or block.get("name") or "Resource"
        return f"{name}: {block.get('uri')}"
    if block.get("type") == "audio":
        return f"[audio, {block.get('mimeType', 'unknown type')}, {len(str(block.get('data', ''))) * 3 // 4} bytes]"
    return to_json(block).decode()


_WALKERS: Final[dict[str, Callable[[JsonObject, str], JsonObject]]] = {
    "initialize": _opening,
    "server/discover": _opening,
    "tools/list": _each("tools", "Tool", _tool),
    "resources/list": _each("resources", "Resource", _annotated),
    "resources/templates/list": _each("resourceTemplates", "ResourceTemplate", _annotated),
    "prompts/list": _each("prompts", "Prompt", _prompt),
    "resources/read": _each("contents", "ResourceContents"),
    "tools/call": _call,
    "prompts/get": _messages,
}
