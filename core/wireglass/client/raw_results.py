"""Results as they were received, which also answer to attributes: `raw["nextCursor"]` and `raw.next_cursor`."""

from collections.abc import Callable
from functools import cache
from typing import Any

from wireglass.protocol.messages import JsonObject

__all__ = ["RawResult"]

# Members that every result may have, so that asking for an absent one gives None and not an error.
_OPTIONAL = frozenset(
    {"_meta", "nextCursor", "instructions", "description", "structuredContent", "ttlMs", "cacheScope", "requestState"}
    | {"inputRequests", "resultType", "total", "hasMore", "serverInfo", "supportedVersions", "protocolVersion"}
)


class RawResult(dict[str, Any]):
    """A JSON object. Attributes read its members in either spelling; known ones come as models."""

    def __getattr__(self, name: str) -> Any:
        key = "_meta" if name == "meta" else _camel(name) if "_" in name.strip("_") else name
        if key not in self:
            if key == "isError":
                return False
            if key in _OPTIONAL:
                return None
            raise AttributeError(f"The result has no member {key!r}.")
        read = _readers().get(key)
        value = self[key]
        if read is None or value is None:
            return value
        return [read(item) for item in value] if isinstance(value, list) else read(value)

    def model_dump(self, **_: Any) -> JsonObject:
        """The plain JSON object."""
        return dict(self)


def _camel(name: str) -> str:
    from pydantic.alias_generators import to_camel  # the models' own spelling

    return to_camel(name)


@cache
def _readers() -> dict[str, Callable[[Any], Any]]:
    from wireglass.protocol.completion import Completion
    from wireglass.protocol.content import parse_block, parse_resource_contents
    from wireglass.protocol.lifecycle import Implementation, ServerCapabilities
    from wireglass.protocol.prompts import Prompt, PromptMessage
    from wireglass.protocol.resources import Resource, ResourceTemplate
    from wireglass.protocol.tools import Tool

    return {
        "tools": Tool.read,
        "resources": Resource.read,
        "resourceTemplates": ResourceTemplate.read,
        "prompts": Prompt.read,
        "messages": PromptMessage.read,
        "content": parse_block,
        "contents": parse_resource_contents,
        "completion": Completion.read,
        "serverInfo": Implementation.read,
        "capabilities": ServerCapabilities.read,
    }
